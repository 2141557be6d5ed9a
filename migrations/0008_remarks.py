"""Overrides and disputes beside an answer; they and their withdrawals are only ever added."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

ADDED_ONLY = """
CREATE FUNCTION spatial_only_added() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE restrict_violation USING MESSAGE = format('rows of %s are only ever added', TG_TABLE_NAME); END $$;
CREATE TRIGGER spatial_remark_only_added BEFORE UPDATE OR DELETE ON spatial_remark
  FOR EACH ROW EXECUTE FUNCTION spatial_only_added();
CREATE TRIGGER spatial_withdrawal_only_added BEFORE UPDATE OR DELETE ON spatial_withdrawal
  FOR EACH ROW EXECUTE FUNCTION spatial_only_added();
"""
FREE = """
DROP TRIGGER spatial_remark_only_added ON spatial_remark;
DROP TRIGGER spatial_withdrawal_only_added ON spatial_withdrawal;
DROP FUNCTION spatial_only_added();
"""


def key() -> tuple[str, models.Field]:
    return (
        "id",
        models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID"),
    )


def person() -> tuple[str, models.Field]:
    return (
        "by",
        models.ForeignKey(
            on_delete=django.db.models.deletion.PROTECT,
            to=settings.AUTH_USER_MODEL,
            verbose_name="登记人",
        ),
    )


class Migration(migrations.Migration):
    dependencies = [
        ("spatial", "0007_rows_in_bulk"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]
    operations = [
        migrations.CreateModel(
            name="Remark",
            fields=[
                key(),
                (
                    "kind",
                    models.CharField(
                        choices=[("override", "书面决定"), ("dispute", "异议")],
                        max_length=12,
                        verbose_name="种类",
                    ),
                ),
                ("finding", models.JSONField(verbose_name="针对的结论")),
                ("document_number", models.CharField(blank=True, max_length=120, verbose_name="文号")),
                ("document_date", models.DateField(blank=True, null=True, verbose_name="文件日期")),
                ("person", models.CharField(blank=True, max_length=120, verbose_name="决定人")),
                ("reason", models.CharField(max_length=2000, verbose_name="理由")),
                ("new_verdict", models.CharField(blank=True, max_length=24, verbose_name="决定后的结论")),
                ("at", models.DateTimeField(auto_now_add=True, verbose_name="登记时间")),
                (
                    "check_run",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="remarks",
                        to="spatial.checkrun",
                        verbose_name="核查",
                    ),
                ),
                person(),
            ],
            options={"verbose_name": "决定与异议", "verbose_name_plural": "决定与异议", "ordering": ["pk"]},
        ),
        migrations.CreateModel(
            name="Withdrawal",
            fields=[
                key(),
                ("reason", models.CharField(max_length=2000, verbose_name="理由")),
                ("at", models.DateTimeField(auto_now_add=True, verbose_name="登记时间")),
                (
                    "remark",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="withdrawal",
                        to="spatial.remark",
                        verbose_name="决定或异议",
                    ),
                ),
                person(),
            ],
            options={"verbose_name": "撤销", "verbose_name_plural": "撤销", "ordering": ["pk"]},
        ),
        migrations.RunSQL(ADDED_ONLY, FREE),
    ]
