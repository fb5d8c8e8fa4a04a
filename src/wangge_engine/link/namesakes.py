"""Two entities of one name that no department tells both of, and that nothing contradicts: one person or two?

Such *open* pairs are weighed as Fellegi and Sunter weigh records, without labels. What open pairs of two different
people look like is seen in pairs that are certainly two people: one given name under two surnames. How many of the
open pairs are two people is reckoned from the pairs of one name with two different numbers. The rest are one person,
and what those look like is learnt by expectation and maximisation. An entity has one partner at most, so the
candidates of one entity share their probability.

Source: I. P. Fellegi, A. B. Sunter, A Theory for Record Linkage, JASA 64 (1969) 1183-1210. That features which depend
on each other may not count whole is known of composite likelihoods (C. Varin, N. Reid, D. Firth, Statistica Sinica 21
(2011) 5-42); that they count half is our choice: with it the probabilities came true on an invented city of a million
(of 1,066 pairs at .95 to .98, 97 % were one person; of 1,169 at .90 to .95, 93 %; of 683 at .85 to .90, 86 %).
"""

from __future__ import annotations

from dataclasses import dataclass

import duckdb
import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from wangge_engine.link.components import Ints
from wangge_engine.link.context import Pairs

SURE_ENOUGH = 0.85  # probability from which two entities of one name are one person
# of all pairs of records that are linked, the share that these joins may be expected to link wrongly
WRONG_AT_MOST = 1 / 2_000
MOST_BEARERS = 8  # entities of one name; of more, each is too unlikely
# A department that lists so many of its people several times lists what they have (dwellings, calls), not people.
OFTEN = 0.08
FEWEST_FOUND = 20  # open pairs; of fewer nothing can be said
FEWEST_TO_LEARN = 1_000  # pairs of certainly different people
LEARN_FROM = 200_000  # pairs of certainly different people, or as many as there are entities
MOST_NEIGHBOURS = 50  # with whom one entity is paired to learn
ROUNDS = 25
DEPENDENCE = 0.5  # of the bits of all features, the share that counts: they tell the same thing twice
ENOUGH_DEVIATIONS = 4.0  # by how many deviations of chance the open pairs must exceed it
AGES = 12  # years of birth that count as one
ROLES = 12  # relations to the head of the household that are told apart
Floats = NDArray[np.float64]
CHANCE_COLUMNS = "a INTEGER, b INTEGER, probability DOUBLE"
_LINKED = "SELECT coalesce(sum(size * (size - 1) / 2), 0) FROM entity_facts"

# The name that most of an entity's records bear, if it is whole, and who tells of the entity.
_BEARERS = f"""
CREATE OR REPLACE TEMP TABLE bearers AS
WITH told AS (
    SELECT e.entity, hash(r.name) AS name, min(r.uid) AS uid, count(*) AS n FROM records r JOIN entity_of e USING (uid)
    WHERE r.given IS NOT NULL AND r.name_kind IN ('full', 'transliterated') GROUP BY ALL
), named AS (
    SELECT entity, arg_max(name, (n, name)) AS name, arg_max(uid, (n, name)) AS uid FROM told GROUP BY entity
), several AS (
    SELECT * FROM named QUALIFY count(*) OVER (PARTITION BY name) BETWEEN 2 AND {MOST_BEARERS}
)
SELECT s.entity, r.name, r.given FROM several s JOIN records r USING (uid);
CREATE OR REPLACE TEMP TABLE told_by AS
WITH listed AS (
    SELECT r.source, count(*) AS times FROM records r JOIN entity_of e USING (uid) GROUP BY r.source, e.entity
)
SELECT source, (dense_rank() OVER (ORDER BY sum(times) DESC, source) - 1) % 62 AS code,
       avg((times > 1)::INTEGER) < {OFTEN} AS once FROM listed GROUP BY source;
CREATE OR REPLACE TEMP TABLE traits AS
WITH told AS (
    SELECT e.entity, bit_or(1::BIGINT << t.code) AS sources, min(r.relation) AS relation,
           bit_or(CASE WHEN t.once THEN 1::BIGINT << t.code ELSE 0 END) AS once
    FROM records r JOIN entity_of e USING (uid) SEMI JOIN bearers b ON b.entity = e.entity JOIN told_by t USING (source)
    GROUP BY e.entity
)
SELECT b.entity, b.name, b.given, count(*) OVER (PARTITION BY b.name) AS bearers, t.sources, t.once, t.relation,
       f.id_ok, f.sex, f.birth, TRY_CAST(f.birth AS DATE) AS day
FROM bearers b JOIN told t USING (entity) JOIN entity_facts f USING (entity)
"""
_TWO_NUMBERS = "x.id_ok IS NOT NULL AND y.id_ok IS NOT NULL AND x.id_ok <> y.id_ok"
# A person's birth as departments write it: the lunar date, a digit, the year only, a year more.
_NEAR_BIRTH = """(abs(date_diff('day', x.day, y.day)) <= 60 OR damerau_levenshtein(x.birth, y.birth) = 1
    OR (x.birth[1:4] = y.birth[1:4] AND (x.birth[6:7] = y.birth[6:7] OR x.birth[9:10] = y.birth[9:10]
                                         OR x.birth[6:10] = '01-01' OR y.birth[6:10] = '01-01'))
    OR (x.birth[6:7] = y.birth[6:7] AND abs(year(x.day) - year(y.day)) = 1))"""
