-- One tile of one layer: its features, one label point for each where labels or small marks are drawn, and how many
-- features there are. The index is asked with the tile's box in the storage system. The inner select ends in a LIMIT,
-- which keeps PostgreSQL from putting its expressions into what reads them and working them out more than once.
SELECT ST_AsMVT("Shape", {name}, {extent}, 'Geom', 'Id' ORDER BY found."Id") || {labels} AS tile, count(*) AS features
FROM (
  SELECT f.id AS "Id", {properties}{label} AS "Label", {geometry} AS "Geom",
    floor(ST_X(at.spot) * {scale} - {left}) AS "X", floor({top} - ST_Y(at.spot) * {scale}) AS "Y"
  FROM ({rows}) AS f
  {spot}
  LIMIT {most}
) AS found
CROSS JOIN LATERAL (SELECT {shown}found."Id", found."Geom") AS "Shape"
{label_points}
