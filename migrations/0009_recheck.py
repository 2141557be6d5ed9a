"""Earlier answers asked again: which asking, which answer follows which, and which came out differently."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


def key() -> tuple[str, models.Field]:
    return (
        "id",
        models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID"),
    )


class Migration(migrations.Migration):
    dependencies = [
        ("spatial", "0008_remarks"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]
    operations = [
        migrations.AlterField(
            "job",
            "kind",
            models.CharField(
                choices=[("load", "装入"), ("checks", "批量核查"), ("recheck", "复查")],
                max_length=12,
                verbose_name="种类",
            ),
        ),
        migrations.AddField(
            "checkrun",
            "follows",
            models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="spatial.checkrun",
                verbose_name="复查自",
            ),
        ),
        migrations.CreateModel(
            name="Recheck",
            fields=[
                key(),
                ("at", models.DateTimeField(auto_now_add=True, verbose_name="时间")),
                ("since", models.IntegerField(verbose_name="自数据版本")),
                ("revision", models.IntegerField(verbose_name="数据版本")),
                ("everything", models.BooleanField(default=False, verbose_name="全部重问")),
                ("asked", models.IntegerField(default=0, verbose_name="重问的核查")),
                (
                    "by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "job",
                    models.OneToOneField(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="recheck",
                        to="spatial.job",
                    ),
                ),
            ],
            options={"verbose_name": "复查", "verbose_name_plural": "复查", "ordering": ["-pk"]},
        ),
        migrations.CreateModel(
            name="VerdictChange",
            fields=[
                key(),
                ("causes", models.JSONField(default=list, verbose_name="原因")),
                ("failure", models.CharField(blank=True, max_length=500, verbose_name="不能判断的原因")),
                ("at", models.DateTimeField(auto_now_add=True, verbose_name="时间")),
                (
                    "recheck",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="changes",
                        to="spatial.recheck",
                        verbose_name="复查",
                    ),
                ),
                (
                    "old",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="changes",
                        to="spatial.checkrun",
                        verbose_name="原核查",
                    ),
                ),
                (
                    "new",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="spatial.checkrun",
                        verbose_name="新核查",
                    ),
                ),
            ],
            options={"verbose_name": "结论变化", "verbose_name_plural": "结论变化", "ordering": ["-pk"]},
        ),
    ]
