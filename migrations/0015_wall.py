"""The second wall: what people read is read under a role of few rights, and row-level security says which rows.

The application narrows every question by itself; where it forgets to, nothing more comes back. Who asks stands in four
settings of the transaction (`spatial.wall`); what a layer's rows may be read by stands in spatial_layerright, which is
kept as the catalog's files say.
"""

from django.db import migrations

ROLE = """
DO $$ BEGIN
  IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'jingtu_reader') THEN
    CREATE ROLE jingtu_reader NOLOGIN;
  END IF;
EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL;
END $$;
DO $$ BEGIN
  IF NOT pg_has_role(current_user, 'jingtu_reader', 'MEMBER') THEN
    EXECUTE format('GRANT jingtu_reader TO %I', current_user);
  END IF;
END $$;
"""
# Only a superuser may say so: where the application's role is one, as in a container of its own, it is done here.
PLANNABLE = """
DO $$ BEGIN
  IF (SELECT rolsuper FROM pg_roles WHERE rolname = current_user) THEN
    ALTER FUNCTION geometry_overlaps(geometry, geometry) LEAKPROOF;
    ALTER FUNCTION pg_catalog.hashtext(text) LEAKPROOF;
  END IF;
END $$
"""
RIGHTS = """
CREATE TABLE spatial_layerright (
  layer text NOT NULL, role text NOT NULL, county text NOT NULL DEFAULT '', PRIMARY KEY (layer, role, county)
);
CREATE FUNCTION spatial_asker() RETURNS integer LANGUAGE sql STABLE AS
  $$ SELECT nullif(current_setting('jingtu.user', true), '')::integer $$;
CREATE FUNCTION spatial_role() RETURNS text LANGUAGE sql STABLE AS
  $$ SELECT coalesce(nullif(current_setting('jingtu.role', true), ''), 'public') $$;
CREATE FUNCTION spatial_whole() RETURNS boolean LANGUAGE sql STABLE AS
  $$ SELECT coalesce(current_setting('jingtu.whole', true) = 'on', false) $$;
CREATE FUNCTION spatial_counties() RETURNS text[] LANGUAGE sql STABLE AS
  $$ SELECT string_to_array(coalesce(current_setting('jingtu.counties', true), ''), ',') $$;
-- Staff in charge of one of these counties. Nothing that is of no county is anybody's but the whole region's.
CREATE FUNCTION spatial_in_charge(counties text[]) RETURNS boolean LANGUAGE sql STABLE AS
  $$ SELECT spatial_role() <> 'public' AND (spatial_whole() OR counties && spatial_counties()) $$;
CREATE FUNCTION spatial_layers_whole() RETURNS text[] LANGUAGE sql STABLE AS $$
  SELECT coalesce(array_agg(layer), '{}') FROM spatial_layerright
  WHERE county = '' AND (role = 'public' OR (role = spatial_role() AND spatial_whole()))
$$;
CREATE FUNCTION spatial_layers_own() RETURNS text[] LANGUAGE sql STABLE AS $$
  SELECT coalesce(array_agg(layer), '{}') FROM spatial_layerright WHERE county = '' AND role = spatial_role()
$$;
CREATE FUNCTION spatial_layers_open() RETURNS text[] LANGUAGE sql STABLE AS $$
  SELECT coalesce(array_agg(layer || ' ' || county), '{}') FROM spatial_layerright WHERE county <> '' AND role = 'public'
$$;
ALTER FUNCTION spatial_audit(jsonb) SECURITY DEFINER SET search_path = public, pg_temp
"""
UNRIGHTS = """
ALTER FUNCTION spatial_audit(jsonb) SECURITY INVOKER RESET search_path;
DROP FUNCTION spatial_layers_open(); DROP FUNCTION spatial_layers_own(); DROP FUNCTION spatial_layers_whole();
DROP FUNCTION spatial_in_charge(text[]); DROP FUNCTION spatial_counties(); DROP FUNCTION spatial_whole();
DROP FUNCTION spatial_role(); DROP FUNCTION spatial_asker(); DROP TABLE spatial_layerright
"""
# Each function is asked once for a statement, not for a row: therefore the subselects.
LISTED = """layer = ANY ((SELECT spatial_layers_whole())::text[])
  OR (layer = ANY ((SELECT spatial_layers_own())::text[]) AND county = ANY ((SELECT spatial_counties())::text[]))
  OR layer || ' ' || county = ANY ((SELECT spatial_layers_open())::text[])"""
