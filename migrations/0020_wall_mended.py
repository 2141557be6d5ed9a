"""The second wall where it hid what one may see, and where it showed what nobody needs."""

from django.db import migrations

# Asked as the owner, once a statement: a policy that looks into a table whose policy looks back would never end.
SEEN = """
CREATE FUNCTION spatial_cases_changes() RETURNS bigint[] LANGUAGE sql STABLE
SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT coalesce(array_agg((step.detail ->> 'change')::bigint), '{}')
  FROM spatial_step step JOIN spatial_case one ON one.number = step.key
  WHERE step.subject = 'case' AND step.kind = 'changed' AND spatial_in_charge(one.counties::text[])
$$;
CREATE FUNCTION spatial_cases_runs() RETURNS uuid[] LANGUAGE sql STABLE
SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT coalesce(array_agg(run.id), '{}')
  FROM spatial_verdictchange change, LATERAL (VALUES (change.old_id), (change.new_id)) AS run (id)
  WHERE change.id = ANY (spatial_cases_changes())
$$;
CREATE FUNCTION spatial_sites_received() RETURNS bigint[] LANGUAGE sql STABLE
SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT coalesce(array_agg(DISTINCT site_id), '{}') FROM spatial_manifest
  WHERE spatial_in_charge(ARRAY[receiver_county::text])
$$;
CREATE INDEX spatial_step_changed ON spatial_step (key) WHERE subject = 'case' AND kind = 'changed'
"""
UNSEEN = """
DROP INDEX spatial_step_changed; DROP FUNCTION spatial_sites_received();
DROP FUNCTION spatial_cases_runs(); DROP FUNCTION spatial_cases_changes()
"""
# Under the wall `auth_user` is this view: `spatial.wall` puts its schema first. Names, and nothing to sign in with.
PEOPLE = """
CREATE SCHEMA jingtu_seen;
CREATE VIEW jingtu_seen.auth_user AS
  SELECT id, ''::varchar AS password, NULL::timestamptz AS last_login, false AS is_superuser, username,
    ''::varchar AS first_name, ''::varchar AS last_name, ''::varchar AS email, false AS is_staff, is_active,
    NULL::timestamptz AS date_joined
  FROM auth_user;
GRANT USAGE ON SCHEMA jingtu_seen TO jingtu_reader;
GRANT SELECT ON jingtu_seen.auth_user TO jingtu_reader;
REVOKE SELECT ON auth_user FROM jingtu_reader
"""
NO_PEOPLE = """
GRANT SELECT ON auth_user TO jingtu_reader; DROP VIEW jingtu_seen.auth_user; DROP SCHEMA jingtu_seen
"""
OVERSEEN = "(SELECT spatial_role()) IN ('steward', 'auditor', 'administrator')"
LISTED = """layer = ANY ((SELECT spatial_layers_whole())::text[])
  OR (layer = ANY ((SELECT spatial_layers_own())::text[]) AND county = ANY ((SELECT spatial_counties())::text[]))
  OR layer || ' ' || county = ANY ((SELECT spatial_layers_open())::text[])"""
RUNS = f"""asked_by_id = (SELECT spatial_asker())
  OR EXISTS (SELECT FROM spatial_case one WHERE one.latest_id = spatial_checkrun.id)
  OR ({OVERSEEN} AND ((SELECT spatial_whole()) OR counties ?| (SELECT spatial_counties())))"""  # noqa: S608
CHANGES = "EXISTS (SELECT FROM spatial_checkrun run WHERE run.id = old_id)"
SITES = """((SELECT spatial_role()) <> 'public'
    AND ((SELECT spatial_whole()) OR county = ANY ((SELECT spatial_counties())::text[])))
  OR EXISTS (SELECT FROM spatial_feature row WHERE row.site_id = spatial_site.id)"""
POLICIES = {
    # What waits to be published is for those who publish.
    "spatial_feature": (LISTED, f"(revisions <> '{{}}' OR {OVERSEEN}) AND ({LISTED})"),
    # Who is in charge of a case sees how its answer changed, whoever asked.
    "spatial_checkrun": (RUNS, f"{RUNS} OR id = ANY ((SELECT spatial_cases_runs())::uuid[])"),
    "spatial_verdictchange": (CHANGES, f"{CHANGES} OR id = ANY ((SELECT spatial_cases_changes())::bigint[])"),
    # Who receives soil sees where it comes from.
    "spatial_site": (SITES, f"{SITES} OR id = ANY ((SELECT spatial_sites_received())::bigint[])"),
}
"""Table → rows as migration 0015 chose them, and now."""


def mend(apps: object, editor: object) -> None:
    for table, (_, rows) in POLICIES.items():
        editor.execute(f"ALTER POLICY seen ON {table} USING ({rows})")  # type: ignore[attr-defined]


def back(apps: object, editor: object) -> None:
    for table, (rows, _) in POLICIES.items():
        editor.execute(f"ALTER POLICY seen ON {table} USING ({rows})")  # type: ignore[attr-defined]


class Migration(migrations.Migration):
    dependencies = [("spatial", "0019_audit_head")]
    operations = [
        migrations.RunSQL(SEEN, UNSEEN),
        migrations.RunPython(mend, back),
        migrations.RunSQL(PEOPLE, NO_PEOPLE),
    ]
