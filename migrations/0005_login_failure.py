"""Wrong passwords of late, counted by user name and address."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("spatial", "0004_left_out"),
    ]

    operations = [
        migrations.CreateModel(
            name="LoginFailure",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("username", models.CharField(max_length=150)),
                ("address", models.CharField(max_length=64)),
                ("count", models.PositiveIntegerField(default=0)),
                ("at", models.DateTimeField(db_index=True)),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("username", "address"), name="login_failure_once")
                ],
            },
        ),
    ]
