-- One tile of one layer: the features in its source-layer, and one label point for each in <layer>_label.
-- The index is asked with the tile's box in the storage system; only what is found is drawn in web mercator.
-- Both steps are MATERIALIZED: pulled up into what reads them, they would be computed once for each mention.
WITH found AS MATERIALIZED (
  {rows}
),
spots AS MATERIALIZED (
  SELECT f.id, f.properties, f.label, f.label_properties, f.geom, ST_Transform(ST_PointOnSurface(f.geom), 3857) AS spot
  FROM found AS f
),
shapes AS (
  -- What is too small to be seen beside its mark, or collapses altogether, is drawn as a point: nothing vanishes.
  SELECT id, properties, coalesce(
    CASE WHEN ST_XMax(geom) - ST_XMin(geom) >= {least_width} OR ST_YMax(geom) - ST_YMin(geom) >= {least_height}
      THEN ST_AsMVTGeom(ST_Transform(geom, 3857), {square}, {extent}, {buffer}, true) END,
    ST_AsMVTGeom(spot, {square}, {extent}, {buffer}, true)
  ) AS geom
  FROM spots
),
label_points AS (
  -- Counted from the world's corner and rounded down, so that a point on the edge between two tiles is in one of them.
  SELECT id, label, label_properties,
    floor((ST_X(spot) + {half_world}) / {pixel}) - {left} AS x, floor(({half_world} - ST_Y(spot)) / {pixel}) - {top} AS y
  FROM spots
),
labels AS (
  SELECT id, label, label_properties, ST_Point(x, y) AS geom
  FROM label_points
  WHERE x >= 0 AND x < {extent} AND y >= 0 AND y < {extent}
)
SELECT (SELECT ST_AsMVT(shapes, {name}, {extent}, 'geom', 'id' ORDER BY id) FROM shapes)
  || (SELECT ST_AsMVT(labels, {label_name}, {extent}, 'geom', 'id' ORDER BY id) FROM labels) AS tile
