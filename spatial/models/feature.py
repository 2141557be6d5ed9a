"""Site (identity) and Feature (what a layer says about a place, for a time): one table under every layer."""

from __future__ import annotations

from django.contrib.gis.db import models

from spatial.models.fields import IntMultiRangeField
from spatial.models.release import STORAGE_SRID, Load

ONCE_LIVE = ~models.Q(revisions="{}")
"""Rows that wait beside the live data are looked for by their load alone, and burden no other index."""


class Site(models.Model):
    """A place that is managed (地块): it never moves, changes its boundary or its lists; features point to it."""

    code = models.CharField("地块编码", max_length=80, unique=True)
    name = models.CharField("名称", max_length=200, blank=True)
    county = models.CharField("县市", max_length=6, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "地块"
        ordering = ["code"]

    def __str__(self) -> str:
        return f"{self.code} {self.name}".strip()


class Feature(models.Model):
    """One version of one feature of one stored layer.

    `geom` is EPSG:4490, longitude before latitude: MultiPolygon, MultiLineString or Point, guarded by CHECK
    constraints of the migration (valid, finite, not empty, inside the area of use of 4490). An entry of a
    register may have a point or nothing at all: then `has_boundary` is false and the entry still counts.

    Where it came from: `load`, the number of the file in it (`file`, from 1) and the row there; or `event`, by which a
    person changed it. `content`: SHA-256 of all that it says; a load has each content once.

    The database keeps a column `sought` beside these, what is searched of a row that is or was live (migration 0017).
    """

    id = models.BigAutoField(primary_key=True)
    layer = models.CharField("图层", max_length=80)
    key = models.CharField("标识", max_length=200)
    code = models.CharField("编码", max_length=200, null=True, blank=True)
    name = models.CharField("名称", max_length=300, null=True, blank=True)
    county = models.CharField("县市", max_length=6, null=True, blank=True)
    geom = models.GeometryField("图形", srid=STORAGE_SRID, null=True, blank=True, spatial_index=False)
    has_boundary = models.BooleanField("有边界", default=True)
    attributes = models.JSONField("属性", default=dict)
    valid_from = models.DateField("生效", null=True, blank=True)
    valid_to = models.DateField("失效", null=True, blank=True)
    revisions = IntMultiRangeField()
    content = models.BinaryField("内容指纹")
    # A foreign key would look up the load of each new row; instead no load is deleted that rows point to (0007).
    load = models.ForeignKey(
        Load,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="features",
        verbose_name="装入",
        db_index=False,
        db_constraint=False,
    )
    event = models.ForeignKey(
        "spatial.SiteEvent",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="features",
        verbose_name="变动",
        db_index=False,
        db_constraint=False,
    )
    file = models.SmallIntegerField("第几个文件", default=1)
    row = models.IntegerField("文件行")
    site = models.ForeignKey(
        Site, models.PROTECT, null=True, blank=True, related_name="features", db_index=False
    )

    class Meta:
        verbose_name = verbose_name_plural = "要素"
        indexes = [
            models.Index(fields=["layer", "key"], name="feature_by_key", condition=ONCE_LIVE),
            models.Index(fields=["layer", "county"], name="feature_by_county", condition=ONCE_LIVE),
            models.Index(fields=["site"], name="feature_by_site", condition=models.Q(site__isnull=False)),
        ]
        constraints = [
            models.UniqueConstraint(name="feature_once_a_load", fields=["load", "content"]),
            models.CheckConstraint(
                name="feature_has_a_source",
                condition=models.Q(load__isnull=False) | models.Q(event__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.layer} {self.name or self.key}"
