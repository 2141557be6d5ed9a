-- What of a batch is live already stands in `same`, the rest are rows of the load; a row that the delivery had before
-- violates a unique key. OFFSET 0 keeps the look-up one by one: a batch is small beside what may be live.
WITH known AS (
  INSERT INTO same
  SELECT l.id, i.file, i.row, i.key, i.county, i.valid_from, i.content
  FROM incoming i CROSS JOIN LATERAL (SELECT id FROM live WHERE live.content = i.content LIMIT 1) AS l
)
INSERT INTO {target} ({columns})
SELECT {columns} FROM incoming i WHERE NOT EXISTS (SELECT FROM live l WHERE l.content = i.content OFFSET 0)
