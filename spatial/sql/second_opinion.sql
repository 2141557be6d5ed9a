-- What of some layers lies on the parcels of a batch, in one revision and on one day: the area or length that is shared
-- in (square) degrees, 0 of a point. Worked out from the stored features alone. The feature is the first argument:
-- PostGIS keeps the shape of consecutive rows prepared, and a parcel wholly in a zone is not cut.
WITH snapshot AS (
  SELECT %(revision)s::integer AS revision
), {past}
SELECT place, id::text, much
FROM (
  SELECT p.place, f.id, ST_Dimension(f.geom) AS dimension,
    CASE
      WHEN ST_Dimension(f.geom) = 0 THEN 0
      WHEN ST_Dimension(f.geom) = 1 THEN ST_Length(ST_Intersection(f.geom, p.geom))
      WHEN ST_Covers(f.geom, p.geom) THEN ST_Area(p.geom)
      ELSE ST_Area(ST_Intersection(f.geom, p.geom))
    END AS much
  FROM snapshot s
  CROSS JOIN unnest(%(layers)s::text[]) AS a (layer)
  CROSS JOIN batch_parcel p
  JOIN spatial_feature f ON hashtext(f.layer) = hashtext(a.layer) AND f.geom && p.geom AND f.layer = a.layer
    AND f.revisions <> '{}' AND ST_Intersects(f.geom, p.geom)
  WHERE {known}
    AND (f.valid_from IS NULL OR f.valid_from <= %(as_of)s)
    AND (f.valid_to IS NULL OR f.valid_to > %(as_of)s)
) found
WHERE dimension = 0 OR much > %(least)s
ORDER BY place, found.id
