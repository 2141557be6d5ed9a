"""Use-change cases with their steps, receipts, messages and what leaves the system."""

import uuid

import django.contrib.gis.db.models.fields
import django.contrib.postgres.fields
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

PROTECT = django.db.models.deletion.PROTECT
CASCADE = django.db.models.deletion.CASCADE
STEPS = """
CREATE TRIGGER spatial_step_only_added BEFORE UPDATE OR DELETE ON spatial_step
  FOR EACH ROW EXECUTE FUNCTION spatial_only_added();
CREATE SEQUENCE spatial_case_number;
ALTER TABLE spatial_case ADD CONSTRAINT spatial_case_parcel_guard CHECK (
  ST_NDims(parcel) = 2 AND NOT ST_IsEmpty(parcel) AND ST_IsValid(parcel)
  AND ST_XMin(parcel) >= 73.62 AND ST_XMax(parcel) <= 134.77 AND ST_YMin(parcel) >= 16.70 AND ST_YMax(parcel) <= 53.56)
"""
UNSTEP = """
ALTER TABLE spatial_case DROP CONSTRAINT spatial_case_parcel_guard;
DROP SEQUENCE spatial_case_number;
DROP TRIGGER spatial_step_only_added ON spatial_step
"""


def key() -> tuple[str, models.Field]:
    return (
        "id",
        models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID"),
    )


def at(words: str = "时间") -> tuple[str, models.Field]:
    return ("at", models.DateTimeField(auto_now_add=True, verbose_name=words))


def user(words: str, on_delete: object = PROTECT, related: str | None = None, **more: object) -> models.Field:
    return models.ForeignKey(
        on_delete=on_delete, to=settings.AUTH_USER_MODEL, verbose_name=words, related_name=related, **more
    )


class Migration(migrations.Migration):
    dependencies = [("spatial", "0012_registers"), migrations.swappable_dependency(settings.AUTH_USER_MODEL)]
    operations = [
        migrations.AlterField(
            "job",
            "kind",
            models.CharField(
                choices=[
                    ("load", "装入"),
                    ("checks", "批量核查"),
                    ("recheck", "复查"),
                    ("deliver", "发送消息"),
                ],
                max_length=12,
                verbose_name="种类",
            ),
        ),
        migrations.CreateModel(
            name="Case",
            fields=[
                (
                    "id",
                    models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False),
                ),
                ("number", models.CharField(max_length=40, unique=True, verbose_name="编号")),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("use_change", "变更用途"),
                            ("take_back", "收回土地"),
                            ("transfer", "转让土地"),
                            ("plan", "规划涉及"),
                        ],
                        max_length=12,
                        verbose_name="种类",
                    ),
                ),
                ("title", models.CharField(max_length=300, verbose_name="事项")),
                (
                    "counties",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=6), size=None, verbose_name="县市"
                    ),
                ),
                (
                    "parcel",
                    django.contrib.gis.db.models.fields.MultiPolygonField(srid=4490, verbose_name="地块"),
                ),
                ("asked", models.JSONField(verbose_name="核查请求")),
                (
                    "latest",
                    models.ForeignKey(
                        on_delete=PROTECT,
                        related_name="+",
                        to="spatial.checkrun",
                        verbose_name="最近一次核查",
                    ),
                ),
                ("is_open", models.BooleanField(default=True, verbose_name="办理中")),
                ("flagged", models.BooleanField(default=False, verbose_name="结论有变")),
                ("by", user("发起人")),
                at("发起时间"),
                (
                    "followers",
                    models.ManyToManyField(
                        related_name="+", to=settings.AUTH_USER_MODEL, verbose_name="关注的人"
                    ),
                ),
            ],
            options={
                "verbose_name": "用途变更事项",
                "verbose_name_plural": "用途变更事项",
                "ordering": ["-at"],
                "indexes": [
                    models.Index(
                        fields=["latest"], name="open_case_by_check", condition=models.Q(("is_open", True))
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Step",
            fields=[
                key(),
                ("subject", models.CharField(max_length=12, verbose_name="所属")),
                ("key", models.CharField(max_length=40, verbose_name="所属编号")),
                ("number", models.IntegerField(verbose_name="序号")),
                ("kind", models.CharField(max_length=16, verbose_name="种类")),
                at(),
                ("by", user("办理人", null=True)),
                ("note", models.CharField(blank=True, max_length=2000, verbose_name="说明")),
                ("detail", models.JSONField(default=dict, verbose_name="细节")),
            ],
            options={
                "verbose_name": "办理记录",
                "verbose_name_plural": "办理记录",
                "ordering": ["subject", "key", "number"],
                "constraints": [
                    models.UniqueConstraint(fields=("subject", "key", "number"), name="step_once")
                ],
            },
        ),
        migrations.CreateModel(
            name="Receipt",
            fields=[
                key(),
                (
                    "case",
                    models.ForeignKey(
                        on_delete=CASCADE, related_name="receipts", to="spatial.case", verbose_name="事项"
                    ),
                ),
                ("by", user("查看人")),
                ("step", models.IntegerField(verbose_name="看到第几步")),
                at(),
            ],
            options={
                "verbose_name": "回执",
                "verbose_name_plural": "回执",
                "ordering": ["pk"],
                "constraints": [models.UniqueConstraint(fields=("case", "by", "step"), name="receipt_once")],
            },
        ),
        migrations.CreateModel(
            name="Message",
            fields=[
                key(),
                ("to", user("收件人", CASCADE, "messages")),
                (
                    "case",
                    models.ForeignKey(
                        on_delete=CASCADE, related_name="messages", to="spatial.case", verbose_name="事项"
                    ),
                ),
                ("text", models.CharField(max_length=1000, verbose_name="内容")),
                at(),
                ("read_at", models.DateTimeField(blank=True, null=True, verbose_name="读过")),
            ],
            options={"verbose_name": "消息", "verbose_name_plural": "消息", "ordering": ["-pk"]},
        ),
        migrations.CreateModel(
            name="Delivery",
            fields=[
                key(),
                (
                    "channel",
                    models.CharField(
                        choices=[("mail", "邮件"), ("webhook", "推送")], max_length=8, verbose_name="方式"
                    ),
                ),
                ("target", models.CharField(max_length=500, verbose_name="发往")),
                ("payload", models.JSONField(verbose_name="内容")),
                at(),
                ("tries", models.IntegerField(default=0, verbose_name="已试")),
                (
                    "failure",
                    models.CharField(blank=True, max_length=500, verbose_name="没有送到的原因"),
                ),
                ("done_at", models.DateTimeField(blank=True, null=True, verbose_name="送到时间")),
            ],
            options={"verbose_name": "送出的消息", "verbose_name_plural": "送出的消息", "ordering": ["-pk"]},
        ),
        migrations.RunSQL(STEPS, UNSTEP),
    ]
