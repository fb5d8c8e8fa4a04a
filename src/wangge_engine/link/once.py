"""What follows from a department's listing a person once: two entities that no department tells both of may be one.

Such pairs are sought among entities that nothing contradicts: the only two of one surname, birth date and door or
telephone. How many of them would be two people is reckoned from the records themselves, without labels: twins with two
different numbers are seen, and so is how often two different people are without a number and without a common
department. Where chance explains too many, none is joined. Pairs of one name: `wangge_engine.link.namesakes`.
"""

from __future__ import annotations

from dataclasses import dataclass

import duckdb

from wangge_engine.link.context import Pairs

FEWEST_FOUND = 20  # pairs: of fewer nothing can be said
CHANCE_AT_MOST = 0.1  # of the pairs of one birth date

# What is known of each pair (a, b) of ``asked``: two numbers; nothing against one person; no common department.
_JUDGED = """
CREATE OR REPLACE TEMP TABLE judged_pairs AS
WITH entities AS (
    SELECT a AS entity FROM asked UNION SELECT b FROM asked
), listed AS (
    SELECT e.entity, list(DISTINCT r.source) AS sources
    FROM entities JOIN entity_of e USING (entity) JOIN records r USING (uid) GROUP BY e.entity
)
SELECT q.a, q.b, coalesce(x.id_ok <> y.id_ok, false) AS two_numbers,
       coalesce(x.id_ok = y.id_ok, true) AND coalesce(x.sex = y.sex, true)
       AND (x.birth IS NULL OR y.birth IS NULL
            OR abs(date_diff('day', CAST(x.birth AS DATE), CAST(y.birth AS DATE))) <= 60) AS compatible,
       len(list_intersect(s.sources, t.sources)) = 0 AS apart
FROM asked q JOIN entity_facts x ON x.entity = q.a JOIN entity_facts y ON y.entity = q.b
JOIN listed s ON s.entity = q.a JOIN listed t ON t.entity = q.b
"""
# The first and the last of those who share a key are all of them.
_ONE_BIRTH = """
CREATE OR REPLACE TEMP TABLE asked AS
WITH whole AS (
    SELECT e.entity, r.surname, r.birth, r.door, r.phone_key FROM records r JOIN entity_of e USING (uid)
    WHERE r.name_kind = 'full' AND r.given IS NOT NULL AND r.birth IS NOT NULL
), told AS MATERIALIZED (
    SELECT entity, hash('door', surname, birth, door) AS key FROM whole WHERE door IS NOT NULL
    UNION ALL
    SELECT entity, hash('phone', surname, birth, phone_key) FROM whole WHERE phone_key IS NOT NULL
), shared AS (
    SELECT key, min(entity) AS a, max(entity) AS b FROM told GROUP BY key HAVING min(entity) <> max(entity)
)
SELECT DISTINCT a, b FROM (
    SELECT key, a, b FROM shared JOIN told USING (key) GROUP BY ALL HAVING bool_and(entity IN (a, b))
)
"""
_TALLY = """
SELECT count(*), count(*) FILTER (WHERE two_numbers), count(*) FILTER (WHERE compatible AND apart),
       count(*) FILTER (WHERE two_numbers AND apart), count(*) FILTER (WHERE compatible AND NOT apart)
FROM judged_pairs
"""


@dataclass(frozen=True)
class _Tally:
    """Pairs; with two numbers; that may be one person (compatible and apart); with two numbers and apart;
    compatible, but some department has both."""

    every: int
    two_numbers: int
    open: int
    two_numbers_apart: int
    together: int


def find_respelt_pairs(con: duckdb.DuckDBPyConnection) -> Pairs:
    """Pairs of one surname and birth date at one door or telephone that are one person under two given names."""
    con.execute(_ONE_BIRTH)
    found = _judge(con)
    # Having two numbers and having a common department are independent for twins: three cells tell the fourth.
    common = found.two_numbers - found.two_numbers_apart
    chance = (found.two_numbers_apart + 1) * (found.together + 1) / (common + 1)
    if found.open < FEWEST_FOUND or chance > CHANCE_AT_MOST * found.open:
        return []
    return con.execute("SELECT a, b, 1 FROM judged_pairs WHERE compatible AND apart ORDER BY a, b").fetchall()


def _judge(con: duckdb.DuckDBPyConnection) -> _Tally:
    con.execute(_JUDGED)
    return _Tally(*con.execute(_TALLY).fetchall()[0])
