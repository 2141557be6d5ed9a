"""The sets of rights by functions whose plans a connection keeps: a function in SQL is planned anew for each statement."""

from django.db import migrations

BODIES = {
    "whole": """
  SELECT coalesce(jsonb_object_agg(layer, true), '{}') FROM spatial_layerright
  WHERE county = '' AND (role = 'public' OR (role = spatial_role() AND spatial_whole()))
""",
    "own": """
  SELECT coalesce(jsonb_object_agg(layer, true), '{}') FROM spatial_layerright WHERE county = '' AND role = spatial_role()
""",
    "open": """
  SELECT coalesce(jsonb_object_agg(layer || ' ' || county, true), '{}') FROM spatial_layerright
  WHERE county <> '' AND role = 'public'
""",
}
"""As migration 0023 has them."""
MADE = "CREATE OR REPLACE FUNCTION spatial_set_"


class Migration(migrations.Migration):
    dependencies = [("spatial", "0025_overlay")]
    operations = [
        migrations.RunSQL(
            f"{MADE}{name}() RETURNS jsonb LANGUAGE plpgsql STABLE AS $$ BEGIN RETURN ({body}); END $$",
            f"{MADE}{name}() RETURNS jsonb LANGUAGE sql STABLE AS $$ {body} $$",
        )
        for name, body in BODIES.items()
    ]
