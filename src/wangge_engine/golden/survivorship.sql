-- Survivorship 1. A field's value is the candidate with, in this order: better quality (a valid identity number
-- before a faulty one, a whole name before a title), the source with more authority for this field, more sources
-- that agree, the later date, then source and record id so that the result never depends on the order of rows.
CREATE OR REPLACE TABLE candidates AS
WITH told AS (
    SELECT r.*, coalesce(l.as_of, '') AS as_of FROM records r LEFT JOIN lineage l USING (source, record_id)
), long AS (
    SELECT entity_id, source, record_id, as_of, 'name' AS field, name AS value,
           CASE WHEN name_kind IN ('partial', 'none') THEN 0 ELSE 1 END AS quality
    FROM told WHERE name IS NOT NULL
    UNION ALL
    SELECT entity_id, source, record_id, as_of, 'id_no', id_number,
           CASE WHEN id_ok IS NOT NULL THEN 2 WHEN id_valid AND NOT id_borrowed THEN 1 ELSE 0 END
    FROM told WHERE id_number IS NOT NULL AND NOT id_borrowed
    UNION ALL
    SELECT entity_id, source, record_id, as_of, 'birth', birth, CASE WHEN id_ok IS NOT NULL THEN 1 ELSE 0 END
    FROM told WHERE birth IS NOT NULL
    UNION ALL
    SELECT entity_id, source, record_id, as_of, 'sex', sex, CASE WHEN id_ok IS NOT NULL THEN 1 ELSE 0 END
    FROM told WHERE sex IS NOT NULL
    UNION ALL
    SELECT entity_id, source, record_id, as_of, 'phone', phone, 1 FROM told WHERE phone IS NOT NULL
    UNION ALL
    SELECT entity_id, source, record_id, as_of, 'address', address_key, CASE WHEN room IS NOT NULL THEN 1 ELSE 0 END
    FROM told WHERE address_key IS NOT NULL
)
SELECT long.*, coalesce(a.rank, 5) AS rank,
       count(DISTINCT long.source) OVER (PARTITION BY entity_id, long.field, value) AS agreeing
FROM long LEFT JOIN authority a ON a.source = long.source AND a.field = long.field;

CREATE OR REPLACE TABLE chosen AS
SELECT entity_id, field, count(DISTINCT value) AS different,
       arg_max({'value': value, 'source': source, 'record_id': record_id, 'as_of': as_of, 'agreeing': agreeing},
               (quality, rank, agreeing, as_of, source, record_id)) AS best
FROM candidates GROUP BY entity_id, field;
