"""Household context: two entities of one name who live with one and the same third person are one person.

This rescues records without number, birth date or telephone. It never joins entities whose numbers, sexes or
birth dates contradict each other; the clustering checks the rest.
"""

from __future__ import annotations

import duckdb
import pyarrow as pa

from wangge_engine.link.components import Ints

Pairs = list[tuple[int, int, int]]
LARGEST_HOUSEHOLD = 12  # entities; a larger group is a dormitory or a default address
CONTEXT_WEIGHT = 5.0  # bits; taken after all scored links

# Who is in which household or behind which door, as entities.
_HELD = """
CREATE OR REPLACE TEMP TABLE held AS
WITH groups AS (
    SELECT uid, hash('ref', source, household_ref) AS grp FROM records WHERE household_ref IS NOT NULL
    UNION ALL
    SELECT uid, hash('door', door) AS grp FROM records WHERE door IS NOT NULL
)
SELECT DISTINCT e.entity, g.grp FROM groups g JOIN entity_of e USING (uid)
"""
_LIVING = """
CREATE OR REPLACE TEMP TABLE living AS
WITH fit AS (
    SELECT grp FROM {held} GROUP BY grp HAVING count(*) BETWEEN 2 AND $largest
)
SELECT h.entity, h.grp, f.sound FROM {held} h SEMI JOIN fit USING (grp) JOIN entity_facts f USING (entity)
"""
# The name's sound, number and birth that most records of an entity tell. Few entities are told two of one, so these are
# counted for them alone.
_FACTS = """
WITH held AS (
    SELECT e.entity, r.fuzzy, r.id_ok, r.sex, r.birth FROM records r JOIN entity_of e USING (uid) {whose}
), whole AS (
    SELECT entity, min(hash(fuzzy)) FILTER (WHERE fuzzy IS NOT NULL) AS sound,
           max(hash(fuzzy)) FILTER (WHERE fuzzy IS NOT NULL) AS sound_too,
           min(birth) AS birth, max(birth) AS birth_too, min(id_ok) AS id_ok, count(*) AS size,
           count(*) FILTER (WHERE sex = 'M') AS men, count(*) FILTER (WHERE sex = 'F') AS women
    FROM held GROUP BY entity
), torn AS (
    SELECT h.entity, h.fuzzy, h.birth FROM held h JOIN whole w USING (entity)
    WHERE w.sound <> w.sound_too OR w.birth <> w.birth_too
), fuzzies AS (
    SELECT entity, hash(arg_max(fuzzy, (n, fuzzy))) AS sound
    FROM (SELECT entity, fuzzy, count(*) AS n FROM torn WHERE fuzzy IS NOT NULL GROUP BY ALL) GROUP BY entity
), births AS (
    SELECT entity, arg_max(birth, (n, birth)) AS birth
    FROM (SELECT entity, birth, count(*) AS n FROM torn WHERE birth IS NOT NULL GROUP BY ALL) GROUP BY entity
)
SELECT w.entity, coalesce(f.sound, w.sound) AS sound, w.id_ok, coalesce(b.birth, w.birth) AS birth, w.size,
       CASE WHEN men > women THEN 'M' WHEN women > men THEN 'F' END AS sex
FROM whole w LEFT JOIN fuzzies f USING (entity) LEFT JOIN births b USING (entity)
"""
# Housemates of two entities of one sound first: they are few, and so is what follows from them.
_CANDIDATES = """
CREATE OR REPLACE TEMP TABLE context_pairs AS
WITH twice AS (
    SELECT b.entity AS mate, a.sound FROM living a JOIN living b ON a.grp = b.grp AND a.entity <> b.entity
    WHERE a.sound IS NOT NULL GROUP BY ALL HAVING min(a.entity) <> max(a.entity)
), mates AS (
    SELECT DISTINCT a.entity, t.sound, t.mate
    FROM twice t JOIN living b ON b.entity = t.mate
    JOIN living a ON a.grp = b.grp AND a.sound = t.sound AND a.entity <> t.mate
), met AS (
    SELECT x.entity AS a, y.entity AS b, count(*) AS shared
    FROM mates x JOIN mates y ON x.mate = y.mate AND x.sound = y.sound AND x.entity < y.entity
    GROUP BY ALL
    UNION ALL
    SELECT x.entity, y.entity, 1
    FROM living x JOIN living y ON x.grp = y.grp AND x.sound = y.sound AND x.entity < y.entity
)
SELECT m.a, m.b, max(m.shared) AS shared
FROM met m JOIN entity_facts p ON p.entity = m.a JOIN entity_facts q ON q.entity = m.b
WHERE (p.id_ok IS NULL OR q.id_ok IS NULL OR p.id_ok = q.id_ok)
  AND (p.sex IS NULL OR q.sex IS NULL OR p.sex = q.sex)
  AND (p.birth IS NULL OR q.birth IS NULL OR p.birth = q.birth
       OR (p.birth[1:4] = q.birth[1:4] AND (p.birth[6:10] = '01-01' OR q.birth[6:10] = '01-01'))
       OR damerau_levenshtein(p.birth, q.birth) <= 1
       OR abs(date_diff('day', CAST(p.birth AS DATE), CAST(q.birth AS DATE))) BETWEEN 17 AND 53)
  {fresh}
GROUP BY m.a, m.b
"""
# After a join: the groups that hold an entity that grew, whoever is in these (``near``: only they can meet anybody
# anew), and all groups of their housemates.
_AROUND = """
UPDATE held SET entity = m.heir FROM moved m WHERE m.gone = held.entity;
CREATE OR REPLACE TEMP TABLE near AS
SELECT DISTINCT entity FROM held SEMI JOIN (SELECT grp FROM held SEMI JOIN moved ON heir = entity) USING (grp);
CREATE OR REPLACE TEMP TABLE around AS
WITH met AS (
    SELECT DISTINCT entity FROM held SEMI JOIN (SELECT grp FROM held SEMI JOIN near USING (entity)) USING (grp)
)
SELECT DISTINCT entity, grp FROM held SEMI JOIN (SELECT grp FROM held SEMI JOIN met USING (entity)) USING (grp)
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
    """Table ``entity_facts`` from ``entity_of``: sound of the name, number, birth, sex and size of each."""
    con.execute(f"CREATE OR REPLACE TEMP TABLE entity_facts AS {_FACTS.format(whose='')}")


def renew_facts(con: duckdb.DuckDBPyConnection, moved: Ints) -> None:
    """``entity_facts`` after entities (first column) went into others (second column), which alone are told anew."""
    con.register("__moved", pa.table({"gone": moved[:, 0], "heir": moved[:, 1]}))
    con.execute("CREATE OR REPLACE TEMP TABLE moved AS FROM __moved")
    con.unregister("__moved")
    con.execute(
        "DELETE FROM entity_facts WHERE entity IN (SELECT gone FROM moved UNION SELECT heir FROM moved)"
    )
    con.execute(f"INSERT INTO entity_facts {_FACTS.format(whose='SEMI JOIN moved ON heir = e.entity')}")


def find_titled_pairs(con: duckdb.DuckDBPyConnection) -> Pairs:
    """Single records under a title and the entity that each must mean, from ``entity_of`` and ``entity_facts``."""
    con.execute(_TITLED)
    return con.execute("SELECT a, b, shared FROM titled_pairs ORDER BY a, b").fetchall()


def find_context_pairs(con: duckdb.DuckDBPyConnection, *, again: bool = False) -> Pairs:
    """Pairs of entities (by their labels) and how many housemates they share, from ``entity_of`` and ``entity_facts``.

    ``again``: only pairs that the last joins (table ``moved``) can have made; whom they leave as they were, met before.
    """
    if again:
        con.execute(_AROUND)
    else:
        con.execute(_HELD)
    con.execute(_LIVING.format(held="around" if again else "held"), {"largest": LARGEST_HOUSEHOLD})
    fresh = "AND (m.a IN (SELECT entity FROM near) OR m.b IN (SELECT entity FROM near))"
    con.execute(_CANDIDATES.format(fresh=fresh if again else ""))
    return con.execute("SELECT a, b, shared FROM context_pairs ORDER BY shared DESC, a, b").fetchall()
