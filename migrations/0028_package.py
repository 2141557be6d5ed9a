"""A kind of job: area packages for work without a line."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("spatial", "0027_overlay_of_no_county")]
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
                    ("overlay", "叠加分析"),
                    ("package", "离线包"),
                ],
                max_length=12,
                verbose_name="种类",
            ),
        ),
    ]
