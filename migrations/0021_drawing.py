"""Shapes as tiles draw them, beside the features: made after them, and never needed for what is right."""

from django.contrib.gis.db import models as gis
from django.db import migrations, models

POLICY = """
ALTER TABLE spatial_drawing ENABLE ROW LEVEL SECURITY;
CREATE POLICY seen ON spatial_drawing FOR SELECT TO jingtu_reader USING (
  layer = ANY ((SELECT spatial_layers_whole())::text[])
  OR (layer = ANY ((SELECT spatial_layers_own())::text[]) AND county = ANY ((SELECT spatial_counties())::text[]))
  OR layer || ' ' || county = ANY ((SELECT spatial_layers_open())::text[]));
GRANT SELECT ON spatial_drawing TO jingtu_reader
"""
NO_POLICY = "REVOKE SELECT ON spatial_drawing FROM jingtu_reader; DROP POLICY seen ON spatial_drawing"
BANDS = ("band_4", "band_7", "band_10", "band_13")


class Migration(migrations.Migration):
    dependencies = [("spatial", "0020_wall_mended")]
    operations = [
        migrations.CreateModel(
            name="Drawing",
            fields=[
                (
                    "feature",
                    models.OneToOneField(
                        db_constraint=False,
                        on_delete=models.deletion.CASCADE,
                        primary_key=True,
                        related_name="drawing",
                        serialize=False,
                        to="spatial.feature",
                        verbose_name="要素",
                    ),
                ),
                ("layer", models.CharField(max_length=80, verbose_name="图层")),
                ("county", models.CharField(max_length=6, null=True, verbose_name="县市")),
                ("spot", gis.GeometryField(spatial_index=False, srid=0)),
                ("span", models.FloatField()),
                *((name, gis.GeometryField(null=True, spatial_index=False, srid=0)) for name in BANDS),
            ],
            options={"verbose_name": "绘制图形", "verbose_name_plural": "绘制图形"},
        ),
        migrations.AlterField(
            "job",
            "kind",
            models.CharField(
                choices=[
                    ("load", "装入"),
                    ("checks", "批量核查"),
                    ("recheck", "复查"),
                    ("deliver", "发送消息"),
                    ("draw", "绘制"),
                ],
                max_length=12,
                verbose_name="种类",
            ),
        ),
        migrations.RunSQL(POLICY, NO_POLICY),
    ]
