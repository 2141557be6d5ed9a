"""SiteEvent, Notice, SiteCode, Attachment: what happens to a site, only ever added."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.contrib.gis.db import models

from spatial.models.feature import Site
from spatial.models.release import STORAGE_SRID, Revision


class SiteCode(models.Model):
    """A code under which a site is or was known; a delivery that uses an old one means the same site."""

    code = models.CharField("编码", max_length=80, primary_key=True)
    site = models.ForeignKey(Site, models.PROTECT, related_name="codes", verbose_name="地块")

    class Meta:
        verbose_name = verbose_name_plural = "地块编码"

    def __str__(self) -> str:
        return self.code


class Notice(models.Model):
    """A numbered, dated publication about a list (公告): who enters, who leaves. `withdraws`: the one that it ends."""

    layer = models.CharField("名录", max_length=80)
    number = models.CharField("文号", max_length=120, unique=True)
    date = models.DateField("日期")
    title = models.CharField("标题", max_length=300)
    withdraws = models.OneToOneField(
        "self", models.PROTECT, null=True, blank=True, related_name="withdrawn_by", verbose_name="撤回"
    )
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, verbose_name="登记人")
    revision = models.ForeignKey(Revision, models.PROTECT, related_name="notices", verbose_name="数据版本")

    class Meta:
        verbose_name = verbose_name_plural = "公告"
        ordering = ["-date", "-pk"]

    def __str__(self) -> str:
        return self.number


class SiteEvent(models.Model):
    """One thing that happened to a site: when it took effect (`on`), and when it was recorded (the time of `revision`).

    `number` counts the site's own events from 1: who adds one says which was the last that he saw. `what` is a move, a
    list, a restriction, a land use or a code, by `kind` (spatial.registers.replay.KINDS). `corrects`: the event whose
    place it takes. `origin`: the stage that the site was found in.
    """

    site = models.ForeignKey(Site, models.PROTECT, related_name="events", verbose_name="地块")
    number = models.IntegerField("序号")
    kind = models.CharField("种类", max_length=12)
    what = models.CharField("内容", max_length=120)
    on = models.DateField("生效日期")
    revision = models.ForeignKey(Revision, models.PROTECT, related_name="events", verbose_name="数据版本")
    actor = models.CharField("行为主体", max_length=40)
    document_number = models.CharField("文号", max_length=120)
    document_date = models.DateField("文件日期")
    note = models.CharField("说明", max_length=2000, blank=True)
    detail = models.JSONField("细节", default=dict)
    geom = models.GeometryField("图形", srid=STORAGE_SRID, null=True, blank=True, spatial_index=False)
    origin = models.CharField("原阶段", max_length=4)
    corrects = models.OneToOneField(
        "self", models.PROTECT, null=True, blank=True, related_name="corrected_by", verbose_name="更正"
    )
    notice = models.ForeignKey(
        Notice, models.PROTECT, null=True, blank=True, related_name="events", verbose_name="公告"
    )
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, verbose_name="登记人")

    class Meta:
        verbose_name = verbose_name_plural = "地块变动"
        ordering = ["site", "number"]
        constraints = [models.UniqueConstraint(name="site_event_once", fields=["site", "number"])]

    def __str__(self) -> str:
        return f"{self.site} {self.number}"


class Attachment(models.Model):
    """A file beside a site, a case, a manifest or an inspection; the bytes lie under JINGTU_HOME by their SHA-256."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    subject = models.CharField("所属", max_length=12)
    key = models.CharField("所属编号", max_length=100)
    name = models.CharField("文件名", max_length=200)
    media_type = models.CharField("类型", max_length=100)
    size = models.BigIntegerField("字节")
    sha256 = models.CharField("指纹", max_length=64)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, verbose_name="上传人")
    at = models.DateTimeField("时间", auto_now_add=True)

    class Meta:
        verbose_name = verbose_name_plural = "附件"
        indexes = [models.Index(fields=["subject", "key"], name="attachment_of")]

    def __str__(self) -> str:
        return self.name


class Handled(models.Model):
    """That a request with a key of its own was handled, and what was answered: sent again, it does nothing again."""

    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT)
    key = models.CharField(max_length=120)
    digest = models.CharField(max_length=64)
    answer = models.JSONField(null=True)
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [models.UniqueConstraint(name="handled_once", fields=["by", "key"])]

    def __str__(self) -> str:
        return self.key
