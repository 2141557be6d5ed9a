-- Counts and coverage of every layer in the newest revision.
WITH snapshot AS (SELECT coalesce(max(number), 0) AS revision FROM spatial_revision)
SELECT 'count' AS kind, f.layer, f.county, count(*) AS features, count(*) FILTER (WHERE f.geom IS NULL) AS unlocated,
  NULL AS state, NULL::date AS data_date, NULL AS release
FROM snapshot s
JOIN spatial_feature f ON f.revisions @> s.revision
GROUP BY f.layer, f.county
UNION ALL
SELECT 'coverage', c.layer, c.county, NULL, NULL, c.state, c.data_date, e.name
FROM snapshot s
JOIN spatial_coverage c ON c.revisions @> s.revision
LEFT JOIN spatial_release e ON e.id = c.release_id
