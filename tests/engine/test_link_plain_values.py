"""What SQL reads alone of numbers and telephones is what Python reads, and it is most of them."""

import random

import pyarrow as pa
import pytest

from tests.engine.population import Population
from wangge_engine.frame.tables import connect
from wangge_engine.link.normalise_zh import parse_birth
from wangge_engine.link.plain_values import BIRTHS, IDENTITIES, PHONES
from wangge_engine.text.identity import check_character, parse_identity
from wangge_engine.text.phones import parse_phone

PEOPLE = Population(150, seed=4).people
ODD = [
    "110101199003077758", "110101199003077757", "110101199002307750", "990101199003077758", "110101900307775", "",
    "11010119900307775x", "1101011990030777", "111111111111111111", "１１０１０１１９９００３０７７７５８", "x",
    *(first + check_character(first) for first in (
        "11010120990307775", "11010118790307775", "11010118800101775", "16010119900307775", "11010119000229775",
        "11010120000229775", "81010119900307775", "91010119900307775", "00010119900307775",
    )),
    "13800000000", "13812222222", "13222222222", "12812345678", "138123456789", "+8613812345678", "02224301234",
    "13912345678", "19100000009", "13011111119",
]  # fmt: skip


def spoilt(text, chance):
    at = chance.randrange(len(text))
    return text[:at] + chance.choice("0123456789X ") + text[at + 1 :]


@pytest.mark.parametrize("which", ["identities", "phones"])
def test_sql_reads_as_python_does(which):
    chance = random.Random(2)
    good = [p.id_no if which == "identities" else p.phone for p in PEOPLE]
    texts = list(dict.fromkeys([*good, *(spoilt(text, chance) for text in good * 6), *ODD]))
    con = connect()
    con.register("texts", pa.table({"raw": texts}))
    found = {}
    for raw, *told in con.execute(IDENTITIES if which == "identities" else PHONES).fetchall():
        found[raw] = told
    assert set(good) <= set(found)
    for raw, told in found.items():
        if which == "identities":
            i = parse_identity(raw)
            assert told == [i.number, i.valid, i.birth, i.sex, i.problem or None, i.younger or None], raw
        else:
            ph = parse_phone(raw)
            assert told == [ph.number, ph.key], raw
    if which == "identities":  # and nothing that Python trusts as it stands is left to Python
        left = {text for text in texts if text not in found and parse_identity(text).valid}
        assert all(len(text) == 15 or text.endswith("x") or not text.isascii() for text in left)


def test_sql_reads_dates_as_python_does():
    chance = random.Random(3)
    good = [p.birth.isoformat() for p in PEOPLE]
    odd = [
        "1900-01-01",
        "18991231",
        "1879-12-31",
        "2999-01-01",
        "1990-02-29",
        "20000229",
        "1990-2-9",
        "1990年3月7日",
        "0000-01-01",
    ]
    texts = list(
        dict.fromkeys(
            [*good, *(g.replace("-", "") for g in good), *(spoilt(g, chance) for g in good * 4), *odd]
        )
    )
    con = connect()
    con.register("texts", pa.table({"raw": texts}))
    found = dict(con.execute(BIRTHS).fetchall())
    assert set(good) <= set(found)
    assert found == {raw: parse_birth(raw) or None for raw in found}
