-- What of a batch is live already stands in `same`, the rest are rows of the load; a row that the delivery had before
-- violates a unique key. OFFSET 0 keeps the look-up one by one: a batch is small beside what may be live.
WITH known AS (
  INSERT INTO same
  SELECT l.id, %(file)s, i.row, i.key, i.county, i.valid_from, i.content
  FROM incoming i CROSS JOIN LATERAL (SELECT id FROM live WHERE live.content = i.content LIMIT 1) AS l
)
INSERT INTO {target} (layer, key, code, name, county, geom, has_boundary, attributes, valid_from, valid_to, revisions,
                      content, load_id, file, row)
SELECT %(layer)s, key, code, name, county, ST_GeomFromWKB(shape, 4490), has_boundary, attributes::jsonb, valid_from,
       valid_to, '{{}}', content, %(load)s, %(file)s, row
FROM incoming i WHERE NOT EXISTS (SELECT FROM live l WHERE l.content = i.content OFFSET 0)
