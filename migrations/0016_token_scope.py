"""What a token opens of what its account may."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("spatial", "0015_wall")]
    operations = [
        migrations.AddField(
            "apitoken",
            "scope",
            models.CharField(
                choices=[("read", "只读"), ("check", "只读和核查"), ("all", "与账号相同")],
                default="all",
                max_length=8,
                verbose_name="范围",
            ),
        )
    ]
