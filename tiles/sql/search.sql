-- Of the rows found, the closest, and among these the shorter names first.
SELECT layer, id::text, code, name, county, ST_X(spot) AS lon, ST_Y(spot) AS lat,
  ARRAY[ST_XMin(geom), ST_YMin(geom), ST_XMax(geom), ST_YMax(geom)] AS box
FROM (
  SELECT f.*, ST_PointOnSurface(f.geom) AS spot
  FROM ({found}) AS f
  ORDER BY f.close DESC, length(coalesce(f.name, f.code)), f.layer, f.id
  LIMIT {limit} OFFSET 0
) AS closest
ORDER BY close DESC, length(coalesce(name, code)), layer, closest.id
