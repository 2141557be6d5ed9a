-- The rows of a batch that the delivery has already, and the row that was first.
SELECT nth, first_file, first_row FROM (
  SELECT i.nth,
    coalesce(f.file, s.file, i.file) AS first_file,
    coalesce(f.row, s.row, CASE WHEN row_number() OVER one > 1 THEN first_value(i.row) OVER one END) AS first_row
  FROM incoming i
  LEFT JOIN {target} f ON f.load_id = %(load)s AND f.content = i.content
  LEFT JOIN same s ON s.content = i.content
  WINDOW one AS (PARTITION BY i.content ORDER BY i.nth)
) AS found
WHERE first_row IS NOT NULL
ORDER BY nth
