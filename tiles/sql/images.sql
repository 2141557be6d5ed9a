-- A later image lies on top of an earlier one.
SELECT id, attributes ->> 'name' AS name, attributes ->> 'date' AS date, attributes ->> 'file' AS file,
  ST_AsBinary(geom) AS outline
FROM ({found}) AS f
ORDER BY attributes ->> 'date' DESC NULLS LAST, id DESC
LIMIT {limit}
