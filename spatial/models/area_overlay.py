"""AreaOverlay: a planner's overlay as it was made, never computed again."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.contrib.gis.db import models
from django.contrib.postgres.fields import ArrayField

from spatial.models.release import STORAGE_SRID


class AreaOverlay(models.Model):
    """One area, the layers laid on it, one revision, one result (叠加分析).

    `shown`: layer → counties whose rows the result shows; it is seen by who may see them all. `job`: the job that made
    it, by which one that is begun again finds what it has made.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    number = models.CharField("编号", max_length=40, unique=True)
    made_at = models.DateTimeField("完成时间")
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, verbose_name="提出人"
    )
    job = models.UUIDField("后台任务", null=True, blank=True, unique=True)
    title = models.CharField("名称", max_length=500)
    counties = ArrayField(models.CharField(max_length=6), verbose_name="县市", default=list)
    shown = models.JSONField("显示的图层", default=dict)
    as_of = models.DateField("所问日期")
    revision = models.IntegerField("数据版本")
    verdict = models.CharField("结论", max_length=24)
    complete = models.BooleanField("完整")
    answer = models.JSONField("结果")
    fingerprint = models.CharField("指纹", max_length=80, db_index=True)

    class Meta:
        verbose_name = verbose_name_plural = "叠加分析"
        ordering = ["-made_at"]

    def __str__(self) -> str:
        return self.number


class OverlayShape(models.Model):
    """One shape of a result: a plot, a piece of ground that is counted once, a feature's part in a plot.

    `side`: 0, or 1 for what it is compared with. `order`: its place in the result.
    """

    overlay = models.ForeignKey(AreaOverlay, models.CASCADE, related_name="shapes")
    side = models.SmallIntegerField("方案")
    order = models.IntegerField("次序")
    kind = models.CharField("种类", max_length=12)
    layer = models.CharField("图层", max_length=80, blank=True)
    told = models.JSONField("属性")
    geom = models.GeometryField("图形", srid=STORAGE_SRID, spatial_index=False)

    class Meta:
        verbose_name = verbose_name_plural = "叠加分析的图形"
        constraints = [models.UniqueConstraint(fields=["overlay", "order"], name="overlay_shape_once")]

    def __str__(self) -> str:
        return f"{self.overlay_id} {self.order}"
