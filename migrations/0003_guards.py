"""What the database itself refuses, because PostGIS answers "does not intersect" without an error for it.

A NaN vertex, an empty geometry or a hole equal to its shell makes ST_Intersects false: a false clear that no query
can see. The area of use is that of EPSG:4490 (73.62-134.77 E, 16.70-53.56 N, EPSG registry); a region's own extent is the loader's check.
"""

from django.db import migrations

GUARD = """
ALTER TABLE {table} ADD CONSTRAINT {table}_{column}_guard CHECK ({column} IS NULL OR (
  ST_NDims({column}) = 2
  AND NOT ST_IsEmpty({column})
  AND ST_XMin({column}) >= 73.62 AND ST_XMax({column}) <= 134.77
  AND ST_YMin({column}) >= 16.70 AND ST_YMax({column}) <= 53.56
  AND GeometryType({column}) IN ('MULTIPOLYGON', 'MULTILINESTRING', 'POINT')
  AND ST_IsValid({column})
))
"""
UNGUARD = "ALTER TABLE {table} DROP CONSTRAINT {table}_{column}_guard"
GUARDED = [("spatial_feature", "geom"), ("spatial_coverage", "area"), ("spatial_checkrun", "parcel")]

FEATURE = [
    (
        "ALTER TABLE spatial_feature ADD CONSTRAINT spatial_feature_boundary_guard CHECK (geom IS NOT NULL OR NOT has_boundary)",
        "ALTER TABLE spatial_feature DROP CONSTRAINT spatial_feature_boundary_guard",
    ),
    (
        "CREATE INDEX spatial_feature_layer_geom ON spatial_feature USING gist (layer, geom)",
        "DROP INDEX spatial_feature_layer_geom",
    ),
    (
        "CREATE INDEX spatial_feature_unlocated ON spatial_feature (layer, county) WHERE geom IS NULL",
        "DROP INDEX spatial_feature_unlocated",
    ),
    ("CREATE SEQUENCE spatial_check_number", "DROP SEQUENCE spatial_check_number"),
]


class Migration(migrations.Migration):
    dependencies = [("spatial", "0002_tables")]
    operations = [
        *(
            migrations.RunSQL(GUARD.format(table=t, column=c), UNGUARD.format(table=t, column=c))
            for t, c in GUARDED
        ),
        *(migrations.RunSQL(up, down) for up, down in FEATURE),
    ]
