-- Rows of a delivery that share key and first day with an earlier row of it, and say something else.
WITH delivered AS (
  SELECT f.file, f.row, f.key, f.valid_from FROM {target} f WHERE f.id > %(first)s AND f.load_id + 0 = %(load)s AND f.code IS NOT NULL
  UNION ALL
  SELECT s.file, s.row, s.key, s.valid_from FROM same s
), several AS (
  SELECT key, valid_from FROM delivered GROUP BY key, valid_from HAVING count(*) > 1
)
SELECT file, row, key, first_row FROM (
  SELECT d.file, d.row, d.key, row_number() OVER one AS n, first_value(d.row) OVER one AS first_row
  FROM delivered d JOIN several v ON v.key = d.key AND v.valid_from IS NOT DISTINCT FROM d.valid_from
  WINDOW one AS (PARTITION BY d.key, d.valid_from ORDER BY d.file, d.row)
) AS numbered
WHERE n > 1
ORDER BY file, row
