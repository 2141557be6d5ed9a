-- What is live in the counties of a delivery, and what becomes of each row when the delivery goes live:
-- 'same' it holds the very row; 'held' its new row waits; 'kept' the delivery is not whole and does not hold it;
-- 'border' it reaches into a county that the delivery does not speak for, and nothing delivered takes its place there;
-- 'gone' the delivery has another row of its key, or no longer has it.
DROP TABLE IF EXISTS pg_temp.delivered;
CREATE TEMPORARY TABLE delivered ON COMMIT DROP AS
SELECT key, valid_from, coalesce(county, '') AS county, id, NULL::bigint AS live_id
FROM {target} WHERE id > %(first)s AND load_id + 0 = %(load)s
UNION ALL
SELECT key, valid_from, coalesce(county, ''), NULL, live_id FROM same;
CREATE INDEX ON delivered (key);
CREATE INDEX ON held (key);
ANALYZE delivered;
INSERT INTO standing
WITH current AS MATERIALIZED (
  SELECT f.key, f.content, f.valid_from, f.geom, coalesce(f.county, '') AS county, coalesce(f.name, f.code, '') AS name,
    EXISTS (SELECT FROM delivered d WHERE d.key = f.key) AS has_successor
  FROM spatial_feature f
  WHERE f.layer = %(layer)s AND f.revisions <> '{{}}' AND upper_inf(f.revisions)
    AND (f.county = ANY(%(counties)s) OR (f.county IS NULL AND '' = ANY(%(counties)s)))
), beyond AS MATERIALIZED (
  SELECT o.geom FROM spatial_feature o
  WHERE o.layer = 'admin_county' AND %(layer)s <> 'admin_county' AND o.revisions <> '{{}}' AND upper_inf(o.revisions)
    AND o.geom IS NOT NULL AND o.county <> ALL(%(counties)s)
)
SELECT current.key, current.content, current.county, current.name, current.has_successor,
  CASE
    WHEN EXISTS (SELECT FROM same s WHERE s.content = current.content) THEN 'same'
    WHEN EXISTS (SELECT FROM held h WHERE h.key = current.key) AND NOT EXISTS (
      SELECT FROM delivered d
      WHERE d.key = current.key AND d.valid_from IS NOT DISTINCT FROM current.valid_from AND d.county = current.county
    ) THEN 'held'
    -- Rows of one key with different first days are its history: a later one does not stand for an earlier one; and
    -- each county may number its own.
    WHEN NOT %(whole)s AND NOT EXISTS (
      SELECT FROM delivered d
      WHERE d.key = current.key AND coalesce(d.valid_from = current.valid_from, true) AND d.county = current.county
    ) THEN 'kept'
    WHEN EXISTS (
      SELECT FROM beyond
      CROSS JOIN LATERAL (SELECT ST_Intersection(current.geom, beyond.geom) AS part) AS cut
      CROSS JOIN LATERAL (
        SELECT coalesce(ST_Difference(cut.part, ST_Union(f.geom)), cut.part) AS part
        FROM (
          SELECT t.geom FROM delivered d JOIN {target} t ON t.id = d.id WHERE d.key = current.key
          UNION ALL
          SELECT t.geom FROM delivered d JOIN spatial_feature t ON t.id = d.live_id WHERE d.key = current.key
        ) AS f
      ) AS rest
      WHERE current.geom && beyond.geom AND ST_Intersects(current.geom, beyond.geom)
        AND CASE GeometryType(current.geom)
          WHEN 'MULTIPOLYGON' THEN ST_Area(ST_CollectionExtract(rest.part, 3)::geography) > 1  -- m²
          WHEN 'MULTILINESTRING' THEN ST_Length(ST_CollectionExtract(rest.part, 2)::geography) > 1  -- m
          ELSE NOT ST_IsEmpty(rest.part)
        END
    ) THEN 'border'
    ELSE 'gone'
  END AS fate
FROM current;
CREATE INDEX ON standing (content);
CREATE INDEX ON standing (key)
