-- Everything a check needs to know, in one statement and so in one snapshot: the revision that answers, what is
-- covered, which features lie within reach of the parcel, and which entries have no place at all.
-- The box of each layer is widened by that layer's own reach; the constant is widened, never the column, so that
-- the index on (hash of the layer, geom) of all that was ever live is used. Without a box there are no features.
WITH snapshot AS (
  SELECT coalesce(max(r.number), 0) AS revision, max(r.at) AS at
  FROM spatial_revision r
  WHERE (%(known_at)s::timestamptz IS NULL OR r.at <= %(known_at)s::timestamptz)
    AND (%(revision)s::integer IS NULL OR r.number <= %(revision)s)
), {past}, asked AS (
  SELECT a.layer, ST_Expand(ST_SetSRID(ST_MakeBox2D(ST_MakePoint(%(west)s, %(south)s), ST_MakePoint(%(east)s, %(north)s)), 4490)::geometry, a.dx, a.dy) AS box
  FROM unnest(%(layers)s::text[], %(dx)s::float8[], %(dy)s::float8[]) AS a (layer, dx, dy)
)
SELECT 'revision' AS kind, s.revision::text AS id, NULL AS layer, NULL AS code, NULL AS name, NULL AS county, NULL::boolean AS has_boundary,
  jsonb_build_object('release', (
    SELECT e.name
    FROM spatial_revision r
    JOIN spatial_release e ON e.id = r.release_id
    WHERE r.number <= s.revision AND r.kind = 'publish' AND NOT EXISTS (
      SELECT FROM spatial_revision u
      WHERE u.release_id = r.release_id AND u.kind = 'unpublish' AND u.number BETWEEN r.number AND s.revision
    )
    ORDER BY r.number DESC
    LIMIT 1
  ), 'outlines', (
    SELECT jsonb_agg(DISTINCT coalesce(f.code, f.county))
    FROM spatial_feature f
    WHERE f.layer = %(county_layer)s AND f.revisions <> '{}' AND f.revisions @> s.revision AND f.geom IS NOT NULL
  )) AS attributes, NULL::bytea AS geom
FROM snapshot s
UNION ALL
-- Whole counties, some hundreds of them, come as one document; the parts with their shapes.
SELECT 'coverage', NULL, NULL, NULL, NULL, NULL, NULL,
  jsonb_agg(jsonb_build_array(c.layer, c.county, c.state, c.data_date, CASE WHEN c.data_date > %(as_of)s THEN p.data_date ELSE c.data_date END, e.name)), c.shape
FROM snapshot s
JOIN LATERAL (
  SELECT *, ST_AsBinary(area) AS shape
  FROM spatial_coverage
  WHERE revisions @> s.revision AND layer = ANY(%(layers)s::text[])
) AS c ON true
LEFT JOIN past p ON p.layer = c.layer AND p.county = c.county
LEFT JOIN spatial_release e ON e.id = c.release_id
GROUP BY c.shape
UNION ALL
SELECT 'left_out', NULL, o.layer, NULL, NULL, o.county, NULL, jsonb_build_object('rows', sum(o.rows)), NULL
FROM snapshot s
JOIN spatial_leftout o ON o.layer = ANY(%(layers)s::text[]) AND o.revisions @> s.revision
GROUP BY o.layer, o.county
UNION ALL
SELECT 'unlocated', NULL, f.layer, NULL, NULL, f.county, NULL, jsonb_build_object('entries', count(*)), NULL
FROM snapshot s
JOIN spatial_feature f ON f.geom IS NULL AND f.layer = ANY(%(layers)s::text[]) AND {known}
WHERE (f.valid_from IS NULL OR f.valid_from <= %(as_of)s) AND (f.valid_to IS NULL OR f.valid_to > %(as_of)s)
GROUP BY f.layer, f.county
UNION ALL
SELECT 'feature', f.id::text, f.layer, f.code, f.name, f.county, f.has_boundary, f.attributes, ST_AsBinary(f.geom)
FROM snapshot s
CROSS JOIN asked a
CROSS JOIN LATERAL (
  SELECT f.*
  FROM spatial_feature f
  WHERE f.layer = a.layer
    AND hashtext(f.layer) = hashtext(a.layer)
    AND f.geom && a.box
    AND f.revisions <> '{}'
    AND {known}
    AND (f.valid_from IS NULL OR f.valid_from <= %(as_of)s)
    AND (f.valid_to IS NULL OR f.valid_to > %(as_of)s)
) f
