"""Data quality per source: every formula against a count by hand, and every figure against the rows it opens to."""

from __future__ import annotations

import csv
import json
from datetime import date

import duckdb
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.engine.reference_quality import count
from wangge_engine import run
from wangge_engine.frame.cli import main
from wangge_engine.frame.snapshots import publish
from wangge_engine.quality.formulas import book
from wangge_engine.quality.measuring import PLACES_AT_MOST, Delivery, empty_tables, measure

CELLS = ("name", "id_no", "sex", "birth", "phone", "address", "flags")
TODAY = date(2026, 11, 22)
COLUMNS = frozenset(("record_id", "name", "id_no", "sex", "birth", "phone"))
FLAGS = ["phone_malformed:phone", "id_wrong_check:id_no", "date_lunar:birth", "formula:name"]
REASONS = ["footer_row", "no_name_no_id", "impossible_date:birth"]
row = st.fixed_dictionaries(
    {
        "name": st.sampled_from(["王芳", "李娜", "", None]),
        "id_no": st.sampled_from(["110101199003077758", "11010119900307774X", None]),
        "sex": st.sampled_from(["M", None]),
        "birth": st.sampled_from(["1990-03-07", None]),
        "phone": st.sampled_from(["13911112222", None]),
        "address": st.none(),
        "flags": st.lists(st.sampled_from(FLAGS), unique=True),
    }
)


def measured(rows, *, aside=(), compared=(), word_for_word=0, as_of=TODAY, cycle=None):
    con = duckdb.connect()
    empty_tables(con)
    con.execute(
        "CREATE TABLE told (sheet_no INTEGER, row_no BIGINT, record_id VARCHAR, name VARCHAR, id_no VARCHAR,"
        " sex VARCHAR, birth VARCHAR, phone VARCHAR, address VARCHAR, flags VARCHAR[])"
    )
    for number, told in enumerate(rows, 1):
        con.execute("INSERT INTO told VALUES (1, ?, ?, ?, ?, ?, ?, ?, ?, ?)", [number, str(number), *(told[c] for c in CELLS)])  # fmt: skip
    for number, reason in enumerate(aside, len(rows) + 1):
        con.execute("INSERT INTO aside VALUES ('s', 1, ?, '', ?)", [number, reason])
    for number, (field, agrees) in enumerate(compared, 1):
        con.execute("INSERT INTO agreement VALUES ('s', 1, ?, '', ?, ?)", [number, field, agrees])
    measure(con, [Delivery("s", "person", "FROM told", COLUMNS, as_of, cycle, word_for_word)], TODAY)
    figures = con.execute('SELECT formula, item, counted, "of" FROM measures').fetchall()
    places = con.execute("SELECT formula, item, count(*) FROM places GROUP BY ALL").fetchall()
    con.close()
    return {(f, i): (c, of) for f, i, c, of in figures}, {(f, i): n for f, i, n in places}


@settings(max_examples=25, deadline=None)
@given(
    st.lists(row, max_size=8),
    st.lists(st.sampled_from(REASONS), max_size=3),
    st.lists(st.tuples(st.sampled_from(["name", "phone"]), st.booleans()), max_size=6),
    st.integers(0, 4),
)
def test_every_figure_is_what_a_count_by_hand_says(rows, aside, compared, word_for_word):
    as_of = date(2026, 10, 1)
    found, _ = measured(rows, aside=aside, compared=compared, word_for_word=word_for_word, as_of=as_of)
    by_hand = count(
        rows, columns=COLUMNS, aside=[r.split(":")[0] for r in aside], compared=compared,
        word_for_word=word_for_word, as_of=as_of, today=TODAY,
    )  # fmt: skip
    assert found == by_hand
    assert all(0 <= counted <= of for (f, _), (counted, of) in found.items() if f != "timeliness")


@settings(max_examples=15, deadline=None)
@given(st.lists(row, min_size=1, max_size=8), st.lists(st.sampled_from(REASONS), max_size=3))
def test_every_figure_opens_to_as_many_rows_as_it_counts(rows, aside):
    figures, places = measured(rows, aside=aside)
    for (formula, item), (counted, of) in figures.items():
        told = book().formula(formula)
        if told.opens and not (told.whole and told.by and item == ""):
            bad = counted if told.better == "less" else of - counted
            assert places.get((formula, item), 0) == min(bad, PLACES_AT_MOST), (formula, item)


def test_a_column_that_the_table_does_not_have_is_not_missing():
    blank = dict.fromkeys(("name", "id_no", "sex", "birth", "phone", "address"))
    figures, _ = measured([blank | {"name": "王芳", "flags": []}])
    assert figures["completeness", ""] == (1, 5)
    assert ("completeness", "address") not in figures


def test_an_agreed_cycle_goes_over_the_monthly_rule():
    figures, _ = measured([], as_of=date(2026, 11, 1), cycle=7)
    assert figures["timeliness", ""] == (21, 7)
    assert measured([], as_of=date(2027, 1, 1))[0]["timeliness", ""] == (0, 31)


HEADER = ["记录编号", "姓名", "公民身份号码", "性别", "出生日期", "联系电话", "现住址"]


def written(path, *rows):
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([HEADER, *rows])
    return path


