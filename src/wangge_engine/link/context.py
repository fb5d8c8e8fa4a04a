"""Household context: two entities of one name who live with one and the same third person are one person.

This rescues records without number, birth date or telephone. It never joins entities whose numbers, sexes or
birth dates contradict each other; the clustering checks the rest.
"""

from __future__ import annotations

import duckdb

LARGEST_HOUSEHOLD = 12  # entities; a larger group is a dormitory or a default address
CONTEXT_WEIGHT = 5.0  # bits; taken after all scored links

_GROUPS = """
CREATE OR REPLACE TABLE living AS
WITH groups AS (
    SELECT uid, hash('ref', source, household_ref) AS grp FROM records WHERE household_ref IS NOT NULL
    UNION ALL
    SELECT uid, hash('door', door) AS grp FROM records WHERE door IS NOT NULL
), held AS (
    SELECT DISTINCT e.entity, g.grp FROM groups g JOIN entity_of e USING (uid)
), fit AS (
    SELECT grp FROM held GROUP BY grp HAVING count(*) BETWEEN 1 AND $largest
)
SELECT entity, grp FROM held SEMI JOIN fit USING (grp)
"""
_FACTS = """
CREATE OR REPLACE TABLE entity_facts AS
WITH held AS (
    SELECT e.entity, r.fuzzy, r.id_ok, r.sex, r.birth FROM records r JOIN entity_of e USING (uid)
), fuzzies AS (
    SELECT entity, arg_max(fuzzy, (n, fuzzy)) AS fuzzy
    FROM (SELECT entity, fuzzy, count(*) AS n FROM held WHERE fuzzy IS NOT NULL GROUP BY ALL) GROUP BY entity
), births AS (
    SELECT entity, arg_max(birth, (n, birth)) AS birth
    FROM (SELECT entity, birth, count(*) AS n FROM held WHERE birth IS NOT NULL GROUP BY ALL) GROUP BY entity
), whole AS (
    SELECT entity, min(id_ok) AS id_ok, count(*) AS size,
           count(*) FILTER (WHERE sex = 'M') AS men, count(*) FILTER (WHERE sex = 'F') AS women
    FROM held GROUP BY entity
)
SELECT w.entity, f.fuzzy, w.id_ok, b.birth, w.size,
       CASE WHEN men > women THEN 'M' WHEN women > men THEN 'F' END AS sex
FROM whole w LEFT JOIN fuzzies f USING (entity) LEFT JOIN births b USING (entity)
"""
_CANDIDATES = """
CREATE OR REPLACE TABLE context_pairs AS
WITH mates AS (
    SELECT DISTINCT a.entity, f.fuzzy, b.entity AS mate
    FROM living a JOIN living b ON a.grp = b.grp AND a.entity <> b.entity
    JOIN entity_facts f ON f.entity = a.entity
    WHERE f.fuzzy IS NOT NULL
), met AS (
    SELECT least(x.entity, y.entity) AS a, greatest(x.entity, y.entity) AS b, count(DISTINCT x.mate) AS shared
    FROM mates x JOIN mates y ON x.mate = y.mate AND x.fuzzy = y.fuzzy AND x.entity < y.entity
    GROUP BY ALL
    UNION ALL
    SELECT least(x.entity, y.entity), greatest(x.entity, y.entity), 1
    FROM living x JOIN living y ON x.grp = y.grp AND x.entity < y.entity
    JOIN entity_facts fx ON fx.entity = x.entity JOIN entity_facts fy ON fy.entity = y.entity
    WHERE fx.fuzzy = fy.fuzzy
)
SELECT m.a, m.b, max(m.shared) AS shared
FROM met m JOIN entity_facts p ON p.entity = m.a JOIN entity_facts q ON q.entity = m.b
WHERE (p.id_ok IS NULL OR q.id_ok IS NULL OR p.id_ok = q.id_ok)
  AND (p.sex IS NULL OR q.sex IS NULL OR p.sex = q.sex)
  AND (p.birth IS NULL OR q.birth IS NULL OR p.birth = q.birth
       OR (p.birth[1:4] = q.birth[1:4] AND (p.birth[6:10] = '01-01' OR q.birth[6:10] = '01-01'))
       OR damerau_levenshtein(p.birth, q.birth) <= 1
       OR abs(date_diff('day', CAST(p.birth AS DATE), CAST(q.birth AS DATE))) BETWEEN 17 AND 53)
GROUP BY m.a, m.b
"""


# A caller written as 王先生 is the one 王 of that sex whom the telephone or the door belongs to: the only one, or the
# one whose records mostly bear that telephone.
_TITLED = """
CREATE OR REPLACE TABLE titled_pairs AS
WITH loose AS (
    SELECT r.uid, r.initial, r.phone_key, r.door, r.sex, e.entity
    FROM records r JOIN entity_of e USING (uid) JOIN entity_facts f ON f.entity = e.entity
    WHERE r.name_kind = 'partial' AND r.initial IS NOT NULL AND f.size = 1
), held AS (
    SELECT e.entity, r.initial, r.phone_key, r.door FROM records r JOIN entity_of e USING (uid)
    WHERE r.name_kind <> 'partial' AND r.initial IS NOT NULL
), seen AS (
    SELECT l.uid, l.entity AS loose, h.entity, l.sex, 2 AS worth, count(*) AS n
    FROM loose l JOIN held h ON h.initial = l.initial AND h.phone_key = l.phone_key GROUP BY ALL
    UNION ALL
    SELECT l.uid, l.entity, h.entity, l.sex, 1, count(*)
    FROM loose l JOIN held h ON h.initial = l.initial AND h.door = l.door GROUP BY ALL
), summed AS (
    SELECT s.uid, s.loose, s.entity, bit_or(s.worth) AS worth, arg_max(s.n, s.worth) AS n
    FROM seen s JOIN entity_facts f ON f.entity = s.entity
    WHERE s.sex IS NULL OR f.sex IS NULL OR s.sex = f.sex
    GROUP BY s.uid, s.loose, s.entity
), ranked AS (
    SELECT *, row_number() OVER best AS place, lead(worth) OVER best AS next_worth, lead(n) OVER best AS next_n
    FROM summed WINDOW best AS (PARTITION BY uid ORDER BY worth DESC, n DESC, entity)
)
SELECT loose AS a, entity AS b, worth AS shared FROM ranked
WHERE place = 1 AND (next_worth IS NULL OR next_worth < worth OR (worth >= 2 AND n >= 2 * next_n))
"""


def make_facts(con: duckdb.DuckDBPyConnection) -> None:
    """Table ``entity_facts`` from ``entity_of``: name, number, birth, sex and size of each."""
    con.execute(_FACTS)


def find_titled_pairs(con: duckdb.DuckDBPyConnection) -> list[tuple[int, int, int]]:
    """Single records under a title and the entity that each must mean, from ``entity_of``."""
    con.execute(_FACTS)
    con.execute(_TITLED)
    return con.execute("SELECT a, b, shared FROM titled_pairs ORDER BY a, b").fetchall()


def find_context_pairs(con: duckdb.DuckDBPyConnection) -> list[tuple[int, int, int]]:
    """Pairs of entities (by their labels) and how many housemates they share, from ``entity_of``."""
    con.execute(_GROUPS, {"largest": LARGEST_HOUSEHOLD})
    con.execute(_FACTS)
    con.execute(_CANDIDATES)
    return con.execute("SELECT a, b, shared FROM context_pairs ORDER BY shared DESC, a, b").fetchall()
