LEFT JOIN spatial_drawing AS d ON d.feature_id = f.id
CROSS JOIN LATERAL (
  SELECT coalesce(d.spot, ST_Affine(
    ST_Transform(ST_PointOnSurface(f.geom), 3857), {finest}, 0, 0, {finest}, {half_world} * {finest}, {half_world} * {finest}
  )) AS spot
  OFFSET 0
) AS at
