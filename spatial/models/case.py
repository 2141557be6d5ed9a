"""Case and Step: a land-use change on its way between departments, and what was done on it, by whom and when."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.contrib.gis.db import models
from django.contrib.postgres.fields import ArrayField

from spatial.models.check import CheckRun
from spatial.models.release import STORAGE_SRID


class Case(models.Model):
    """A change of use, take-back, transfer or plan that the land office announces (用途变更事项).

    `latest`: the newest check of its parcel. `flagged`: the data changed so that this check is no longer true, and
    nobody has taken note of it yet. What it is was said once; all that happens to it is a Step.
    """

    class Kind(models.TextChoices):
        USE_CHANGE = "use_change", "变更用途"
        TAKE_BACK = "take_back", "收回土地"
        TRANSFER = "transfer", "转让土地"
        PLAN = "plan", "规划涉及"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    number = models.CharField("编号", max_length=40, unique=True)
    kind = models.CharField("种类", max_length=12, choices=Kind.choices)
    title = models.CharField("事项", max_length=300)
    counties = ArrayField(models.CharField(max_length=6), verbose_name="县市")
    parcel = models.MultiPolygonField("地块", srid=STORAGE_SRID)
    asked = models.JSONField("核查请求")
    latest = models.ForeignKey(CheckRun, models.PROTECT, related_name="+", verbose_name="最近一次核查")
    is_open = models.BooleanField("办理中", default=True)
    flagged = models.BooleanField("结论有变", default=False)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, verbose_name="发起人")
    at = models.DateTimeField("发起时间", auto_now_add=True)
    followers = models.ManyToManyField(settings.AUTH_USER_MODEL, related_name="+", verbose_name="关注的人")

    class Meta:
        verbose_name = verbose_name_plural = "用途变更事项"
        ordering = ["-at"]
        indexes = [
            models.Index(fields=["latest"], name="open_case_by_check", condition=models.Q(is_open=True))
        ]

    def __str__(self) -> str:
        return f"{self.number} {self.title}"


class Step(models.Model):
    """One thing done on a case, a manifest or an inspection; only ever added. `subject`: which of them, and its key."""

    subject = models.CharField("所属", max_length=12)
    key = models.CharField("所属编号", max_length=40)
    number = models.IntegerField("序号")
    kind = models.CharField("种类", max_length=16)
    at = models.DateTimeField("时间", auto_now_add=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, verbose_name="办理人")
    note = models.CharField("说明", max_length=2000, blank=True)
    detail = models.JSONField("细节", default=dict)

    class Meta:
        verbose_name = verbose_name_plural = "办理记录"
        ordering = ["subject", "key", "number"]
        constraints = [models.UniqueConstraint(name="step_once", fields=["subject", "key", "number"])]

    def __str__(self) -> str:
        return f"{self.key} {self.number} {self.kind}"


class Receipt(models.Model):
    """That a person saw a case as it was after a step, and when (回执)."""

    case = models.ForeignKey(Case, models.CASCADE, related_name="receipts", verbose_name="事项")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, verbose_name="查看人")
    step = models.IntegerField("看到第几步")
    at = models.DateTimeField("时间", auto_now_add=True)

    class Meta:
        verbose_name = verbose_name_plural = "回执"
        ordering = ["pk"]
        constraints = [models.UniqueConstraint(name="receipt_once", fields=["case", "by", "step"])]

    def __str__(self) -> str:
        return f"{self.case_id} {self.step}"


class Message(models.Model):
    """What a person is told, in the page and, where he has an address, by mail."""

    to = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="messages", verbose_name="收件人"
    )
    case = models.ForeignKey(Case, models.CASCADE, related_name="messages", verbose_name="事项")
    text = models.CharField("内容", max_length=1000)
    at = models.DateTimeField("时间", auto_now_add=True)
    read_at = models.DateTimeField("读过", null=True, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "消息"
        ordering = ["-pk"]

    def __str__(self) -> str:
        return self.text


class Delivery(models.Model):
    """A message on its way out of the system: by mail or to a webhook; tried again until it has gone."""

    class Channel(models.TextChoices):
        MAIL = "mail", "邮件"
        WEBHOOK = "webhook", "推送"

    channel = models.CharField("方式", max_length=8, choices=Channel.choices)
    target = models.CharField("发往", max_length=500)
    payload = models.JSONField("内容")
    at = models.DateTimeField("时间", auto_now_add=True)
    tries = models.IntegerField("已试", default=0)
    failure = models.CharField("没有送到的原因", max_length=500, blank=True)
    done_at = models.DateTimeField("送到时间", null=True, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "送出的消息"
        ordering = ["-pk"]

    def __str__(self) -> str:
        return f"{self.channel} {self.target}"