# Of two bearers alone, a department that lists people several times may tell of both; of more, it is one rival more.
_OPEN = f"""x.once & y.once = 0 AND (x.sources & y.sources = 0 OR x.bearers = 2 AND y.bearers = 2)
    AND (x.id_ok IS NULL OR y.id_ok IS NULL OR x.id_ok = y.id_ok)
    AND (x.sex IS NULL OR y.sex IS NULL OR x.sex = y.sex)
    AND (x.day IS NULL OR y.day IS NULL OR {_NEAR_BIRTH})"""
_ONE_NAME = "FROM traits x JOIN traits y ON y.name = x.name AND x.entity < y.entity"
_IN_LINE = "SELECT entity, hash(name[1:1]) AS surname FROM traits ORDER BY given, hash(entity), entity"
_DIFFERENT = f"""
CREATE OR REPLACE TEMP TABLE different AS
SELECT p.a, p.b, coalesce({_TWO_NUMBERS}, false) AS two_numbers, coalesce({_OPEN}, false) AS open
FROM __pairs p JOIN traits x ON x.entity = p.a JOIN traits y ON y.entity = p.b
"""
# What is seen of the pairs of ``asked``. The one told of less comes first (l), the other (m) after it.
_SEEN = f"""
WITH held AS (
    SELECT e.entity, coalesce(list(DISTINCT r.place) FILTER (WHERE r.place IS NOT NULL), []) AS places,
           coalesce(list(DISTINCT r.street) FILTER (WHERE r.street IS NOT NULL), []) AS streets,
           coalesce(list(DISTINCT hash(r.place, r.building)) FILTER (WHERE r.room IS NOT NULL), []) AS houses,
           count(r.phone_key) > 0 AS reached
    FROM (SELECT a AS entity FROM asked UNION SELECT b FROM asked) q JOIN entity_of e USING (entity)
    JOIN records r USING (uid) GROUP BY e.entity
), common AS (
    SELECT relation FROM traits WHERE relation IS NOT NULL GROUP BY relation
    ORDER BY count(*) DESC, relation LIMIT {ROLES}
), described AS (
    SELECT t.*, h.* EXCLUDE (entity), bit_count(t.sources) AS width, c.relation AS role,
           CASE WHEN width = 1 THEN t.sources END AS only
    FROM traits t JOIN held h USING (entity) LEFT JOIN common c USING (relation)
), turned AS (
    SELECT q.a, q.b, x.width <= y.width AS straight FROM asked q
    JOIN described x ON x.entity = q.a JOIN described y ON y.entity = q.b
)
SELECT t.a, t.b,
       concat_ws('|', l.only, m.sources & 1, least(m.width, 3)) AS told,
       concat_ws('|', CASE WHEN len(l.places) = 0 OR len(m.places) = 0 THEN 'unknown'
                           WHEN list_has_any(l.houses, m.houses) THEN 'house'
                           WHEN list_has_any(l.places, m.places) THEN 'place'
                           WHEN list_has_any(l.streets, m.streets) THEN 'street' ELSE 'elsewhere' END,
                 l.reached AND m.reached) AS home,
       CASE WHEN l.day IS NULL OR m.day IS NULL THEN 'unknown'
            WHEN abs(date_diff('day', l.day, m.day)) <= 60 THEN 'days' ELSE 'near' END AS birth,
       -- who stands as a child in a household, or with the schools, has a child's age
       CASE WHEN l.day IS NULL AND m.day IS NOT NULL THEN concat_ws('|', l.only, l.role, year(m.day) // {AGES})
            WHEN m.day IS NULL AND l.day IS NOT NULL THEN concat_ws('|', m.only, m.role, year(l.day) // {AGES})
            ELSE '' END AS age,
       concat_ws('|', l.sex IS NULL OR m.sex IS NULL, (l.id_ok IS NULL)::INTEGER + (m.id_ok IS NULL)::INTEGER) AS known
FROM turned t JOIN described l ON l.entity = CASE WHEN straight THEN t.a ELSE t.b END
JOIN described m ON m.entity = CASE WHEN straight THEN t.b ELSE t.a END
ORDER BY t.a, t.b
"""
_FEATURES = ("told", "home", "birth", "age", "known")


