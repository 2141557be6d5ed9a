-- The polygons that will be live together when a delivery goes live, from west to east; run after standing.sql.
SELECT file, row, key, name, valid_from, valid_to, ST_AsBinary(geom) FROM (
  SELECT f.file, f.row, f.key, f.name, f.valid_from, f.valid_to, f.geom
  FROM {target} f WHERE f.id > %(first)s AND f.load_id + 0 = %(load)s
  UNION ALL
  SELECT s.file, s.row, f.key, f.name, f.valid_from, f.valid_to, f.geom
  FROM same s JOIN spatial_feature f ON f.id = s.live_id
  UNION ALL
  SELECT NULL, NULL, f.key, f.name, f.valid_from, f.valid_to, f.geom
  FROM standing s JOIN live l ON l.content = s.content JOIN spatial_feature f ON f.id = l.id
  WHERE s.fate IN ('held', 'kept', 'border')
) AS beside
WHERE ST_Dimension(geom) = 2
ORDER BY ST_XMin(geom)
