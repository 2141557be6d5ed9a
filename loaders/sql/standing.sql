-- What is live in the counties of a delivery, and what becomes of each row when the delivery goes live:
-- 'same' it holds the very row; 'held' its new row waits; 'kept' the delivery is not whole and does not hold it;
-- 'border' it reaches into a county that the delivery does not speak for, and nothing delivered takes its place there;
-- 'gone' the delivery has another row of its key, or no longer has it.
DROP TABLE IF EXISTS pg_temp.standing;
CREATE TEMPORARY TABLE standing ON COMMIT DROP AS
WITH live AS MATERIALIZED (
  SELECT f.key, f.content, f.valid_from, f.geom, coalesce(f.county, '') AS county, coalesce(f.name, f.code, '') AS name,
    EXISTS (SELECT FROM incoming i WHERE i.key = f.key) AS has_successor
  FROM spatial_feature f
  WHERE f.layer = %(layer)s AND upper_inf(f.revisions)
    AND (f.county = ANY(%(counties)s) OR (f.county IS NULL AND '' = ANY(%(counties)s)))
), beyond AS MATERIALIZED (
  SELECT o.geom FROM spatial_feature o
  WHERE o.layer = 'admin_county' AND %(layer)s <> 'admin_county' AND upper_inf(o.revisions)
    AND o.geom IS NOT NULL AND o.county <> ALL(%(counties)s)
)
SELECT live.key, live.content, live.county, live.name, live.has_successor,
  CASE
    WHEN EXISTS (SELECT FROM incoming i WHERE i.content = live.content) THEN 'same'
    WHEN live.key = ANY(%(held)s) AND NOT EXISTS (
      SELECT FROM incoming i
      WHERE i.key = live.key AND i.valid_from IS NOT DISTINCT FROM live.valid_from
        AND coalesce(i.county, '') = live.county
    ) THEN 'held'
    -- Rows of one key with different first days are its history: a later one does not stand for an earlier one; and
    -- each county may number its own.
    WHEN NOT %(whole)s AND NOT EXISTS (
      SELECT FROM incoming i
      WHERE i.key = live.key AND coalesce(i.valid_from = live.valid_from, true)
        AND coalesce(i.county, '') = live.county
    ) THEN 'kept'
    WHEN EXISTS (
      SELECT FROM beyond
      CROSS JOIN LATERAL (SELECT ST_Intersection(live.geom, beyond.geom) AS part) AS cut
      CROSS JOIN LATERAL (
        SELECT coalesce(ST_Difference(cut.part, ST_Union(i.geometry)), cut.part) AS part
        FROM incoming i WHERE i.key = live.key
      ) AS rest
      WHERE live.geom && beyond.geom AND ST_Intersects(live.geom, beyond.geom)
        AND CASE GeometryType(live.geom)
          WHEN 'MULTIPOLYGON' THEN ST_Area(ST_CollectionExtract(rest.part, 3)::geography) > 1  -- m²
          WHEN 'MULTILINESTRING' THEN ST_Length(ST_CollectionExtract(rest.part, 2)::geography) > 1  -- m
          ELSE NOT ST_IsEmpty(rest.part)
        END
    ) THEN 'border'
    ELSE 'gone'
  END AS fate
FROM live;
CREATE INDEX ON standing (content);
CREATE INDEX ON standing (key);
