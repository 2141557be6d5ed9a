"""Overlays as they were made, and their shapes: seen by who asked, and by who oversees all their counties."""

import uuid

import django.contrib.gis.db.models.fields
import django.contrib.postgres.fields
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

NUMBERS = "CREATE SEQUENCE spatial_overlay_number"
NO_NUMBERS = "DROP SEQUENCE spatial_overlay_number"
POLICY = """
ALTER TABLE spatial_areaoverlay ENABLE ROW LEVEL SECURITY;
CREATE POLICY seen ON spatial_areaoverlay FOR SELECT TO jingtu_reader USING (
  asked_by_id = (SELECT spatial_asker())
  OR ((SELECT spatial_role()) IN ('steward', 'auditor', 'administrator')
    AND ((SELECT spatial_whole()) OR counties::text[] <@ (SELECT spatial_counties()))));
ALTER TABLE spatial_overlayshape ENABLE ROW LEVEL SECURITY;
CREATE POLICY seen ON spatial_overlayshape FOR SELECT TO jingtu_reader USING (
  EXISTS (SELECT FROM spatial_areaoverlay one WHERE one.id = overlay_id));
GRANT SELECT ON spatial_areaoverlay, spatial_overlayshape TO jingtu_reader
"""
NO_POLICY = """
REVOKE SELECT ON spatial_areaoverlay, spatial_overlayshape FROM jingtu_reader;
DROP POLICY seen ON spatial_overlayshape; DROP POLICY seen ON spatial_areaoverlay
"""


class Migration(migrations.Migration):
    dependencies = [
        ("spatial", "0024_papers"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]
    operations = [
        migrations.CreateModel(
            name="AreaOverlay",
            fields=[
                (
                    "id",
                    models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False),
                ),
                ("number", models.CharField(max_length=40, unique=True, verbose_name="编号")),
                ("made_at", models.DateTimeField(verbose_name="完成时间")),
                ("job", models.UUIDField(blank=True, null=True, unique=True, verbose_name="后台任务")),
                ("title", models.CharField(max_length=500, verbose_name="名称")),
                (
                    "counties",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=6),
                        default=list,
                        size=None,
                        verbose_name="县市",
                    ),
                ),
                ("shown", models.JSONField(default=dict, verbose_name="显示的图层")),
                ("as_of", models.DateField(verbose_name="所问日期")),
                ("revision", models.IntegerField(verbose_name="数据版本")),
                ("verdict", models.CharField(max_length=24, verbose_name="结论")),
                ("complete", models.BooleanField(verbose_name="完整")),
                ("answer", models.JSONField(verbose_name="结果")),
                ("fingerprint", models.CharField(db_index=True, max_length=80, verbose_name="指纹")),
                (
                    "asked_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="提出人",
                    ),
                ),
            ],
            options={"verbose_name": "叠加分析", "verbose_name_plural": "叠加分析", "ordering": ["-made_at"]},
        ),
        migrations.CreateModel(
            name="OverlayShape",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("side", models.SmallIntegerField(verbose_name="方案")),
                ("order", models.IntegerField(verbose_name="次序")),
                ("kind", models.CharField(max_length=12, verbose_name="种类")),
                ("layer", models.CharField(blank=True, max_length=80, verbose_name="图层")),
                ("told", models.JSONField(verbose_name="属性")),
                (
                    "geom",
                    django.contrib.gis.db.models.fields.GeometryField(
                        spatial_index=False, srid=4490, verbose_name="图形"
                    ),
                ),
                (
                    "overlay",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="shapes",
                        to="spatial.areaoverlay",
                    ),
                ),
            ],
            options={
                "verbose_name": "叠加分析的图形",
                "verbose_name_plural": "叠加分析的图形",
                "constraints": [
                    models.UniqueConstraint(fields=("overlay", "order"), name="overlay_shape_once")
                ],
            },
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
                    ("papers", "出具报告"),
                    ("overlay", "叠加分析"),
                ],
                max_length=12,
                verbose_name="种类",
            ),
        ),
        migrations.RunSQL(NUMBERS, NO_NUMBERS),
        migrations.RunSQL(POLICY, NO_POLICY),
    ]
