-- What the records tell, each with its day and whether somebody saw it; who is told to have each telephone.
CREATE OR REPLACE TABLE told AS
SELECT r.*, coalesce(l.as_of, '') AS as_of, coalesce(l.verified, false) AS verified
FROM records r LEFT JOIN lineage l USING (source, record_id);

CREATE OR REPLACE TABLE phone_users AS
SELECT value, entity_id, n, sum(n) OVER (PARTITION BY value) AS everybody FROM (
    SELECT phone AS value, entity_id, count(DISTINCT source) AS n FROM told WHERE phone IS NOT NULL GROUP BY ALL
);
