"""What tiles stand on: Drawing, a feature's shape as they draw it; LayerVersion, when a layer changed last."""

from __future__ import annotations

from django.contrib.gis.db import models

from spatial.models.feature import Feature


class Drawing(models.Model):
    """What `tiles.drawing.drawn` makes of a feature's shape; a feature without one is drawn from its stored shape.

    Layer and county are the feature's, so that the database can say who may read it without asking for the feature.
    """

    feature = models.OneToOneField(
        Feature,
        models.CASCADE,
        primary_key=True,
        related_name="drawing",
        verbose_name="要素",
        db_constraint=False,
    )
    layer = models.CharField("图层", max_length=80)
    county = models.CharField("县市", max_length=6, null=True)
    spot = models.GeometryField(srid=0, spatial_index=False)
    span = models.FloatField()
    band_4 = models.GeometryField(srid=0, spatial_index=False, null=True)
    band_7 = models.GeometryField(srid=0, spatial_index=False, null=True)
    band_10 = models.GeometryField(srid=0, spatial_index=False, null=True)
    band_13 = models.GeometryField(srid=0, spatial_index=False, null=True)

    class Meta:
        verbose_name = verbose_name_plural = "绘制图形"

    def __str__(self) -> str:
        return str(self.pk)


class LayerVersion(models.Model):
    """The newest revision in which a row of a stored layer began or ended; a layer without one never had any."""

    layer = models.CharField("图层", max_length=80, primary_key=True)
    revision = models.IntegerField("数据版本")

    class Meta:
        verbose_name = verbose_name_plural = "图层版本"

    def __str__(self) -> str:
        return f"{self.layer} {self.revision}"