@dataclass(frozen=True)
class _Seen:
    """Pairs of entities and a value of each feature of each pair."""

    a: Ints
    b: Ints
    features: list[NDArray[np.str_]]


@dataclass(frozen=True)
class _Different:
    """Pairs of certainly different people: who, which have two numbers, which are open; what is seen of the open."""

    a: Ints
    b: Ints
    two_numbers: NDArray[np.bool_]
    open: NDArray[np.bool_]
    seen: _Seen


def find_namesake_pairs(con: duckdb.DuckDBPyConnection, spent: float = 0.0) -> tuple[Pairs, float]:
    """Pairs (entity, entity, 1) of one name that are one person, and how many pairs of records these link wrongly.

    Needs ``entity_of`` and ``entity_facts``. Taken are the surest, until with the ``spent`` ones as many pairs of
    records as may be are expected to be linked wrongly: where records tell little, fewer are joined. None where too
    little is seen, or where two people of one name explain what is seen. Leaves ``namesake_chance``: of each such
    pair the probability that the two are one.
    """
    con.execute(f"CREATE OR REPLACE TEMP TABLE namesake_chance ({CHANCE_COLUMNS})")
    con.execute(_BEARERS)
    open_ = _see(con, f"SELECT x.entity AS a, y.entity AS b {_ONE_NAME} WHERE {_OPEN}")
    if len(open_.a) < FEWEST_FOUND:
        return [], 0.0
    different = _certainly_different(con)
    if len(different.a) < FEWEST_TO_LEARN or not different.two_numbers.any():
        return [], 0.0
    two_numbers = con.execute(f"SELECT count(*) {_ONE_NAME} WHERE {_TWO_NUMBERS}").fetchall()[0][0]
    held = con.execute(
        "SELECT entity, bearers, min(entity) OVER (PARTITION BY name) AS first FROM traits"
    ).fetchnumpy()
    others = np.zeros(int(held["entity"].max()) + 1)
    others[held["entity"]] = held["bearers"] - 1.0
    names = np.zeros(len(others), dtype=np.int64)
    names[held["entity"]] = held["first"]
    probability = _weigh(open_, different, others, names, int(two_numbers))
    sizes = con.execute("SELECT entity, size FROM entity_facts").fetchnumpy()
    size = np.zeros(int(sizes["entity"].max()) + 1)
    size[sizes["entity"]] = sizes["size"]
    harm = (1.0 - probability) * size[open_.a] * size[open_.b]
    sure = np.flatnonzero(probability >= SURE_ENOUGH)
    order = sure[np.lexsort((open_.b[sure], open_.a[sure], -probability[sure]))]
    wrong = np.cumsum(harm[order])
    left = float(con.execute(_LINKED).fetchall()[0][0]) * WRONG_AT_MOST - spent
    taken = order[wrong <= left]
    con.register(
        "__taken", pa.table({"a": open_.a[taken], "b": open_.b[taken], "probability": probability[taken]})
    )
    con.execute("INSERT INTO namesake_chance SELECT least(a, b), greatest(a, b), probability FROM __taken")
    con.unregister("__taken")
    # the surest first: joins of one weight are tried in this order
    pairs = con.execute("SELECT a, b, 1 FROM namesake_chance ORDER BY probability DESC, a, b").fetchall()
    return pairs, float(wrong[len(taken) - 1]) if len(taken) else 0.0


def _see(con: duckdb.DuckDBPyConnection, pairs: str) -> _Seen:
    con.execute(f"CREATE OR REPLACE TEMP TABLE asked AS {pairs}")
    found = con.execute(_SEEN).fetchnumpy()
    return _Seen(
        found["a"].astype(np.int64),
        found["b"].astype(np.int64),
        [found[name].astype(str) for name in _FEATURES],
    )


