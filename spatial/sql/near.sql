-- Features in reach of a chunk of parcels, each once: in any of the boxes of its layer, in one revision and on one day.
WITH snapshot AS (
  SELECT %(revision)s::integer AS revision
), {past}
SELECT 'feature', f.id::text, f.layer, f.code, f.name, f.county, f.has_boundary, f.attributes::text, ST_AsBinary(f.geom)
FROM spatial_feature f
WHERE f.id IN (
  SELECT n.id
  FROM unnest(%(layers)s::text[], %(west)s::float8[], %(south)s::float8[], %(east)s::float8[], %(north)s::float8[])
    AS a (layer, west, south, east, north)
  CROSS JOIN LATERAL (
    SELECT f.id
    FROM snapshot s
    CROSS JOIN spatial_feature f
    WHERE f.layer = a.layer
      AND hashtext(f.layer) = hashtext(a.layer)
      AND f.geom && ST_SetSRID(ST_MakeBox2D(ST_MakePoint(a.west, a.south), ST_MakePoint(a.east, a.north)), 4490)::geometry
      AND f.revisions <> '{}'
      AND {known}
      AND (f.valid_from IS NULL OR f.valid_from <= %(as_of)s)
      AND (f.valid_to IS NULL OR f.valid_to > %(as_of)s)
  ) n
)
ORDER BY f.id
