"""What follows from a department's listing a person once: two entities that no department tells both of may be one.

Two such pairs are sought among entities that nothing contradicts: the only two that bear a name, and the only two of
one surname, birth date and door or telephone. How many of them would be two people is reckoned from the records
themselves, without labels: namesakes and twins with two different numbers are seen, and so is how often two different
people are without a number and without a common department. Where chance explains too many, none is joined.
"""

from __future__ import annotations

from dataclasses import dataclass

import duckdb

from wangge_engine.link.context import Pairs

SURE_ENOUGH = 0.9  # probability from which two entities of one name are one person
MOST_NAMESAKES = 2.0  # expected bearers of a name, besides one; the reckoning is linear below
FEWEST_TO_LEARN = 1_000  # pairs of certainly different people
FEWEST_FOUND = 20  # pairs: of fewer nothing can be said
CHANCE_AT_MOST = 0.1  # of the pairs of one birth date
LEARN_FROM = 100_000  # entities

# The name that most of an entity's records bear, if it is whole.
_BEARERS = """
CREATE OR REPLACE TEMP TABLE bearers AS
WITH told AS (
    SELECT e.entity, r.name, any_value(r.given) AS given, count(*) AS n FROM records r JOIN entity_of e USING (uid)
    WHERE r.given IS NOT NULL AND r.name_kind IN ('full', 'transliterated') GROUP BY ALL
)
SELECT entity, arg_max(name, (n, name)) AS name, arg_max(given, (n, name)) AS given FROM told GROUP BY entity;
CREATE OR REPLACE TEMP TABLE borne AS
WITH counted AS (
    SELECT name, any_value(given) AS given, count(*) AS k, min(entity) AS a, max(entity) AS b FROM bearers GROUP BY name
    HAVING count(*) <= 2
)
SELECT c.*, t.tf_name * (SELECT count(*) FROM bearers) AS namesakes
FROM counted c JOIN name_terms t USING (name)
WHERE namesakes < $most
"""
# What is known of each pair (a, b) of ``asked``: two numbers; nothing against one person; no common department; homes
# in two places.
_JUDGED = """
CREATE OR REPLACE TEMP TABLE judged_pairs AS
WITH entities AS (
    SELECT a AS entity FROM asked UNION SELECT b FROM asked
), listed AS (
    SELECT e.entity, list(DISTINCT r.source) AS sources,
           coalesce(list(DISTINCT r.place) FILTER (WHERE r.place IS NOT NULL), []) AS places
    FROM entities JOIN entity_of e USING (entity) JOIN records r USING (uid) GROUP BY e.entity
)
SELECT q.a, q.b, coalesce(x.id_ok <> y.id_ok, false) AS two_numbers,
       coalesce(x.id_ok = y.id_ok, true) AND coalesce(x.sex = y.sex, true)
       AND (x.birth IS NULL OR y.birth IS NULL
            OR abs(date_diff('day', CAST(x.birth AS DATE), CAST(y.birth AS DATE))) <= 60) AS compatible,
       len(list_intersect(s.sources, t.sources)) = 0 AS apart,
       len(s.places) > 0 AND len(t.places) > 0 AND len(list_intersect(s.places, t.places)) = 0 AS elsewhere
FROM asked q JOIN entity_facts x ON x.entity = q.a JOIN entity_facts y ON y.entity = q.b
JOIN listed s ON s.entity = q.a JOIN listed t ON t.entity = q.b
"""
# Certainly different people, alike in sex and age as namesakes are: one given name under two surnames.
_DIFFERENT = """
CREATE OR REPLACE TEMP TABLE asked AS
WITH alone AS (
    SELECT b.a AS entity, b.name, b.given, lead(b.a) OVER same AS next, lead(b.name) OVER same AS next_name
    FROM (FROM borne WHERE k = 1 ORDER BY hash(given), given, name LIMIT $most) b
    WINDOW same AS (PARTITION BY b.given ORDER BY hash(b.name), b.name)
)
SELECT entity AS a, next AS b FROM alone WHERE next IS NOT NULL AND name[1:1] <> next_name[1:1]
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
       count(*) FILTER (WHERE compatible AND apart AND elsewhere),
       count(*) FILTER (WHERE two_numbers AND apart), count(*) FILTER (WHERE compatible AND NOT apart)
FROM judged_pairs
"""
CHANCE_COLUMNS = "a INTEGER, b INTEGER, probability DOUBLE"


@dataclass(frozen=True)
class _Tally:
    """Pairs; with two numbers; that may be one person (compatible and apart), and of these with homes in two places;
    with two numbers and apart; compatible, but some department has both."""

    every: int
    two_numbers: int
    open: int
    open_elsewhere: int
    two_numbers_apart: int
    together: int

    def opened(self, *, elsewhere: bool) -> int:
        return self.open_elsewhere if elsewhere else self.open - self.open_elsewhere


def find_namesake_pairs(con: duckdb.DuckDBPyConnection) -> Pairs:
    """Pairs of entities that alone bear their name and are one person; needs ``entity_of`` and ``entity_facts``.

    Leaves ``namesake_chance``: of each such pair the probability that the two are one.
    """
    con.execute(f"CREATE OR REPLACE TEMP TABLE namesake_chance ({CHANCE_COLUMNS})")
    con.execute(_BEARERS, {"most": MOST_NAMESAKES})
    con.execute("CREATE OR REPLACE TEMP TABLE asked AS SELECT a, b FROM borne WHERE k = 2")
    found = _judge(con)
    if found.open < FEWEST_FOUND:
        return []
    con.execute(
        "CREATE OR REPLACE TEMP TABLE open_pairs AS SELECT a, b, elsewhere FROM judged_pairs"
        " WHERE compatible AND apart"
    )
    con.execute(_DIFFERENT, {"most": LEARN_FROM})
    different = _judge(con)
    if different.every < FEWEST_TO_LEARN or not different.two_numbers:
        return []
    names, namesakes = con.execute("SELECT count(*), sum(namesakes) FROM borne").fetchall()[0]
    odds = {}  # of a name with one further bearer expected, that its two entities are one person
    for elsewhere in (False, True):
        opened = found.opened(elsewhere=elsewhere)
        by_chance = found.two_numbers * (different.opened(elsewhere=elsewhere) + 1) / different.two_numbers
        split = (opened - by_chance) / names  # a name's only bearer stands there as two entities
        chance = max(by_chance, 1.0) / namesakes  # a name with one more bearer stands there so
        seen = opened >= FEWEST_FOUND and split > 0
        odds[elsewhere] = split / chance if seen else 0.0
    con.execute(
        "INSERT INTO namesake_chance SELECT a, b, odds / (odds + namesakes) AS probability FROM ("
        " SELECT o.a, o.b, namesakes, CASE WHEN elsewhere THEN $there ELSE $here END AS odds"
        " FROM open_pairs o JOIN borne USING (a, b) WHERE k = 2) WHERE odds > 0 AND probability >= $sure",
        {"here": odds[False], "there": odds[True], "sure": SURE_ENOUGH},
    )
    return con.execute("SELECT a, b, 1 FROM namesake_chance ORDER BY a, b").fetchall()


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
