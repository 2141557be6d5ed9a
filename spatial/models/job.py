"""Job: work that goes on after its request was answered, with its progress and what came of it."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models


class Job(models.Model):
    """One piece of work (后台任务). `given`: what is asked, as JSON; `result`, `failure`: how it ended.

    `layer` and `counties` are what it is about, for rights. The queue that hands it to a worker is api.jobs' own.
    """

    class Kind(models.TextChoices):
        LOAD = "load", "装入"
        CHECKS = "checks", "批量核查"
        RECHECK = "recheck", "复查"
        DELIVER = "deliver", "发送消息"
        DRAW = "draw", "绘制"
        PAPERS = "papers", "出具报告"
        OVERLAY = "overlay", "叠加分析"
        PACKAGE = "package", "离线包"

    class State(models.TextChoices):
        QUEUED = "queued", "等待"
        RUNNING = "running", "进行中"
        DONE = "done", "完成"
        FAILED = "failed", "没有完成"
        CANCELLED = "cancelled", "已取消"

    ENDED = frozenset({"done", "failed", "cancelled"})

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    kind = models.CharField("种类", max_length=12, choices=Kind.choices)
    title = models.CharField("名称", max_length=500)
    layer = models.CharField("图层", max_length=80, blank=True)
    counties = ArrayField(models.CharField(max_length=6), verbose_name="县市", default=list)
    given = models.JSONField("请求", default=dict)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True)
    state = models.CharField("状态", max_length=12, choices=State.choices, default=State.QUEUED)
    stage = models.CharField("阶段", max_length=40, blank=True)
    done = models.BigIntegerField("已处理", default=0)
    total = models.BigIntegerField("总数", null=True, blank=True)
    cancel_asked = models.BooleanField("要求取消", default=False)
    starts = models.IntegerField("开始次数", default=0)
    queue_number = models.BigIntegerField(null=True, blank=True)
    result = models.JSONField("结果", null=True, blank=True)
    failure = models.JSONField("原因", null=True, blank=True)
    created_at = models.DateTimeField("提交时间", auto_now_add=True)
    started_at = models.DateTimeField("开始时间", null=True, blank=True)
    ended_at = models.DateTimeField("结束时间", null=True, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "后台任务"
        ordering = ["-created_at"]
        indexes = [models.Index(fields=["state"])]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.title}"
