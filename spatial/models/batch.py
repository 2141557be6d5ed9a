"""Batch: many parcels asked as one, so that a run that was cut short goes on where it stopped."""

from __future__ import annotations

import uuid

from django.db import models

from spatial.models.check import CheckRun


class Batch(models.Model):
    """One file of parcels, one question, one day, one revision (批量核查). `key`: the same asked again is the same."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    key = models.CharField("指纹", max_length=80, unique=True)
    file_name = models.CharField("文件", max_length=500)
    as_of = models.DateField("所问日期")
    revision = models.IntegerField("数据版本")
    started_at = models.DateTimeField("开始时间", auto_now_add=True)
    ended_at = models.DateTimeField("结束时间", null=True, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "批量核查"
        ordering = ["-started_at"]

    def __str__(self) -> str:
        return self.file_name


class BatchParcel(models.Model):
    """What became of one parcel of a batch: an answer, or the issues that kept it from one."""

    batch = models.ForeignKey(Batch, models.CASCADE, related_name="parcels")
    place = models.IntegerField("次序")
    row = models.IntegerField("行")
    parcel_no = models.CharField("地块编号", max_length=500, blank=True)
    check_run = models.ForeignKey(CheckRun, models.PROTECT, null=True, blank=True)
    issues = models.JSONField("问题", default=list)

    class Meta:
        verbose_name = verbose_name_plural = "批量核查的地块"
        constraints = [models.UniqueConstraint(fields=["batch", "place"], name="batch_place_once")]

    def __str__(self) -> str:
        return f"{self.batch_id} {self.place}"
