"""Where the audit chain ends is kept beside it and only ever raised: what is cut off or put in by hand shows.

Also: what is only ever added is not emptied either.
"""

from django.db import migrations, models

# The end is raised by the entry itself, in its transaction; an entry that is not the next one is refused.
HEAD = """
CREATE TABLE spatial_audithead (
  one boolean PRIMARY KEY DEFAULT true CHECK (one),
  chain uuid NOT NULL DEFAULT gen_random_uuid(),
  number bigint NOT NULL,
  digest bytea NOT NULL
);
INSERT INTO spatial_audithead (number, digest)
SELECT coalesce(max(number), 0), coalesce((array_agg(digest ORDER BY number DESC))[1], '') FROM spatial_auditentry;
CREATE FUNCTION spatial_only_raised() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP <> 'UPDATE' OR NEW.chain <> OLD.chain OR NEW.number <> OLD.number + 1 THEN
    RAISE restrict_violation USING MESSAGE = 'the end of the audit chain is only ever raised';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER spatial_audithead_only_raised BEFORE INSERT OR UPDATE OR DELETE ON spatial_audithead
  FOR EACH ROW EXECUTE FUNCTION spatial_only_raised();
CREATE TRIGGER spatial_audithead_not_emptied BEFORE TRUNCATE ON spatial_audithead
  FOR EACH STATEMENT EXECUTE FUNCTION spatial_only_raised();

ALTER TABLE spatial_auditentry ADD CONSTRAINT spatial_auditentry_is_one
  CHECK (number > 0 AND length(digest) = 32) NOT VALID;
CREATE FUNCTION spatial_audit_next() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
DECLARE
  last spatial_audithead;
BEGIN
  PERFORM pg_advisory_xact_lock(hashtextextended('jingtu audit', 0));
  SELECT * INTO STRICT last FROM spatial_audithead;
  IF NEW.number <> last.number + 1 OR NEW.digest <> sha256(last.digest || convert_to(NEW.said, 'UTF8')) THEN
    RAISE restrict_violation USING MESSAGE = 'an audit entry is added at the end of its chain (spatial_audit)';
  END IF;
  UPDATE spatial_audithead SET number = NEW.number, digest = NEW.digest;
  RETURN NEW;
END $$;
CREATE TRIGGER spatial_auditentry_next BEFORE INSERT ON spatial_auditentry
  FOR EACH ROW EXECUTE FUNCTION spatial_audit_next();

CREATE OR REPLACE FUNCTION spatial_audit(given jsonb) RETURNS bigint LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  last spatial_audithead;
  entry text;
BEGIN
  PERFORM pg_advisory_xact_lock(hashtextextended('jingtu audit', 0));
  SELECT * INTO STRICT last FROM spatial_audithead;
  entry := (given || jsonb_build_object(
    'number', last.number + 1,
    'at', to_char(clock_timestamp() AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')
  ))::text;
  INSERT INTO spatial_auditentry (number, said, digest)
  VALUES (last.number + 1, entry, sha256(last.digest || convert_to(entry, 'UTF8')));
  RETURN last.number + 1;
END $$
"""
BACK = """
CREATE OR REPLACE FUNCTION spatial_audit(given jsonb) RETURNS bigint LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  last spatial_auditentry;
  entry text;
BEGIN
  PERFORM pg_advisory_xact_lock(hashtextextended('jingtu audit', 0));
  SELECT * INTO last FROM spatial_auditentry ORDER BY number DESC LIMIT 1;
  entry := (given || jsonb_build_object(
    'number', coalesce(last.number, 0) + 1,
    'at', to_char(clock_timestamp() AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')
  ))::text;
  INSERT INTO spatial_auditentry (number, said, digest)
  VALUES (coalesce(last.number, 0) + 1, entry, sha256(coalesce(last.digest, '') || convert_to(entry, 'UTF8')));
  RETURN coalesce(last.number, 0) + 1;
END $$;
DROP TRIGGER spatial_auditentry_next ON spatial_auditentry;
DROP FUNCTION spatial_audit_next();
ALTER TABLE spatial_auditentry DROP CONSTRAINT spatial_auditentry_is_one;
DROP TABLE spatial_audithead;
DROP FUNCTION spatial_only_raised()
"""
ADDED_ONLY = (
    "spatial_remark", "spatial_withdrawal", "spatial_siteevent", "spatial_notice", "spatial_attachment", "spatial_step",
)  # fmt: skip
NOT_EMPTIED = ";".join(
    f"CREATE TRIGGER {table}_not_emptied BEFORE TRUNCATE ON {table}"
    " FOR EACH STATEMENT EXECUTE FUNCTION spatial_only_added()"
    for table in ADDED_ONLY
)
EMPTIED = ";".join(f"DROP TRIGGER {table}_not_emptied ON {table}" for table in ADDED_ONLY)


class Migration(migrations.Migration):
    dependencies = [("spatial", "0017_search")]
    operations = [
        migrations.RunSQL(HEAD, BACK),
        migrations.RunSQL(NOT_EMPTIED, EMPTIED),
        migrations.CreateModel(
            name="AuditHead",
            fields=[
                ("one", models.BooleanField(primary_key=True, serialize=False)),
                ("chain", models.UUIDField()),
                ("number", models.BigIntegerField()),
                ("digest", models.BinaryField()),
            ],
            options={
                "verbose_name": "审计记录末端",
                "verbose_name_plural": "审计记录末端",
                "db_table": "spatial_audithead",
                "managed": False,
            },
        ),
    ]
