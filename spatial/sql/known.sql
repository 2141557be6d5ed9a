(
  f.revisions @> s.revision
  -- A row that a later delivery no longer holds, and that says no day of its end, was there on the day asked.
  OR (
    EXISTS (
      SELECT FROM past p
      WHERE p.layer = f.layer AND (f.county IS NULL OR p.county = f.county) AND f.revisions @> p.revision
    )
    AND NOT EXISTS (
      SELECT FROM spatial_feature n
      WHERE n.layer = f.layer AND n.key = f.key AND n.revisions <> '{}' AND n.revisions @> s.revision
    )
  )
)
