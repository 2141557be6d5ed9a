past AS (
  -- Where what is live tells of a later day than the one asked: the newest delivery that does not, by its last revision.
  SELECT c.layer, c.county, e.revision, e.data_date
  FROM snapshot s
  JOIN spatial_coverage c ON c.revisions @> s.revision AND c.layer = ANY(%(layers)s::text[]) AND c.data_date > %(as_of)s
  CROSS JOIN LATERAL (
    SELECT least(upper(e.revisions) - 1, s.revision) AS revision, e.data_date
    FROM spatial_coverage e
    LEFT JOIN spatial_load l ON l.id = e.load_id
    WHERE e.layer = c.layer AND e.county = c.county AND e.data_date <= %(as_of)s AND lower(e.revisions) <= s.revision
      AND l.state IS DISTINCT FROM 'withdrawn'
    ORDER BY e.data_date DESC, lower(e.revisions) DESC
    LIMIT 1
  ) e
)
