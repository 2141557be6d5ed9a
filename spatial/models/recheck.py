"""Recheck and VerdictChange: earlier answers asked again, and which of them came out differently."""

from __future__ import annotations

from django.conf import settings
from django.db import models

from spatial.models.check import CheckRun
from spatial.models.job import Job


class Recheck(models.Model):
    """One asking again (复查): what changed after the revision `since`, on the data of `revision`."""

    at = models.DateTimeField("时间", auto_now_add=True)
    since = models.IntegerField("自数据版本")
    revision = models.IntegerField("数据版本")
    everything = models.BooleanField("全部重问", default=False)
    asked = models.IntegerField("重问的核查", default=0)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True)
    job = models.OneToOneField(Job, models.PROTECT, null=True, blank=True, related_name="recheck")

    class Meta:
        verbose_name = verbose_name_plural = "复查"
        ordering = ["-pk"]

    def __str__(self) -> str:
        return f"{self.since}–{self.revision}"


class VerdictChange(models.Model):
    """An answer that is no longer given so (结论变化). `causes`: what of the data differs, as JSON.

    `new` is none where the parcel can no longer be judged: then `failure` says why.
    """

    recheck = models.ForeignKey(Recheck, models.PROTECT, related_name="changes", verbose_name="复查")
    old = models.ForeignKey(CheckRun, models.PROTECT, related_name="changes", verbose_name="原核查")
    new = models.ForeignKey(
        CheckRun, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="新核查"
    )
    causes = models.JSONField("原因", default=list)
    failure = models.CharField("不能判断的原因", max_length=500, blank=True)
    at = models.DateTimeField("时间", auto_now_add=True)

    class Meta:
        verbose_name = verbose_name_plural = "结论变化"
        ordering = ["-pk"]

    def __str__(self) -> str:
        return f"{self.old} → {self.new or self.failure}"
