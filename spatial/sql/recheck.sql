-- Of the check of each open case (`cases`), or of the newest answer to each question: what of the data around its parcel is
-- not what it was, at the answer's revision or at `since`, whichever is later. One row for each feature, coverage, waiting delivery or entry without place that came or
-- went. Boxes and county outlines stand for distances, so that rather too much is asked again than too little.
-- Which answers lie near anything that changed after `since` is asked first, of the changed rows: they are few, and the
-- answers many. All answers to a question have one parcel, so the newest of them is among those that are near; what is asked
-- by cadastral number (`cadastral`) has the boundary that the cadastre holds, so there the number stands for the parcel.
WITH asked AS (
  SELECT * FROM unnest(%(layers)s::text[], %(dx)s::float8[], %(dy)s::float8[]) AS a (layer, dx, dy)
), moved AS (
  SELECT DISTINCT layer FROM spatial_feature
  WHERE revisions <> '{}' AND revisions && int4range(%(since)s, %(newest)s, '[]')
    AND NOT revisions @> int4range(%(since)s, %(newest)s, '[]')
), near AS (
  SELECT DISTINCT r.id
  FROM spatial_feature f
  JOIN asked a ON a.layer = f.layer
  JOIN spatial_checkrun r ON r.parcel && ST_Expand(f.geom, a.dx, a.dy)
  WHERE f.revisions <> '{}' AND f.revisions && int4range(%(since)s, %(newest)s, '[]')
    AND NOT f.revisions @> int4range(%(since)s, %(newest)s, '[]')
  UNION
  SELECT r.id
  FROM spatial_feature f
  JOIN spatial_checkrun r ON r.request->>'cadastral' = 'true' AND r.request->>'parcel_no' = f.key
  WHERE f.layer = %(cadastre)s AND f.revisions <> '{}' AND f.revisions && int4range(%(since)s, %(newest)s, '[]')
    AND NOT f.revisions @> int4range(%(since)s, %(newest)s, '[]')
), numbered AS (
  SELECT DISTINCT request->>'parcel_no' AS parcel_no
  FROM spatial_checkrun
  WHERE request->>'cadastral' = 'true' AND id IN (SELECT id FROM near)
), everywhere AS (
  SELECT EXISTS (
    SELECT FROM spatial_coverage WHERE revisions && int4range(%(since)s, %(newest)s, '[]')
      AND NOT revisions @> int4range(%(since)s, %(newest)s, '[]')
  ) OR EXISTS (
    SELECT FROM spatial_leftout WHERE revisions && int4range(%(since)s, %(newest)s, '[]')
      AND NOT revisions @> int4range(%(since)s, %(newest)s, '[]')
  ) OR EXISTS (
    SELECT FROM spatial_feature WHERE geom IS NULL AND revisions && int4range(%(since)s, %(newest)s, '[]')
      AND NOT revisions @> int4range(%(since)s, %(newest)s, '[]')
  ) AS is_so
), latest AS (
  SELECT DISTINCT ON ({question})
    id, parcel, counties, checked_at, greatest(revision, %(since)s) AS was,
    CASE WHEN request->>'cadastral' = 'true' THEN request->>'parcel_no' END AS cadastral_no
  FROM spatial_checkrun
  WHERE NOT %(cases)s AND id <> ALL(%(besides)s::uuid[]) AND request->>'known_at' IS NULL
    AND ((SELECT is_so FROM everywhere) OR id IN (SELECT id FROM near)
      OR request->>'cadastral' = 'true' AND request->>'parcel_no' IN (SELECT parcel_no FROM numbered))
  ORDER BY {question}, checked_at DESC, id
), watched AS (
  SELECT r.id, r.parcel, r.counties, r.checked_at, greatest(r.revision, %(since)s) AS was,
    CASE WHEN r.request->>'cadastral' = 'true' THEN r.request->>'parcel_no' END AS cadastral_no
  FROM spatial_case c JOIN spatial_checkrun r ON r.id = c.latest_id
  WHERE %(cases)s AND c.is_open
), stale AS (
  SELECT * FROM latest WHERE was < %(newest)s
  UNION ALL
  SELECT DISTINCT ON (id) * FROM watched WHERE was < %(newest)s
), place AS (
  SELECT r.id, county FROM stale r, jsonb_array_elements_text(r.counties) AS county
  UNION
  SELECT r.id, coalesce(f.code, f.county)
  FROM stale r
  JOIN asked a ON a.layer = %(county_layer)s
  JOIN spatial_feature f ON f.layer = a.layer AND hashtext(f.layer) = hashtext(a.layer)
    AND f.geom && ST_Expand(r.parcel, a.dx, a.dy) AND f.revisions <> '{}'
    AND (f.revisions @> r.was OR f.revisions @> %(newest)s)
    AND ST_Intersects(f.geom, ST_Expand(ST_Envelope(r.parcel), a.dx, a.dy))
)
SELECT r.id, 'feature' AS kind, f.layer, f.id AS feature, f.code, f.name, f.county, f.revisions @> %(newest)s AS came,
  NULL::date AS data_date, NULL::boolean AS part
FROM stale r
CROSS JOIN (SELECT asked.* FROM asked JOIN moved USING (layer)) a
CROSS JOIN LATERAL (
  SELECT f.*
  FROM spatial_feature f
  WHERE f.layer = a.layer AND hashtext(f.layer) = hashtext(a.layer)
    AND f.geom && ST_Expand(r.parcel, a.dx, a.dy)
    AND f.revisions <> '{}'
    AND (f.revisions @> r.was) <> (f.revisions @> %(newest)s)
) f
UNION ALL
SELECT r.id, 'feature', f.layer, f.id, f.code, f.name, f.county, f.revisions @> %(newest)s, NULL, NULL
FROM stale r
JOIN spatial_feature f ON f.layer = %(cadastre)s AND f.key = r.cadastral_no AND f.revisions <> '{}'
  AND (f.revisions @> r.was) <> (f.revisions @> %(newest)s)
UNION ALL
SELECT p.id, 'coverage', c.layer, NULL, NULL, NULL, c.county, c.revisions @> %(newest)s, c.data_date, c.area IS NOT NULL
FROM stale r
JOIN place p ON p.id = r.id
JOIN spatial_coverage c ON c.county = p.county AND c.layer = ANY(%(layers)s::text[])
  AND (c.revisions @> r.was) <> (c.revisions @> %(newest)s)
UNION ALL
SELECT p.id, 'left_out', o.layer, NULL, NULL, NULL, o.county, o.revisions @> %(newest)s, NULL, NULL
FROM stale r
JOIN place p ON p.id = r.id
JOIN spatial_leftout o ON o.county = p.county AND o.layer = ANY(%(layers)s::text[])
  AND (o.revisions @> r.was) <> (o.revisions @> %(newest)s)
UNION ALL
SELECT r.id, 'unlocated', f.layer, f.id, f.code, f.name, f.county, f.revisions @> %(newest)s, NULL, NULL
FROM stale r
JOIN spatial_feature f ON f.geom IS NULL AND f.layer = ANY(%(layers)s::text[])
  AND (f.revisions @> r.was) <> (f.revisions @> %(newest)s)
WHERE f.county IS NULL OR EXISTS (SELECT FROM place p WHERE p.id = r.id AND p.county = f.county)
