-- What a map of a paper shows: the features of some layers in a box as they were in a revision, valid on a day, cut to
-- the box; and some features by their ids. Of one layer no more than a number, the first by id, so that it is the same
-- whenever it is asked.
WITH frame AS (
  SELECT ST_SetSRID(ST_MakeBox2D(ST_MakePoint(%(west)s, %(south)s), ST_MakePoint(%(east)s, %(north)s)), 4490)::geometry AS box
), found AS (
  SELECT f.id
  FROM frame
  CROSS JOIN unnest(%(layers)s::text[]) AS a (layer)
  CROSS JOIN LATERAL (
    SELECT f.id
    FROM spatial_feature f
    WHERE f.layer = a.layer
      AND hashtext(f.layer) = hashtext(a.layer)
      AND f.geom && frame.box
      AND f.revisions <> '{}'
      AND f.revisions @> %(revision)s
      AND (f.valid_from IS NULL OR f.valid_from <= %(as_of)s)
      AND (f.valid_to IS NULL OR f.valid_to > %(as_of)s)
    -- Not by the bare id: its index would be walked from the first row on, through the whole country.
    ORDER BY f.id + 0
    LIMIT %(most)s
  ) f
  UNION
  SELECT unnest(%(ids)s::bigint[])
)
SELECT f.id::text, f.layer, f.code, f.name, f.county, f.attributes, ST_AsBinary(ST_ClipByBox2D(f.geom, frame.box)),
  NOT f.geom @ frame.box
FROM frame, spatial_feature f
WHERE f.id IN (SELECT id FROM found) AND f.geom && frame.box
ORDER BY f.id
