-- Rows that come with a load against those that go, by county and kind. Two rows of one key are paired in their order.
WITH came AS (
  SELECT key, coalesce(county, '') AS county, geom, row_number() OVER (PARTITION BY key ORDER BY id) AS nth
  FROM spatial_feature
  WHERE {came}
),
went AS (
  SELECT key, coalesce(county, '') AS county, geom, row_number() OVER (PARTITION BY key ORDER BY id) AS nth
  FROM spatial_feature
  WHERE {went}
),
pairs AS (
  SELECT
    coalesce(came.county, went.county) AS county,
    CASE WHEN went.key IS NULL THEN 'added' WHEN came.key IS NULL THEN 'removed' ELSE 'changed' END AS kind,
    CASE WHEN ST_Dimension(came.geom) = 2 THEN came.geom END AS new,
    CASE WHEN ST_Dimension(went.geom) = 2 THEN went.geom END AS old
  FROM came
  FULL JOIN went ON went.key = came.key AND went.nth = came.nth
)
SELECT
  county,
  kind,
  count(*),
  sum(ST_Area(CASE WHEN old IS NULL THEN new ELSE ST_Difference(new, old) END::geography)),
  sum(ST_Area(CASE WHEN new IS NULL THEN old ELSE ST_Difference(old, new) END::geography))
FROM pairs
GROUP BY county, kind
ORDER BY county, kind
