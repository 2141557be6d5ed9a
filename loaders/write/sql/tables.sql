-- Where the rows of a load are on their way: one batch; the live rows of the layer; those of them that the delivery has
-- unchanged; the keys of rows that wait; what becomes of the live rows (standing.sql).
DROP TABLE IF EXISTS pg_temp.incoming, pg_temp.live, pg_temp.same, pg_temp.held, pg_temp.standing, pg_temp.loading;
CREATE TEMPORARY TABLE incoming ON COMMIT DROP AS
SELECT layer, load_id, file, revisions, row, key, code, name, county, geom, has_boundary, attributes, valid_from, valid_to, content
FROM spatial_feature WHERE false;
ALTER TABLE incoming ADD nth integer GENERATED ALWAYS AS IDENTITY (MINVALUE 0);
CREATE TEMPORARY TABLE same (
  live_id bigint, file smallint, row integer, key text, county text, valid_from date, content bytea PRIMARY KEY
) ON COMMIT DROP;
CREATE TEMPORARY TABLE held (key text) ON COMMIT DROP;
CREATE TEMPORARY TABLE standing (
  key text, content bytea, county text, name text, has_successor boolean, fate text
) ON COMMIT DROP;
CREATE TEMPORARY TABLE live ON COMMIT DROP AS
SELECT id, content FROM spatial_feature WHERE layer = %(layer)s AND revisions <> '{}' AND upper_inf(revisions);
CREATE INDEX ON live (content);
-- A dry run does what a real one does, in a table of its own.
CREATE TEMPORARY TABLE loading (LIKE spatial_feature INCLUDING ALL) ON COMMIT DROP