@pytest.fixture
def roll(tmp_path):
    good = ["R1", "王建国", "110101198503120014", "男", "1985-03-12", "13812345678", "嘉春园12-3-502"]
    return written(
        tmp_path / "roll.csv",
        good,
        good,
        ["R2", "王建国", "110101198503120014", "男", "1985-03-12", "", "嘉春园12-3-502"],
        ["R3", "赵敏", "", "女", "1985-02-30", "13912345678", ""],
        ["R4", "李娜", "", "女", "1990-03-07", "12", "嘉春园1-1-101"],
        ["合计", "4", "", "", "", "", ""],
    )


def measures_of(folder):
    with (folder / "measures.csv").open(encoding="utf-8", newline="") as file:
        return {(r["formula"], r["item"]): (int(r["counted"]), int(r["of"])) for r in csv.DictReader(file)}


def test_the_command_judges_counts_and_opens(tmp_path, roll, capsys):
    values = tmp_path / "values.csv"
    values.write_text(
        "source,record_id,field,value,chosen\nroll,R2,phone,13811112222,false\nroll,R1,phone,13812345678,true\n",
        encoding="utf-8",
    )
    code = main(
        ["quality", "--input", f"roll={roll}", "--as-of", "roll=2026-11-01", "--cycle", "roll=7", "--today",
         "2026-11-22", "--values", str(values), "--out", str(tmp_path / "out"), "--quiet", "--json"]
    )  # fmt: skip
    assert code == 0
    told = measures_of(tmp_path / "out")
    assert told["timeliness", ""] == (21, 7)
    assert told["kept_aside", "footer_row"] == (1, 5)
    assert told["uniqueness", ""][0] == 2, "one row word for word, one number twice"
    assert told["conflict", "phone"] == (1, 2)
    assert told["fault", "phone_malformed:phone"][0] == 1
    report = json.loads(capsys.readouterr().out)
    assert report["measures"]["roll"]["timeliness"] == 3.0
    with (tmp_path / "out" / "places.csv").open(encoding="utf-8", newline="") as file:
        opened = [r for r in csv.DictReader(file) if r["formula"] == "completeness" and r["item"] == "phone"]
    assert "R2" in {r["record_id"] for r in opened}


@pytest.mark.parametrize(
    ("option", "told", "code"),
    [
        ("--cycle", "roll=0", "bad_cycle"),
        ("--cycle", "other=7", "unknown_source"),
        ("--as-of", "roll=yesterday", "bad_date"),
    ],
)
def test_what_is_told_wrongly_is_refused(tmp_path, roll, capsys, option, told, code):
    out = tmp_path / "out"
    assert main(["quality", "--input", f"roll={roll}", option, told, "--out", str(out), "--quiet"]) == 2
    assert code in capsys.readouterr().err
    assert not out.exists()


def test_rooms_get_conflicts_from_a_linkage(tmp_path):
    rows = pa.table(
        {"sheet_no": pa.array([1, 1], pa.int32()), "row_no": [2, 3], "record_id": ["a", "b"], "name": ["王芳", None],
         "flags": pa.array([["id_wrong_check:id_no"], None], pa.list_(pa.string()))}
    )  # fmt: skip
    deliveries = pa.table(
        {"source": ["b1"], "schema": ["person"], "rows": ["told_0"], "columns": ['["name"]'], "as_of": ["2026-11-21"],
         "cycle_days": pa.array([None], pa.int64()), "word_for_word": pa.array([0], pa.int64())}
    )  # fmt: skip
    aside = pa.table({"source": ["b1"], "sheet_no": [1], "row_no": [9], "reason": ["test_row"]})
    golden = pa.table(
        {"entity_id": ["e"]} | {f: ["王芳"] if f == "name" else pa.nulls(1, pa.string()) for f in ("name", "id_no", "birth", "sex", "phone", "address")}
    )  # fmt: skip
    members = pa.table(
        {"entity_id": ["e", "e"], "source": ["s", "s"], "record_id": ["a", "b"], "batch": ["b1", "b1"], "sheet": ["1", "1"],
         "row_no": [2, 3], "read": ['[["name","王芳","1","100"]]', '[["name","王方","1","90"]]']}
    )  # fmt: skip
    flags = pa.table(
        {"source": ["s"], "record_id": ["b"], "field": ["phone"], "reason_code": ["shared_phone"]}
    )
    publish(
        tmp_path / "in",
        {"deliveries": deliveries, "told_0": rows, "aside": aside, "golden": golden, "members": members, "flags": flags},
        purpose="p", privacy="personal", made_by="test",
    )  # fmt: skip
    made = run("quality", tmp_path / "in", {"today": "2026-11-22"}, out=tmp_path / "out")
    told = {
        (r["formula"], r["item"]): (r["counted"], r["of"]) for r in made.read_table("measures").to_pylist()
    }
    assert told["conflict", "name"] == (1, 2)
    assert told["validity", ""] == (0, 3), "one fault of the row, one seen by linkage, one kept aside"
    assert told["fault", "shared_phone:phone"] == (1, 3)
    opened = [r for r in made.read_table("places").to_pylist() if r["formula"] == "conflict"]
    assert [(r["sheet_no"], r["row_no"]) for r in opened] == [(1, 3)]
