"""For each layer the revision in which it changed last, written with the change: what is kept of a layer hangs on it."""

from django.db import migrations, models

# What was changed before this migration is not known by layer: every layer counts as changed in the newest revision.
FILL = """
INSERT INTO spatial_layerversion (layer, revision)
SELECT l.layer, r.number FROM (SELECT DISTINCT layer FROM spatial_feature WHERE revisions <> '{}') l,
  (SELECT coalesce(max(number), 0) AS number FROM spatial_revision) r
"""
GRANT = "GRANT SELECT ON spatial_layerversion TO jingtu_reader"
REVOKE = "REVOKE SELECT ON spatial_layerversion FROM jingtu_reader"


class Migration(migrations.Migration):
    dependencies = [("spatial", "0021_drawing")]
    operations = [
        migrations.CreateModel(
            name="LayerVersion",
            fields=[
                (
                    "layer",
                    models.CharField(max_length=80, primary_key=True, serialize=False, verbose_name="图层"),
                ),
                ("revision", models.IntegerField(verbose_name="数据版本")),
            ],
            options={"verbose_name": "图层版本", "verbose_name_plural": "图层版本"},
        ),
        migrations.RunSQL(FILL, migrations.RunSQL.noop),
        migrations.RunSQL(GRANT, REVOKE),
    ]
