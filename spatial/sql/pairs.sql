-- The overlapping pairs of a batch with the planar area they share. The zone is the first argument: PostGIS keeps the
-- shape of consecutive rows prepared, and a parcel wholly in a zone is not cut.
SELECT *
FROM (
  SELECT p.at AS parcel, z.at AS zone,
    CASE WHEN ST_Covers(z.geom, p.geom) THEN ST_Area(p.geom) ELSE ST_Area(ST_Intersection(z.geom, p.geom)) END AS area
  FROM batch_zone z
  JOIN batch_parcel p ON ST_Intersects(z.geom, p.geom)
) pairs
WHERE area > %s
ORDER BY parcel, zone
