"""Characters taken for one another are learnt from names under one number, and read as one by run, base and look-up."""

import pytest

from wangge_engine.frame.tables import connect
from wangge_engine.link.confused import FEWEST, apply_confused, confused_in, learn_confused
from wangge_engine.link.reading import read_record
from wangge_engine.text.names import parse_name

COMMON = "伟芳敏静丽强磊洋艳勇军杰娟涛明超秀霞平刚桂英华玲志建国文斌梅琳波辉健雪红"


def told(slips, others=()):
    """Tables as the normaliser has them: two names under each number of ``slips`` and ``others``, one under many."""
    con = connect()
    con.execute("CREATE TABLE placed (name VARCHAR, id_no VARCHAR)")
    con.execute(
        "CREATE TABLE names (raw VARCHAR, name VARCHAR, surname VARCHAR, given VARCHAR, fuzzy VARCHAR, kind VARCHAR)"
    )
    con.execute("CREATE TABLE identities (raw VARCHAR, number VARCHAR, valid BOOLEAN)")
    usual = [(f"张{x}{y}",) for x in COMMON for y in COMMON if x != y]
    for n, written in enumerate([*slips, *others, *usual]):
        con.execute("INSERT INTO identities VALUES ($1, $1, true)", [str(n)])
        for name in written:
            con.execute("INSERT INTO placed VALUES (?, ?)", [name, str(n)])
    for (raw,) in con.execute("SELECT DISTINCT name FROM placed").fetchall():
        n = parse_name(raw)
        con.execute(
            "INSERT INTO names VALUES (?, ?, ?, ?, ?, ?)", [raw, n.clean, n.surname, n.given, n.fuzzy, n.kind]
        )
    return con


def test_what_is_mistaken_often_is_learnt_and_what_relatives_differ_in_is_not():
    slips = [(f"李玉{c}", f"李王{c}") for c in COMMON[:FEWEST]] + [("陈诺", "陈若")] * (FEWEST - 1)
    relatives = [(f"王{x}明", f"王{y}明") for x, y in zip(COMMON[::2], COMMON[1::2], strict=False)]
    renamed = [("赵建国", "赵芳")] * 9
    assert learn_confused(told(slips, [*relatives, *renamed, ("林玉华",)])) == {"王": "玉"}


def test_homophones_are_heard_already():
    assert learn_confused(told([(f"李芳{c}", f"李方{c}") for c in COMMON[10:20]])) == {}


@pytest.mark.parametrize(
    "name", ["李玉芳", "玉", "欧阳玉", "李玉", "王芳", "阿卜杜玉·王", "LI YU", "", "玉芳女士"]
)
def test_a_name_sounds_the_same_in_a_run_and_in_a_look_up(name):
    con = told([(name,)] if name else [], [("李王芳",), ("欧阳王",)])
    apply_confused(con, {"王": "玉"})
    assert confused_in(con) == {"王": "玉"}
    found = con.execute("SELECT fuzzy FROM names WHERE raw = ?", [name]).fetchall()
    assert [(read_record({"name": name}, {"王": "玉"})["fuzzy"] or "",)] == (found or [("",)])
    sound = dict(con.execute("SELECT raw, fuzzy FROM names").fetchall())
    if name in ("李玉芳", "欧阳玉"):
        assert sound[name] == sound[name.replace("玉", "王")]
    if name == "王芳":
        assert sound[name] == parse_name(name).fuzzy
