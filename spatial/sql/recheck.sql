-- Of the newest answer to each question, and of the check of each open case: what of the data around its parcel is not what it was, at the answer's revision or
-- at `since`, whichever is later. One row for each feature, coverage, waiting delivery or entry without place that came or
-- went. Boxes and county outlines stand for distances, so that rather too much is asked again than too little.
WITH latest AS (
  SELECT DISTINCT ON (asked_by_id, md5(ST_AsBinary(parcel)), request->>'parcel_no', request->>'as_of', answer->'action',
      answer->'proposed_use', answer->'current_use', answer->'project')
    id, parcel, counties, checked_at, greatest(revision, %(since)s) AS was
  FROM spatial_checkrun
  WHERE request->>'known_at' IS NULL
  ORDER BY asked_by_id, md5(ST_AsBinary(parcel)), request->>'parcel_no', request->>'as_of', answer->'action',
    answer->'proposed_use', answer->'current_use', answer->'project', checked_at DESC, id
), watched AS (
  SELECT r.id, r.parcel, r.counties, r.checked_at, greatest(r.revision, %(since)s) AS was
  FROM spatial_case c JOIN spatial_checkrun r ON r.id = c.latest_id
  WHERE c.is_open AND NOT EXISTS (SELECT FROM latest WHERE latest.id = r.id)
), stale AS (
  SELECT * FROM latest WHERE was < %(newest)s
  UNION ALL
  SELECT DISTINCT ON (id) * FROM watched WHERE was < %(newest)s
), asked AS (
  SELECT * FROM unnest(%(layers)s::text[], %(dx)s::float8[], %(dy)s::float8[]) AS a (layer, dx, dy)
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
CROSS JOIN asked a
CROSS JOIN LATERAL (
  SELECT f.*
  FROM spatial_feature f
  WHERE f.layer = a.layer AND hashtext(f.layer) = hashtext(a.layer)
    AND f.geom && ST_Expand(r.parcel, a.dx, a.dy)
    AND f.revisions <> '{}'
    AND (f.revisions @> r.was) <> (f.revisions @> %(newest)s)
) f
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
