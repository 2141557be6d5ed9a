"""What makes half a million rows go in fast: a load leaves only what differs, and rows that wait burden no index.

A load's own rows are its features; only the live rows that stay are remembered beside them. Rows of no revision are not
looked for in space, by key or by county, so they enter those indexes when they go live, when PostgreSQL writes every row anew
anyway. A layer's hash is a number, which GiST compares faster than a text.
"""

import django.db.models.deletion
from django.db import migrations, models

KEEP = """
INSERT INTO spatial_keptrow (load_id, content)
SELECT DISTINCT r.load_id, decode(r.content, 'hex') FROM spatial_loadedrow r
WHERE NOT EXISTS (SELECT FROM spatial_feature f WHERE f.load_id = r.load_id AND f.content = decode(r.content, 'hex'))
"""
BYTES = "ALTER TABLE spatial_feature ALTER COLUMN content TYPE bytea USING decode(content, 'hex')"
HEX = "ALTER TABLE spatial_feature ALTER COLUMN content TYPE varchar(64) USING encode(content, 'hex')"
INDEXES = [
    (
        "DROP INDEX spatial_feature_layer_geom",
        "CREATE INDEX spatial_feature_layer_geom ON spatial_feature USING gist (layer, geom)",
    ),
    (
        "CREATE INDEX spatial_feature_layer_geom ON spatial_feature USING gist (hashtext(layer), geom) WHERE revisions <> '{}'",
        "DROP INDEX spatial_feature_layer_geom",
    ),
]
# In place of foreign keys, which would look up the load of every new row.
GUARD = """
CREATE FUNCTION spatial_load_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF EXISTS (SELECT FROM spatial_feature WHERE load_id = OLD.id) OR EXISTS (SELECT FROM spatial_keptrow WHERE load_id = OLD.id) THEN
    RAISE foreign_key_violation USING MESSAGE = format('rows of load %s are still there', OLD.id);
  END IF;
  RETURN OLD;
END $$;
CREATE TRIGGER spatial_load_stays BEFORE DELETE ON spatial_load FOR EACH ROW EXECUTE FUNCTION spatial_load_stays()
"""
UNGUARD = "DROP TRIGGER spatial_load_stays ON spatial_load; DROP FUNCTION spatial_load_stays()"


ONCE_LIVE = ~models.Q(revisions="{}")


class Migration(migrations.Migration):
    dependencies = [("spatial", "0006_job")]
    operations = [
        migrations.RemoveIndex("feature", "spatial_fea_layer_6c977f_idx"),
        migrations.RemoveIndex("feature", "spatial_fea_layer_b2d991_idx"),
        *(
            migrations.AddIndex(
                "feature",
                models.Index(fields=["layer", field], name=f"feature_by_{field}", condition=ONCE_LIVE),
            )
            for field in ("key", "county")
        ),
        migrations.SeparateDatabaseAndState(
            [migrations.RunSQL(BYTES, HEX)],
            [migrations.AlterField("feature", "content", models.BinaryField(verbose_name="内容指纹"))],
        ),
        migrations.AlterField(
            "feature",
            "load",
            models.ForeignKey(
                db_constraint=False,
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="features",
                to="spatial.load",
                verbose_name="装入",
            ),
        ),
        migrations.AlterField(
            "feature",
            "site",
            models.ForeignKey(
                blank=True,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="features",
                to="spatial.site",
            ),
        ),
        migrations.AddField(
            "feature", "file", models.SmallIntegerField(default=1, verbose_name="第几个文件")
        ),
        migrations.AddIndex(
            "feature",
            models.Index(fields=["site"], name="feature_by_site", condition=models.Q(site__isnull=False)),
        ),
        migrations.AddConstraint(
            "feature", models.UniqueConstraint(fields=("load", "content"), name="feature_once_a_load")
        ),
        *(migrations.RunSQL(up, down) for up, down in INDEXES),
        migrations.CreateModel(
            name="KeptRow",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "load_id", "content", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                (
                    "load",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="kept",
                        to="spatial.load",
                    ),
                ),
                ("content", models.BinaryField()),
            ],
        ),
        migrations.RunSQL(KEEP, migrations.RunSQL.noop),
        migrations.DeleteModel("LoadedRow"),
        migrations.RunSQL(GUARD, UNGUARD),
    ]
