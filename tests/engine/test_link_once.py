"""Whom no department tells twice: found without labels, as many as there are, and none where chance explains them."""

import random

import numpy as np
import pyarrow as pa
import pytest

from wangge_engine.frame.tables import connect
from wangge_engine.link import namesakes as namesakes_of
from wangge_engine.link import once
from wangge_engine.link.context import make_facts
from wangge_engine.link.namesakes import SURE_ENOUGH, find_namesake_pairs

SURNAMES, GIVEN, ENOUGH = 60, 400, 6_000


def city(split, namesakes, *, sources=("register", "visits", "clinic", "deeds")):
    """A database of entities: most people stand once with a number in two sources; some have a second entity without
    a number in a third (``split``), some share their name with another person (``namesakes``). True pairs beside it."""
    chance = random.Random(7)
    names = [(s, g) for s in range(SURNAMES) for g in range(GIVEN)]
    chance.shuffle(names)
    rows, true = [], set()

    def stand(name, told, number, birth):
        entity = len(rows)
        surname, given = chr(0x4E00 + name[0]), chr(0x5000 + name[1] // 20) + chr(0x5800 + name[1] % 20)
        for source in told:
            rows.append((len(rows), entity, source, surname + given, surname, given, number, birth))
        return entity

    for n, name in enumerate(names[:ENOUGH]):
        alone = n >= split and chance.random() < 0.05  # told of once, without a number
        own = stand(
            name,
            chance.sample(sources[:3], 1 if alone else 2),
            None if alone else f"n{n}",
            None if alone else "1980-01-01",
        )
        if n < split:
            true.add((own, stand(name, ["deeds"], None, None)))
        elif n < split + namesakes:  # another person
            alone = chance.random() < 0.05
            stand(
                name,
                chance.sample(sources, 1 if alone else 2),
                None if alone else f"m{n}",
                None if alone else "1980-01-20",
            )
    con = connect()
    con.execute(
        "CREATE TABLE records (uid INTEGER, entity INTEGER, source VARCHAR, name VARCHAR, surname VARCHAR,"
        " given VARCHAR, id_ok VARCHAR, birth VARCHAR, fuzzy VARCHAR, sex VARCHAR, name_kind VARCHAR,"
        " door VARCHAR, phone_key VARCHAR, place VARCHAR, street VARCHAR, building VARCHAR, room VARCHAR,"
        " relation VARCHAR)"
    )
    columns = list(zip(*rows, strict=True))
    con.register(
        "told",
        pa.table(
            dict(
                zip(
                    ("uid", "entity", "source", "name", "surname", "given", "id_ok", "birth"),
                    map(pa.array, columns),
                    strict=True,
                )
            )
        ),
    )
    con.execute(
        "INSERT INTO records SELECT *, name, 'M', 'full', 'door ' || entity, NULL, NULL, NULL, NULL, NULL, NULL"
        " FROM told ORDER BY uid"
    )
    con.execute("CREATE TABLE entity_of AS SELECT uid, entity FROM records")
    # every name is expected as often as namesakes were made
    con.execute(
        f"CREATE TABLE name_terms AS SELECT DISTINCT name, {max(namesakes, 1) / ENOUGH}"
        " / (SELECT count(DISTINCT entity) FROM records) AS tf_name FROM records"
    )
    make_facts(con)
    return con, true


def test_two_bearers_of_a_name_are_one_where_splits_are_commoner_than_namesakes(monkeypatch):
    con, true = city(split=200, namesakes=60)
    monkeypatch.setattr(namesakes_of, "WRONG_AT_MOST", 1.0)
    pairs, wrong = find_namesake_pairs(con)
    found = {(a, b) for a, b, _ in pairs}
    assert true <= found
    assert len(found - true) <= 0.1 * len(found)
    assert 0 < wrong < 0.5 * len(found)
    chances = con.execute("SELECT a, b, probability FROM namesake_chance").fetchall()
    assert {(a, b) for a, b, _ in chances} == found
    assert all(SURE_ENOUGH <= p < 1 for _, _, p in chances)


def test_a_department_that_lists_what_people_have_may_list_one_person_twice(monkeypatch):
    con, true = city(split=200, namesakes=20)
    # the deeds list every second dwelling's owner a second time, and some who live elsewhere beside their register
    con.execute(
        "INSERT INTO records SELECT * REPLACE (-uid AS uid) FROM records WHERE source = 'deeds' AND uid % 2 = 0"
    )
    owners = {a for a, _ in sorted(true)[::3]}
    con.execute(
        "INSERT INTO records SELECT * REPLACE (-100000 - uid AS uid, 'deeds' AS source) FROM records"
        f" WHERE source = 'register' AND entity IN ({', '.join(map(str, owners))})"
    )
    con.execute("CREATE OR REPLACE TABLE entity_of AS SELECT uid, entity FROM records")
    make_facts(con)
    monkeypatch.setattr(namesakes_of, "WRONG_AT_MOST", 1.0)
    told_twice = {
        (a, b)
        for a, b in con.execute(
            "SELECT DISTINCT x.entity, y.entity FROM records x JOIN records y USING (source, name)"
            " WHERE x.source = 'deeds' AND x.entity < y.entity"
        ).fetchall()
    } & true
    assert told_twice
    assert told_twice <= {(a, b) for a, b, _ in find_namesake_pairs(con)[0]}
    monkeypatch.setattr(
        namesakes_of, "_BEARERS", namesakes_of._BEARERS.replace(f"< {namesakes_of.OFTEN}", "< 2")
    )
    assert not told_twice & {(a, b) for a, b, _ in find_namesake_pairs(con)[0]}


def test_where_certainly_different_people_are_never_open_the_reckoning_stays_finite():
    pairs = np.arange(80).reshape(40, 2)
    alike = namesakes_of._Seen(pairs[:, 0], pairs[:, 1], [np.array(["x"] * 40)])
    nobody = namesakes_of._Seen(*np.zeros((2, 0), dtype=int), [np.zeros(0, dtype=str)])
    never = np.zeros(40, dtype=bool)
    different = namesakes_of._Different(pairs[:, 0], np.roll(pairs[:, 1], 1), ~never, never, nobody)
    found = namesakes_of._weigh(alike, different, np.ones(80), np.repeat(pairs[:, 0], 2), two_numbers=10)
    assert ((found > 0) & (found <= 1)).all()


def test_of_the_pairs_no_more_are_joined_than_may_be_wrong():
    con, _ = city(split=200, namesakes=60)
    linked = con.execute("SELECT sum(size * (size - 1) / 2) FROM entity_facts").fetchall()[0][0]
    pairs, wrong = find_namesake_pairs(con)
    assert 0 < len(pairs) < 200
    assert wrong <= linked * namesakes_of.WRONG_AT_MOST
    assert find_namesake_pairs(con, spent=linked) == ([], 0.0)


@pytest.mark.parametrize(("split", "namesakes"), [(0, 900), (10, 2), (40, 5_000)])
def test_where_chance_explains_them_or_too_few_are_seen_nobody_is_joined(split, namesakes):
    con, _ = city(split=split, namesakes=namesakes)
    assert find_namesake_pairs(con) == ([], 0.0)


def twins(con, pairs):
    """Put pairs of people of one surname and birth date to one door: (number or None, sources) of each."""
    for n, people in enumerate(pairs):
        for i, (number, sources) in enumerate(people):
            for source in sources:
                uid = con.execute("SELECT count(*) FROM records").fetchall()[0][0]
                con.execute(
                    "INSERT INTO records VALUES ($1, $2, $3, $4, '王', $5, $6, $7, $4, 'M', 'full', $8, NULL, NULL,"
                    " NULL, NULL, NULL, NULL)",
                    [uid, 100 * n + i, source, f"王{n}{i}", f"{n}{i}", number, "2001-02-03", f"door {n}"],
                )
    con.execute("CREATE OR REPLACE TABLE entity_of AS SELECT uid, entity FROM records")
    make_facts(con)


def emptied():
    con, _ = city(split=0, namesakes=0)
    con.execute("DELETE FROM records")
    return con


def test_one_birth_date_under_two_names_is_one_person_where_departments_know_both_twins():
    con = emptied()
    seen = [[(f"a{n}", ["register", "clinic"]), (f"b{n}", ["register"])] for n in range(40)]
    open_ = [[(f"c{n}", ["register"]), (None, ["visits"])] for n in range(25)]
    twins(con, [*seen, *open_])
    found = once.find_respelt_pairs(con)
    assert sorted((a, b) for a, b, _ in found) == [(100 * n, 100 * n + 1) for n in range(40, 65)]


def test_twins_whom_no_department_knows_both_of_stay_two():
    con = emptied()
    apart = [[(f"a{n}", ["register"]), (f"b{n}", ["visits"])] for n in range(40)]
    together = [[(f"c{n}", ["clinic"]), (None, ["clinic"])] for n in range(10)]
    open_ = [[(f"d{n}", ["register"]), (None, ["visits"])] for n in range(25)]
    twins(con, [*apart, *together, *open_])
    assert once.find_respelt_pairs(con) == []
