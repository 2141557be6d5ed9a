"""An overlay beside all counties is its asker's: nothing is in everything, and so it was every overseer's."""

from django.db import migrations

POLICY = """
ALTER POLICY seen ON spatial_areaoverlay USING (
  asked_by_id = (SELECT spatial_asker())
  OR ((SELECT spatial_role()) IN ('steward', 'auditor', 'administrator')
    AND ((SELECT spatial_whole()) OR (counties <> '{}' AND counties::text[] <@ (SELECT spatial_counties())))))
"""
BEFORE = """
ALTER POLICY seen ON spatial_areaoverlay USING (
  asked_by_id = (SELECT spatial_asker())
  OR ((SELECT spatial_role()) IN ('steward', 'auditor', 'administrator')
    AND ((SELECT spatial_whole()) OR counties::text[] <@ (SELECT spatial_counties()))))
"""


class Migration(migrations.Migration):
    dependencies = [("spatial", "0026_sets_planned")]
    operations = [migrations.RunSQL(POLICY, BEFORE)]
