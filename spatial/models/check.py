"""CheckRun: an answer as it was given, never computed again."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.contrib.gis.db import models

from spatial.models.release import STORAGE_SRID


class CheckRun(models.Model):
    """One parcel, one action, one day, one answer (核查)."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    number = models.CharField("编号", max_length=40, unique=True)
    checked_at = models.DateTimeField("核查时间")
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, verbose_name="核查人"
    )
    counties = models.JSONField("县市", default=list)
    parcel = models.MultiPolygonField("地块", srid=STORAGE_SRID)
    as_of = models.DateField("所问日期")
    revision = models.IntegerField("数据版本")
    verdict = models.CharField("结论", max_length=24)
    complete = models.BooleanField("完整")
    purpose = models.CharField("来文", max_length=300, blank=True)
    request = models.JSONField("请求")
    answer = models.JSONField("答复")
    follows = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="+", verbose_name="复查自"
    )
    fingerprint = models.CharField("指纹", max_length=80, db_index=True)

    class Meta:
        verbose_name = verbose_name_plural = "核查记录"
        ordering = ["-checked_at"]

    def __str__(self) -> str:
        return self.number
