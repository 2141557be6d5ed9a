-- How many rows a delivery brings, changes, ends and leaves as they are, by county; run after standing.sql.
-- The rows of a load lie one after the other in the order of their ids; "+ 0" keeps from the index by content, which
-- would fetch each from another page.
SELECT kind, county, count(*) FROM (
  SELECT 'unchanged' AS kind, coalesce(county, '') AS county FROM same
  UNION ALL
  SELECT CASE WHEN EXISTS (SELECT FROM standing WHERE standing.key = f.key) THEN 'changed' ELSE 'added' END,
    coalesce(f.county, '')
  FROM {target} f WHERE f.id > %(first)s AND f.load_id + 0 = %(load)s
  UNION ALL
  SELECT 'removed', county FROM standing WHERE fate = 'gone' AND NOT has_successor
) AS compared
GROUP BY kind, county ORDER BY county, kind
