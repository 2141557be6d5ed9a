"""Rows that wait are told for each county in which they may lie; a delivery says whether it is whole."""

import django.db.models.deletion
from django.db import migrations, models

import spatial.models.fields

# Until now the load behind a coverage told how many of its rows wait: the same, at the same revisions.
KEEP = """
INSERT INTO spatial_leftout (layer, county, load_id, rows, revisions)
SELECT l.layer, c.county, l.id, l.rows_quarantined + l.rows_refused,
  coalesce((SELECT range_agg(spans.span) FROM spatial_coverage o, unnest(o.revisions) AS spans (span)
            WHERE o.load_id = l.id AND o.county = c.county), '{}')
FROM spatial_load l, unnest(l.counties) AS c (county)
WHERE l.rows_quarantined + l.rows_refused > 0 AND c.county <> ''
"""


class Migration(migrations.Migration):
    dependencies = [("spatial", "0003_guards")]
    operations = [
        migrations.AddField("load", "whole", models.BooleanField(default=True, verbose_name="全交")),
        migrations.CreateModel(
            name="LeftOut",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("layer", models.CharField(max_length=80, verbose_name="图层")),
                ("county", models.CharField(max_length=6, verbose_name="县市")),
                ("rows", models.IntegerField(verbose_name="行数")),
                ("revisions", spatial.models.fields.IntMultiRangeField()),
                (
                    "load",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="left_out",
                        to="spatial.load",
                        verbose_name="装入",
                    ),
                ),
            ],
            options={
                "verbose_name": "缺行",
                "verbose_name_plural": "缺行",
                "indexes": [models.Index(fields=["layer", "county"], name="spatial_lef_layer_f51d1b_idx")],
            },
        ),
        migrations.AddConstraint(
            "leftout",
            models.UniqueConstraint(fields=("load", "county"), name="left_out_once_a_load_and_county"),
        ),
        migrations.RunSQL(KEEP, migrations.RunSQL.noop),
    ]
