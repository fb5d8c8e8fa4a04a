"""Which entities live together, and where: tables ``dwelling_of`` and ``households``."""

from __future__ import annotations

import duckdb

# A person's dwelling is the one most of their records name; of equals the one with more parts, then the first.
_HOUSEHOLDS = """
CREATE OR REPLACE TABLE households AS
WITH named AS (
    SELECT e.entity, r.address_key AS dwelling, r.source, r.household_ref, r.unit
    FROM records r JOIN entity_of e USING (uid)
), votes AS (
    SELECT entity, dwelling, count(*) AS n, bool_or(unit IS NOT NULL) AS whole
    FROM named WHERE dwelling IS NOT NULL GROUP BY ALL
), own AS (
    SELECT entity, arg_max(dwelling, (n, whole, dwelling)) AS dwelling FROM votes GROUP BY entity
), refs AS (
    SELECT n.entity, min(n.source || '/' || n.household_ref) AS ref
    FROM named n WHERE n.household_ref IS NOT NULL GROUP BY n.entity
), by_ref AS (
    SELECT ref, arg_max(dwelling, (c, dwelling)) AS dwelling
    FROM (
        SELECT r.ref, o.dwelling, count(*) AS c
        FROM (FROM refs SEMI JOIN (SELECT ref FROM refs ANTI JOIN own USING (entity)) USING (ref)) r
        JOIN own o USING (entity) GROUP BY ALL
    ) GROUP BY ref
), every AS (
    SELECT entity, any_value(entity_id) AS entity_id FROM entity_of GROUP BY entity
)
SELECT every.entity_id,
       CASE WHEN coalesce(own.dwelling, by_ref.dwelling) IS NOT NULL
            THEN 'H' || substr(md5('door ' || coalesce(own.dwelling, by_ref.dwelling)), 1, 16)
            WHEN refs.ref IS NOT NULL THEN 'H' || substr(md5('ref ' || refs.ref), 1, 16)
            ELSE 'H' || substr(md5('one ' || every.entity_id), 1, 16) END AS household_id,
       coalesce(own.dwelling, by_ref.dwelling) AS dwelling
FROM every LEFT JOIN own USING (entity) LEFT JOIN refs USING (entity) LEFT JOIN by_ref ON by_ref.ref = refs.ref
"""


def make_households(con: duckdb.DuckDBPyConnection) -> None:
    """One household per entity from ``records`` and ``entity_of``; people without any dwelling stand alone."""
    con.execute(_HOUSEHOLDS)
