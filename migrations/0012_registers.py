"""Registers with a life: events of sites, notices, old codes, attachments; and requests that were handled once."""

import uuid

import django.contrib.gis.db.models.fields
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

ADDED_ONLY = "".join(
    f"CREATE TRIGGER {table}_only_added BEFORE UPDATE OR DELETE ON {table}"
    f" FOR EACH ROW EXECUTE FUNCTION spatial_only_added();"
    for table in ("spatial_siteevent", "spatial_notice", "spatial_attachment")
)
FREE = "".join(
    f"DROP TRIGGER {table}_only_added ON {table};"
    for table in ("spatial_siteevent", "spatial_notice", "spatial_attachment")
)
# What a line in a shape would break is refused here as everywhere (0003).
GUARD = """
ALTER TABLE spatial_siteevent ADD CONSTRAINT spatial_siteevent_geom_guard CHECK (geom IS NULL OR (
  ST_NDims(geom) = 2 AND NOT ST_IsEmpty(geom) AND ST_IsValid(geom)
  AND ST_XMin(geom) >= 73.62 AND ST_XMax(geom) <= 134.77 AND ST_YMin(geom) >= 16.70 AND ST_YMax(geom) <= 53.56
  AND GeometryType(geom) IN ('MULTIPOLYGON', 'POINT')))
"""
UNGUARD = "ALTER TABLE spatial_siteevent DROP CONSTRAINT spatial_siteevent_geom_guard"
CODES = "INSERT INTO spatial_sitecode (code, site_id) SELECT code, id FROM spatial_site"


def key() -> tuple[str, models.Field]:
    return (
        "id",
        models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID"),
    )


def points_to(model: str, words: str, related: str | None = None, **options: object) -> models.ForeignKey:
    return models.ForeignKey(
        on_delete=django.db.models.deletion.PROTECT,
        to=model,
        verbose_name=words,
        related_name=related,
        **options,
    )


def only_one(model: str, words: str, related: str) -> models.OneToOneField:
    return models.OneToOneField(
        blank=True,
        null=True,
        on_delete=django.db.models.deletion.PROTECT,
        related_name=related,
        to=model,
        verbose_name=words,
    )


class Migration(migrations.Migration):
    dependencies = [("spatial", "0011_audit"), migrations.swappable_dependency(settings.AUTH_USER_MODEL)]
    operations = [
        migrations.CreateModel(
            name="SiteCode",
            fields=[
                (
                    "code",
                    models.CharField(max_length=80, primary_key=True, serialize=False, verbose_name="编码"),
                ),
                ("site", points_to("spatial.site", "地块", "codes")),
            ],
            options={"verbose_name": "地块编码", "verbose_name_plural": "地块编码"},
        ),
        migrations.RunSQL(CODES, migrations.RunSQL.noop),
        migrations.CreateModel(
            name="Notice",
            fields=[
                key(),
                ("layer", models.CharField(max_length=80, verbose_name="名录")),
                ("number", models.CharField(max_length=120, unique=True, verbose_name="文号")),
                ("date", models.DateField(verbose_name="日期")),
                ("title", models.CharField(max_length=300, verbose_name="标题")),
                ("withdraws", only_one("spatial.notice", "撤回", "withdrawn_by")),
                ("by", points_to(settings.AUTH_USER_MODEL, "登记人")),
                ("revision", points_to("spatial.revision", "数据版本", "notices")),
            ],
            options={"verbose_name": "公告", "verbose_name_plural": "公告", "ordering": ["-date", "-pk"]},
        ),
        migrations.CreateModel(
            name="SiteEvent",
            fields=[
                key(),
                ("number", models.IntegerField(verbose_name="序号")),
                ("kind", models.CharField(max_length=12, verbose_name="种类")),
                ("what", models.CharField(max_length=120, verbose_name="内容")),
                ("on", models.DateField(verbose_name="生效日期")),
                ("actor", models.CharField(max_length=40, verbose_name="行为主体")),
                ("document_number", models.CharField(max_length=120, verbose_name="文号")),
                ("document_date", models.DateField(verbose_name="文件日期")),
                ("note", models.CharField(blank=True, max_length=2000, verbose_name="说明")),
                ("detail", models.JSONField(default=dict, verbose_name="细节")),
                (
                    "geom",
                    django.contrib.gis.db.models.fields.GeometryField(
                        blank=True, null=True, spatial_index=False, srid=4490, verbose_name="图形"
                    ),
                ),
                ("origin", models.CharField(max_length=4, verbose_name="原阶段")),
                ("by", points_to(settings.AUTH_USER_MODEL, "登记人")),
                ("corrects", only_one("spatial.siteevent", "更正", "corrected_by")),
                ("notice", points_to("spatial.notice", "公告", "events", blank=True, null=True)),
                ("revision", points_to("spatial.revision", "数据版本", "events")),
                ("site", points_to("spatial.site", "地块", "events")),
            ],
            options={
                "verbose_name": "地块变动",
                "verbose_name_plural": "地块变动",
                "ordering": ["site", "number"],
            },
        ),
        migrations.CreateModel(
            name="Attachment",
            fields=[
                (
                    "id",
                    models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False),
                ),
                ("subject", models.CharField(max_length=12, verbose_name="所属")),
                ("key", models.CharField(max_length=100, verbose_name="所属编号")),
                ("name", models.CharField(max_length=200, verbose_name="文件名")),
                ("media_type", models.CharField(max_length=100, verbose_name="类型")),
                ("size", models.BigIntegerField(verbose_name="字节")),
                ("sha256", models.CharField(max_length=64, verbose_name="指纹")),
                ("at", models.DateTimeField(auto_now_add=True, verbose_name="时间")),
                ("by", points_to(settings.AUTH_USER_MODEL, "上传人")),
            ],
            options={"verbose_name": "附件", "verbose_name_plural": "附件"},
        ),
        migrations.CreateModel(
            name="Handled",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("key", models.CharField(max_length=120)),
                ("digest", models.CharField(max_length=64)),
                ("answer", models.JSONField(null=True)),
                ("at", models.DateTimeField(auto_now_add=True)),
                (
                    "by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, to=settings.AUTH_USER_MODEL
                    ),
                ),
            ],
        ),
        migrations.AlterField(
            "feature",
            "load",
            models.ForeignKey(
                blank=True,
                db_constraint=False,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="features",
                to="spatial.load",
                verbose_name="装入",
            ),
        ),
        migrations.AddField(
            "feature",
            "event",
            models.ForeignKey(
                blank=True,
                db_constraint=False,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="features",
                to="spatial.siteevent",
                verbose_name="变动",
            ),
        ),
        migrations.AddConstraint(
            "feature",
            models.CheckConstraint(
                condition=models.Q(("load__isnull", False), ("event__isnull", False), _connector="OR"),
                name="feature_has_a_source",
            ),
        ),
        migrations.AddIndex("attachment", models.Index(fields=["subject", "key"], name="attachment_of")),
        migrations.AddConstraint(
            "handled", models.UniqueConstraint(fields=("by", "key"), name="handled_once")
        ),
        migrations.AddConstraint(
            "siteevent", models.UniqueConstraint(fields=("site", "number"), name="site_event_once")
        ),
        migrations.RunSQL(ADDED_ONLY, FREE),
        migrations.RunSQL(GUARD, UNGUARD),
    ]
