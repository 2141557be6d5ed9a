"""Many parcels asked as one: what became of each, so that a batch goes on where it stopped."""

import uuid

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("spatial", "0009_recheck"),
    ]

    operations = [
        migrations.CreateModel(
            name="Batch",
            fields=[
                (
                    "id",
                    models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False),
                ),
                ("key", models.CharField(max_length=80, unique=True, verbose_name="指纹")),
                ("file_name", models.CharField(max_length=500, verbose_name="文件")),
                ("as_of", models.DateField(verbose_name="所问日期")),
                ("revision", models.IntegerField(verbose_name="数据版本")),
                ("started_at", models.DateTimeField(auto_now_add=True, verbose_name="开始时间")),
                ("ended_at", models.DateTimeField(blank=True, null=True, verbose_name="结束时间")),
            ],
            options={
                "verbose_name": "批量核查",
                "verbose_name_plural": "批量核查",
                "ordering": ["-started_at"],
            },
        ),
        migrations.CreateModel(
            name="BatchParcel",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("place", models.IntegerField(verbose_name="次序")),
                ("row", models.IntegerField(verbose_name="行")),
                ("parcel_no", models.CharField(blank=True, max_length=500, verbose_name="地块编号")),
                ("issues", models.JSONField(default=list, verbose_name="问题")),
                (
                    "batch",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="parcels",
                        to="spatial.batch",
                    ),
                ),
                (
                    "check_run",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        to="spatial.checkrun",
                    ),
                ),
            ],
            options={
                "verbose_name": "批量核查的地块",
                "verbose_name_plural": "批量核查的地块",
                "constraints": [models.UniqueConstraint(fields=("batch", "place"), name="batch_place_once")],
            },
        ),
    ]
