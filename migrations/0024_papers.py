"""A kind of job: the papers of many checks."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("spatial", "0023_wall_by_sets")]
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
                    ("draw", "绘制"),
                    ("papers", "出具报告"),
                ],
                max_length=12,
                verbose_name="种类",
            ),
        ),
    ]
