-- What the records say that is probably wrong, or that nobody can decide: one row for a record and field, with the
-- reason, what others say, how sure the told value is, and what knowing would be worth.
CREATE OR REPLACE TABLE doubts AS
WITH best AS (
    SELECT entity_id, field, value, p, level, agreeing, different, best FROM scored WHERE place = 1
), tellings AS (
    SELECT entity_id, field, value, source, record_id, as_of, tier, bool_or(verified) AS verified, max(anchor) AS anchor,
           max(mb) AS mb
    FROM weighed GROUP BY ALL
), s AS (
    SELECT t.*, v.p, v.level, b.value AS better, b.p AS best_p, b.level AS best_level, b.different, b.best.record_id AS best_record,
           b.best.source AS best_source
    FROM tellings t JOIN scored v USING (entity_id, field, value) JOIN best b USING (entity_id, field)
), found AS (
    SELECT s.entity_id, s.source, s.record_id, s.field, 'check_digit' AS reason, 1 AS rank, s.value AS told,
           CASE WHEN s.best_level > 0 AND s.better <> s.value THEN s.better END AS better, s.p,
           ($importance) * CASE WHEN s.best_level > 0 AND s.better <> s.value THEN 0.4 ELSE 0.9 END AS worth
    FROM s WHERE s.field = 'id_no' AND s.tier = 0 AND NOT s.verified
    UNION ALL
    SELECT r.entity_id, r.source, r.record_id, 'id_no', 'borrowed', 2, r.id_number, s.value, 0, 2.5
    FROM told r LEFT JOIN best s ON s.entity_id = r.entity_id AND s.field = 'id_no'
    WHERE r.id_number IS NOT NULL AND r.id_borrowed AND NOT r.verified
    UNION ALL
    SELECT s.entity_id, s.source, s.record_id, s.field, 'visit', 0, s.value, s.better, s.p, ($importance) * 0.85
    FROM s WHERE s.anchor IS NOT NULL AND NOT s.verified AND s.value <> s.better AND s.as_of <= s.anchor
    UNION ALL
    SELECT s.entity_id, s.source, s.record_id, s.field, 'outvoted', 3, s.value, s.better, s.p, ($importance) * 0.5 * (1 - s.p) * s.best_p
    FROM s WHERE s.field IN $fixed AND s.tier > 0 AND NOT s.verified AND s.p < 0.1 AND s.best_p > 0.8
    UNION ALL
    SELECT s.entity_id, s.source, s.record_id, s.field, 'undecided', 4, s.value,
           (SELECT any_value(o.value) FROM scored o WHERE o.entity_id = s.entity_id AND o.field = s.field AND o.place = 2),
           s.p, ($importance) * 1.6 * (1 - s.p)
    FROM s WHERE s.value = s.better AND s.different > 1 AND s.p < 0.75 AND s.tier > 0 AND NOT s.verified
         AND s.source = s.best_source AND s.record_id = s.best_record
)
SELECT source, record_id, entity_id, field, reason, told, better, round(p, 4) AS p, round(worth, 3) AS worth
FROM found
QUALIFY row_number() OVER (PARTITION BY source, record_id, field ORDER BY rank, told) = 1;
