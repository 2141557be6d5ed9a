"""Transport manifests of contaminated soil; draws of sites and inspectors; inspections."""

import django.contrib.postgres.fields
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

NUMBERS = """
CREATE SEQUENCE spatial_manifest_number; CREATE SEQUENCE spatial_draw_number;
CREATE TRIGGER spatial_draw_only_added BEFORE UPDATE OR DELETE ON spatial_draw
  FOR EACH ROW EXECUTE FUNCTION spatial_only_added();
ALTER TABLE spatial_manifest ADD CONSTRAINT spatial_manifest_tonnes CHECK (planned_t > 0 AND departed_t > 0 AND received_t >= 0)
"""
UNNUMBER = """
ALTER TABLE spatial_manifest DROP CONSTRAINT spatial_manifest_tonnes;
DROP TRIGGER spatial_draw_only_added ON spatial_draw;
DROP SEQUENCE spatial_draw_number; DROP SEQUENCE spatial_manifest_number
"""


class Migration(migrations.Migration):
    dependencies = [
        ("spatial", "0013_cases"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Draw",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("number", models.CharField(max_length=40, unique=True, verbose_name="编号")),
                ("seed", models.CharField(max_length=64, verbose_name="种子")),
                (
                    "sites",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=80), size=None, verbose_name="候选地块"
                    ),
                ),
                (
                    "inspectors",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=150), size=None, verbose_name="候选人员"
                    ),
                ),
                ("drawn", models.JSONField(verbose_name="抽取结果")),
                (
                    "counties",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=6), size=None, verbose_name="县市"
                    ),
                ),
                ("at", models.DateTimeField(auto_now_add=True, verbose_name="时间")),
                (
                    "by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="抽取人",
                    ),
                ),
            ],
            options={
                "verbose_name": "随机抽取",
                "verbose_name_plural": "随机抽取",
                "ordering": ["-pk"],
            },
        ),
        migrations.CreateModel(
            name="Inspection",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("number", models.CharField(max_length=40, unique=True, verbose_name="编号")),
                (
                    "inspectors",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=150), size=None, verbose_name="检查人员"
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[("drawn", "待检查"), ("follow_up", "待整改"), ("closed", "已办结")],
                        default="drawn",
                        max_length=12,
                        verbose_name="状态",
                    ),
                ),
                (
                    "draw",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="inspections",
                        to="spatial.draw",
                        verbose_name="抽取",
                    ),
                ),
                (
                    "site",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="inspections",
                        to="spatial.site",
                        verbose_name="地块",
                    ),
                ),
            ],
            options={
                "verbose_name": "抽查",
                "verbose_name_plural": "抽查",
                "ordering": ["-pk"],
            },
        ),
        migrations.CreateModel(
            name="Manifest",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("number", models.CharField(max_length=40, unique=True, verbose_name="联单编号")),
                ("receiver", models.CharField(max_length=200, verbose_name="接收单位")),
                ("receiver_county", models.CharField(blank=True, max_length=6, verbose_name="接收地县市")),
                ("soil", models.CharField(max_length=200, verbose_name="土壤类别")),
                ("carrier", models.CharField(max_length=200, verbose_name="运输单位")),
                ("vehicle", models.CharField(max_length=40, verbose_name="车辆")),
                ("route", models.CharField(max_length=1000, verbose_name="路线")),
                ("plan_document", models.CharField(max_length=120, verbose_name="转运计划备案文号")),
                (
                    "planned_t",
                    models.DecimalField(decimal_places=3, max_digits=12, verbose_name="计划数量 t"),
                ),
                (
                    "departed_t",
                    models.DecimalField(
                        blank=True, decimal_places=3, max_digits=12, null=True, verbose_name="出场数量 t"
                    ),
                ),
                (
                    "received_t",
                    models.DecimalField(
                        blank=True, decimal_places=3, max_digits=12, null=True, verbose_name="接收数量 t"
                    ),
                ),
                ("due", models.DateTimeField(verbose_name="应到时间")),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("planned", "已报备"),
                            ("underway", "运输中"),
                            ("received", "已接收"),
                            ("differs", "数量不符"),
                            ("closed", "已办结"),
                            ("cancelled", "已取消"),
                        ],
                        default="planned",
                        max_length=12,
                        verbose_name="状态",
                    ),
                ),
                ("at", models.DateTimeField(auto_now_add=True, verbose_name="登记时间")),
                (
                    "by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="登记人",
                    ),
                ),
                (
                    "site",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="manifests",
                        to="spatial.site",
                        verbose_name="产生地块",
                    ),
                ),
            ],
            options={
                "verbose_name": "转运联单",
                "verbose_name_plural": "转运联单",
                "ordering": ["-pk"],
            },
        ),
        migrations.RunSQL(NUMBERS, UNNUMBER),
    ]
