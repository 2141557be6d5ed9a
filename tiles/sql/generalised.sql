-- A tile of more features than can be drawn: for each cell and class of the style one of them, with how many it stands for.
SELECT ST_AsMVT("Shape", {name}, {extent}, 'Geom', 'Id' ORDER BY cell."Id") AS tile, coalesce(sum(cell."_count"), 0)::bigint AS features
FROM (
  SELECT DISTINCT ON (found."X", found."Y", found."Class") found.*,
    count(*) OVER (PARTITION BY found."X", found."Y", found."Class") AS "_count",
    ST_Point((found."X" + 0.5) * {cell}, (found."Y" + 0.5) * {cell}) AS "Geom"
  FROM (
    SELECT f.id AS "Id", {properties}{class} AS "Class",
      floor((ST_X(at.spot) * {scale} - {left}) / {cell}) AS "X", floor(({top} - ST_Y(at.spot) * {scale}) / {cell}) AS "Y"
    FROM ({rows}) AS f
    {spot}
    OFFSET 0
  ) AS found
  WHERE found."X" >= 0 AND found."X" < {cells} AND found."Y" >= 0 AND found."Y" < {cells}
  ORDER BY found."X", found."Y", found."Class", found."Id"
) AS cell
CROSS JOIN LATERAL (SELECT {shown}cell."_count", TRUE AS "_generalised", cell."Id", cell."Geom") AS "Shape"
