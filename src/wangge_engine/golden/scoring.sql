-- candidates + weights + copies -> scored: one row for each value of each field of each entity, with its bits.
CREATE OR REPLACE TABLE weighed AS
SELECT c.*, greatest($least, CAST(round(1000 * (w.bits + c.bonus)) AS BIGINT)) AS mb,
       max(CASE WHEN c.verified AND c.tier > 0 THEN c.as_of END) OVER (PARTITION BY c.entity_id, c.field) AS anchor
FROM $candidates c
JOIN weights w ON w.field = c.field AND w.band = c.band AND w.source = CASE WHEN c.verified THEN '' ELSE c.source END;

CREATE OR REPLACE TABLE by_source AS
SELECT entity_id, field, value, source,
       max(tier + CASE WHEN tier > 0 AND (verified AND as_of = anchor OR as_of > anchor) THEN 1 ELSE 0 END) AS level,
       max(mb) AS mb,
       arg_max({'record_id': record_id, 'as_of': as_of}, (mb, as_of, record_id)) AS best
FROM weighed GROUP BY ALL;

-- a source that shares the errors of a stronger teller of the same value adds only the rest
CREATE OR REPLACE TABLE supported AS
WITH rest AS (
    SELECT a.entity_id, a.field, a.value, a.source, product(1 - c.share) AS share
    FROM by_source a JOIN copies c ON c.source = a.source
    JOIN by_source b ON b.entity_id = a.entity_id AND b.field = a.field AND b.value = a.value AND b.source = c.other
    WHERE b.mb > a.mb OR b.mb = a.mb AND b.source < a.source
    GROUP BY ALL
)
SELECT b.*, CAST(round(mb * coalesce(r.share, 1)) AS BIGINT) AS gain
FROM by_source b LEFT JOIN rest r USING (entity_id, field, value, source);

CREATE OR REPLACE TABLE scored AS
WITH valued AS (
    SELECT entity_id, field, value, max(level) AS level, sum(gain) AS score, count(*) AS agreeing,
           arg_max({'source': source, 'record_id': best.record_id, 'as_of': best.as_of},
                   (mb, best.as_of, source, best.record_id)) AS best,
           max((mb, best.as_of, source, best.record_id)) AS strongest
    FROM supported GROUP BY ALL
), ranked AS (
    SELECT *, max(level) OVER fields AS top, count(*) OVER fields AS different,
           row_number() OVER (PARTITION BY entity_id, field ORDER BY level DESC, score DESC, strongest DESC, value DESC) AS place
    FROM valued WINDOW fields AS (PARTITION BY entity_id, field)
), believed AS (
    SELECT *, CASE WHEN level = top AND level > 0 THEN pow(2, score / 1000.0) ELSE 0 END AS odds,
           count(*) FILTER (WHERE level = top) OVER fields AS standing
    FROM ranked WINDOW fields AS (PARTITION BY entity_id, field)
)
SELECT b.* EXCLUDE (top, odds, standing, strongest),
       odds / (sum(odds) OVER (PARTITION BY entity_id, b.field) + greatest(r.rivals + 1 - standing, 0)) AS p
FROM believed b JOIN rivals r ON r.field = b.field;