def _certainly_different(con: duckdb.DuckDBPyConnection) -> _Different:
    """Pairs of one given name, or one next to it, and two surnames: alike in sex and age, as namesakes are."""
    line = con.execute(_IN_LINE).fetchnumpy()
    entity, surname = line["entity"].astype(np.int64), line["surname"]
    steps = range(1, min(max(LEARN_FROM // len(entity), 1), MOST_NEIGHBOURS) + 1)
    apart = [(np.flatnonzero(surname[:-step] != surname[step:]), step) for step in steps]
    a = np.concatenate([entity[at] for at, _ in apart])
    b = np.concatenate([entity[at + step] for at, step in apart])
    con.register("__pairs", pa.table({"a": a, "b": b}))
    con.execute(_DIFFERENT)
    con.unregister("__pairs")
    found = con.execute("SELECT * FROM different").fetchnumpy()
    return _Different(
        found["a"].astype(np.int64),
        found["b"].astype(np.int64),
        found["two_numbers"].astype(bool),
        found["open"].astype(bool),
        _see(con, "SELECT a, b FROM different WHERE open"),
    )


def _weigh(open_: _Seen, different: _Different, others: Floats, names: Ints, two_numbers: int) -> Floats:
    """Probability of each open pair to be one person.

    ``others``: by entity, how many others bear its name; ``names``: the name, by one of its bearers; ``two_numbers``:
    pairs of one name with two numbers.
    """
    n, entities = len(open_.a), len(others)
    codes, sizes = _coded(open_, different.seen)
    alike = [_shares(code[:n], None, size) for code, size in zip(codes, sizes, strict=True)]
    probability = np.zeros(n)
    prior = 0.0
    seen = _place_of_seen(different)
    for _ in range(ROUNDS):
        found = np.bincount(open_.a, probability, entities) + np.bincount(open_.b, probability, entities)
        # A split person adds a bearer to a name: an entity is compared with as many strangers as bear it besides.
        strangers = np.maximum(others - found, 0.0)
        weight = strangers[different.a] * strangers[different.b]
        known = weight[different.two_numbers].sum()
        # where none is seen open, one might have been
        of_open = max(weight[different.open].sum(), weight.mean())
        by_chance = two_numbers * of_open / known if known else float(n)
        expected = n - by_chance
        if expected <= ENOUGH_DEVIATIONS * np.sqrt(max(by_chance, 1.0)):
            return np.zeros(n)
        chance = of_open / weight.sum()
        bits = np.zeros(n)
        seen_weight = weight[seen]
        seen_weight *= len(seen_weight) / max(seen_weight.sum(), 1.0)
        for i, (code, size) in enumerate(zip(codes, sizes, strict=True)):
            unlike = _shares(code[n:], seen_weight, size)
            bits += (np.log2(alike[i]) - np.log2(unlike))[code[:n]]
        prior = prior or expected / np.count_nonzero(others)
        joined = np.bincount(names[open_.a], probability, entities)[names[open_.a]] - probability
        # what of the name's bearers is not one person already
        rivals = np.maximum(others[open_.a] - joined, 1.0)
        odds = prior / (chance * rivals) * np.exp2(DEPENDENCE * bits)
        # An entity has one partner: its candidates share the probability.
        of_all = np.bincount(open_.a, odds, entities) + np.bincount(open_.b, odds, entities)
        probability = odds / (1.0 + of_all[open_.a] + of_all[open_.b] - odds)
        prior *= np.sqrt(expected / probability.sum())
        alike = [_shares(code[:n], probability, size) for code, size in zip(codes, sizes, strict=True)]
    return probability


def _place_of_seen(different: _Different) -> Ints:
    """Where each pair of ``different.seen``, which stands in the order of (a, b), stands among all."""
    order = np.lexsort((different.b, different.a))
    return np.asarray(order[different.open[order]])


def _shares(code: Ints, weight: Floats | None, size: int) -> Floats:
    """Share of each value of a feature, none of them nought."""
    counted = np.bincount(code, weight, size) + 0.5
    return np.asarray(counted / counted.sum())


def _coded(open_: _Seen, different: _Seen) -> tuple[list[Ints], list[int]]:
    """Of each feature the codes of the open pairs and then of the different ones, and how many codes there are."""
    codes, sizes = [], []
    for ours, theirs in zip(open_.features, different.features, strict=True):
        values, code = np.unique(np.concatenate([ours, theirs]), return_inverse=True)
        codes.append(np.asarray(code, dtype=np.int64))
        sizes.append(len(values))
    return codes, sizes
