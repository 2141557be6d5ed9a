-- The closest rows for a text: the whole name or code, then a beginning, then the shorter name.
SELECT layer, id::text, code, name, county, ST_X(spot) AS lon, ST_Y(spot) AS lat,
  ARRAY[ST_XMin(geom), ST_YMin(geom), ST_XMax(geom), ST_YMax(geom)] AS box
FROM (
  SELECT f.*, ST_PointOnSurface(f.geom) AS spot
  FROM ({found}) AS f
  CROSS JOIN LATERAL (SELECT lower(coalesce(f.name, '')) AS name, lower(coalesce(f.code, '')) AS code, lower({text}::text) AS text) AS low
  ORDER BY low.text IN (low.name, low.code) DESC,
    (starts_with(low.name, low.text) OR starts_with(low.code, low.text)) DESC,
    length(coalesce(f.name, f.code)), f.layer, f.id
  LIMIT {limit} OFFSET 0
) AS closest