OVERSEEN = "(SELECT spatial_role()) IN ('steward', 'auditor', 'administrator')"
STAFF = "(SELECT spatial_role()) <> 'public'"
POLICIES = {
    "spatial_feature": LISTED,
    "spatial_checkrun": f"""asked_by_id = (SELECT spatial_asker())
      OR EXISTS (SELECT FROM spatial_case one WHERE one.latest_id = spatial_checkrun.id)
      OR ({OVERSEEN} AND ((SELECT spatial_whole()) OR counties ?| (SELECT spatial_counties())))""",  # noqa: S608
    "spatial_remark": "EXISTS (SELECT FROM spatial_checkrun run WHERE run.id = check_run_id)",
    "spatial_withdrawal": "EXISTS (SELECT FROM spatial_remark remark WHERE remark.id = remark_id)",
    "spatial_verdictchange": "EXISTS (SELECT FROM spatial_checkrun run WHERE run.id = old_id)",
    "spatial_site": f"""({STAFF} AND ((SELECT spatial_whole()) OR county = ANY ((SELECT spatial_counties())::text[])))
      OR EXISTS (SELECT FROM spatial_feature row WHERE row.site_id = spatial_site.id)""",  # noqa: S608
    "spatial_sitecode": "EXISTS (SELECT FROM spatial_site site WHERE site.id = site_id)",
    "spatial_siteevent": """EXISTS (SELECT FROM spatial_site site WHERE site.id = site_id
      AND (spatial_in_charge(ARRAY[site.county::text])
        OR (notice_id IS NOT NULL AND kind IN ('enter', 'leave')
          AND (what = ANY ((SELECT spatial_layers_whole())::text[])
            OR what || ' ' || site.county = ANY ((SELECT spatial_layers_open())::text[])))))""",
    "spatial_notice": "EXISTS (SELECT FROM spatial_siteevent event WHERE event.notice_id = spatial_notice.id)",
    "spatial_case": "spatial_in_charge(counties::text[])",
    "spatial_case_followers": "EXISTS (SELECT FROM spatial_case one WHERE one.id = case_id)",
    "spatial_receipt": "EXISTS (SELECT FROM spatial_case one WHERE one.id = case_id)",
    "spatial_message": "to_id = (SELECT spatial_asker())",
    "spatial_manifest": """EXISTS (SELECT FROM spatial_site site
      WHERE site.id = site_id AND spatial_in_charge(ARRAY[site.county::text, receiver_county::text]))
      OR spatial_in_charge(ARRAY[receiver_county::text])""",
    "spatial_draw": """spatial_in_charge(counties::text[]) AND ((SELECT spatial_whole())
      OR counties::text[] <@ (SELECT spatial_counties()))""",
    "spatial_inspection": f"""{STAFF} AND EXISTS (SELECT FROM spatial_site site
      WHERE site.id = site_id AND spatial_in_charge(ARRAY[site.county::text]))""",
    "spatial_step": """CASE subject
      WHEN 'case' THEN EXISTS (SELECT FROM spatial_case one WHERE one.number = key)
      WHEN 'manifest' THEN EXISTS (SELECT FROM spatial_manifest one WHERE one.number = key)
      ELSE EXISTS (SELECT FROM spatial_inspection one WHERE one.number = key) END""",
    "spatial_attachment": """CASE subject
      WHEN 'site' THEN EXISTS (SELECT FROM spatial_site one
        WHERE one.id::text = key AND spatial_in_charge(ARRAY[one.county::text]))
      WHEN 'case' THEN EXISTS (SELECT FROM spatial_case one WHERE one.number = key)
      WHEN 'manifest' THEN EXISTS (SELECT FROM spatial_manifest one WHERE one.number = key)
      ELSE EXISTS (SELECT FROM spatial_inspection one WHERE one.number = key) END""",
    "spatial_load": f"""{OVERSEEN} AND ((SELECT spatial_whole())
      OR counties::text[] <@ (SELECT spatial_counties()))""",
    "spatial_job": f"""by_id = (SELECT spatial_asker()) OR (kind = 'load' AND {OVERSEEN}
      AND ((SELECT spatial_whole()) OR counties::text[] <@ (SELECT spatial_counties())))""",
    "spatial_loadissue": "EXISTS (SELECT FROM spatial_load one WHERE one.id = load_id)",
    "spatial_quarantinedrow": "EXISTS (SELECT FROM spatial_load one WHERE one.id = load_id)",
    "spatial_auditentry": """(SELECT spatial_role()) IN ('auditor', 'administrator') AND ((SELECT spatial_whole())
      OR (said::jsonb -> 'counties') ?| (SELECT spatial_counties()))""",
}
OPEN = (
    "spatial_revision", "spatial_release", "spatial_coverage", "spatial_leftout", "spatial_keptrow",
    "spatial_recheck", "spatial_layerright", "spatial_account", "auth_user",
)  # fmt: skip
"""Tables that tell nothing of their own: numbers, names and days that every answer carries; names of colleagues."""


def wall(apps: object, editor: object) -> None:
    for table, rows in POLICIES.items():
        editor.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")  # type: ignore[attr-defined]
        editor.execute(f"CREATE POLICY seen ON {table} FOR SELECT TO jingtu_reader USING ({rows})")  # type: ignore[attr-defined]
    for table in (*POLICIES, *OPEN):
        editor.execute(f"GRANT SELECT ON {table} TO jingtu_reader")  # type: ignore[attr-defined]


def no_wall(apps: object, editor: object) -> None:
    for table in (*POLICIES, *OPEN):
        editor.execute(f"REVOKE SELECT ON {table} FROM jingtu_reader")  # type: ignore[attr-defined]  # noqa: S608
    for table in POLICIES:
        editor.execute(f"DROP POLICY seen ON {table}")  # type: ignore[attr-defined]
        editor.execute(f"ALTER TABLE {table} DISABLE ROW LEVEL SECURITY")  # type: ignore[attr-defined]


class Migration(migrations.Migration):
    dependencies = [("spatial", "0014_field_work")]
    operations = [
        migrations.RunSQL(ROLE, migrations.RunSQL.noop),
        migrations.RunSQL(PLANNABLE, migrations.RunSQL.noop),
        migrations.RunSQL(RIGHTS, UNRIGHTS),
        migrations.RunPython(wall, no_wall),
    ]
