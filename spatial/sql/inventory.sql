-- Counts of every layer in the newest revision, and its coverage on a day. A layer of which all that was ever delivered
-- tells of later days is not covered on it, as in a check (overlay.sql).
WITH snapshot AS (SELECT coalesce(max(number), 0) AS revision FROM spatial_revision), {past}
SELECT 'count' AS kind, f.layer, f.county, count(*) AS features, count(*) FILTER (WHERE f.geom IS NULL) AS unlocated,
  NULL AS state, NULL::date AS data_date, NULL AS release
FROM snapshot s
JOIN spatial_feature f ON f.revisions @> s.revision
GROUP BY f.layer, f.county
UNION ALL
SELECT 'coverage', c.layer, c.county, NULL, NULL, c.state, coalesce(p.data_date, c.data_date),
  CASE WHEN p.data_date IS NULL THEN e.name END
FROM snapshot s
JOIN spatial_coverage c ON c.revisions @> s.revision
LEFT JOIN past p ON p.layer = c.layer AND p.county = c.county
LEFT JOIN spatial_release e ON e.id = c.release_id
WHERE c.data_date <= %(as_of)s OR p.data_date IS NOT NULL
