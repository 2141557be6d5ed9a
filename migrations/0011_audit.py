"""Who did what: a chain of entries that are only ever added, each with a hash over itself and the one before."""

from django.db import migrations, models

CHAIN = """
CREATE TABLE spatial_auditentry (
  number bigint PRIMARY KEY,
  said text NOT NULL,
  digest bytea NOT NULL,
  at text NOT NULL GENERATED ALWAYS AS (said::jsonb ->> 'at') STORED,
  action text NOT NULL GENERATED ALWAYS AS (said::jsonb ->> 'action') STORED,
  username text GENERATED ALWAYS AS (said::jsonb ->> 'user') STORED,
  object text GENERATED ALWAYS AS (said::jsonb ->> 'object') STORED
);
CREATE INDEX ON spatial_auditentry (username, number);
CREATE INDEX ON spatial_auditentry (object, number);
-- One entry after the other: whoever adds one holds the end of the chain until the transaction ends. A new statement sees
-- what was added while it waited.
CREATE FUNCTION spatial_audit(given jsonb) RETURNS bigint LANGUAGE plpgsql AS $$
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
CREATE TRIGGER spatial_auditentry_only_added BEFORE UPDATE OR DELETE ON spatial_auditentry
  FOR EACH ROW EXECUTE FUNCTION spatial_only_added();
CREATE TRIGGER spatial_auditentry_not_emptied BEFORE TRUNCATE ON spatial_auditentry
  FOR EACH STATEMENT EXECUTE FUNCTION spatial_only_added()
"""
UNCHAIN = "DROP FUNCTION spatial_audit(jsonb); DROP TABLE spatial_auditentry"


class Migration(migrations.Migration):
    dependencies = [("spatial", "0010_batch")]
    operations = [
        migrations.RunSQL(CHAIN, UNCHAIN),
        migrations.CreateModel(
            name="AuditEntry",
            fields=[
                ("number", models.BigIntegerField(primary_key=True, serialize=False)),
                ("said", models.TextField()),
                ("digest", models.BinaryField()),
                ("at", models.TextField()),
                ("action", models.TextField()),
                ("username", models.TextField(null=True)),
                ("object", models.TextField(null=True)),
            ],
            options={
                "verbose_name": "审计记录",
                "verbose_name_plural": "审计记录",
                "db_table": "spatial_auditentry",
                "ordering": ["-number"],
                "managed": False,
            },
        ),
    ]
