"""Jobs, and what the database tells its listeners: that a job went on, that other data are live."""

import uuid

import django.contrib.postgres.fields
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

TELL = """
CREATE FUNCTION {table}_tell() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN PERFORM pg_notify('{channel}', NEW.{column}::text); RETURN NULL; END $$;
CREATE TRIGGER {table}_tell AFTER INSERT OR UPDATE ON {table} FOR EACH ROW EXECUTE FUNCTION {table}_tell();
"""
HUSH = "DROP TRIGGER {table}_tell ON {table}; DROP FUNCTION {table}_tell();"
TOLD = [
    {"table": "spatial_job", "channel": "jingtu_job", "column": "id"},
    {"table": "spatial_revision", "channel": "jingtu_revision", "column": "number"},
]


class Migration(migrations.Migration):
    dependencies = [
        ("spatial", "0005_login_failure"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]
    operations = [
        migrations.CreateModel(
            name="Job",
            fields=[
                (
                    "id",
                    models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[("load", "装入"), ("checks", "批量核查")], max_length=12, verbose_name="种类"
                    ),
                ),
                ("title", models.CharField(max_length=500, verbose_name="名称")),
                ("layer", models.CharField(blank=True, max_length=80, verbose_name="图层")),
                (
                    "counties",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=6),
                        default=list,
                        size=None,
                        verbose_name="县市",
                    ),
                ),
                ("given", models.JSONField(default=dict, verbose_name="请求")),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("queued", "等待"),
                            ("running", "进行中"),
                            ("done", "完成"),
                            ("failed", "没有完成"),
                            ("cancelled", "已取消"),
                        ],
                        default="queued",
                        max_length=12,
                        verbose_name="状态",
                    ),
                ),
                ("stage", models.CharField(blank=True, max_length=40, verbose_name="阶段")),
                ("done", models.BigIntegerField(default=0, verbose_name="已处理")),
                ("total", models.BigIntegerField(blank=True, null=True, verbose_name="总数")),
                ("cancel_asked", models.BooleanField(default=False, verbose_name="要求取消")),
                ("starts", models.IntegerField(default=0, verbose_name="开始次数")),
                ("queue_number", models.BigIntegerField(blank=True, null=True)),
                ("result", models.JSONField(blank=True, null=True, verbose_name="结果")),
                ("failure", models.JSONField(blank=True, null=True, verbose_name="原因")),
                ("created_at", models.DateTimeField(auto_now_add=True, verbose_name="提交时间")),
                ("started_at", models.DateTimeField(blank=True, null=True, verbose_name="开始时间")),
                ("ended_at", models.DateTimeField(blank=True, null=True, verbose_name="结束时间")),
                (
                    "by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name": "后台任务",
                "verbose_name_plural": "后台任务",
                "ordering": ["-created_at"],
                "indexes": [models.Index(fields=["state"], name="spatial_job_state_edb1e0_idx")],
            },
        ),
        *(migrations.RunSQL(TELL.format(**one), HUSH.format(**one)) for one in TOLD),
    ]
