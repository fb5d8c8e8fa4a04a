"""Contacts: the contract, odd input, rule packs, and a naive reference on random small tables."""

import csv
import json
import tomllib
from datetime import datetime
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.engine.reference_contacts import at, contacts, utc_day
from wangge_engine.contacts import reading
from wangge_engine.contacts.command import COLUMNS
from wangge_engine.contacts.rules import FOLDER, KINDS, read_pack, shipped
from wangge_engine.contacts.tracing import Tracing
from wangge_engine.frame.cli import main
from wangge_engine.frame.instants import Clock, micros
from wangge_engine.frame.problems import Refused
from wangge_engine.frame.rejects import Rejects
from wangge_engine.frame.spans import open_spans
from wangge_engine.frame.tables import connect

FIELDS = (
    "person_id",
    "place_id",
    "place_kind",
    "start",
    "end",
    "seat",
    "carriage",
    "row",
    "compartment",
    "household_id",
)
INDEX = "person_id,infectious_from,infectious_to\nA,2020-01-01,2020-02-01\n"


def write(path, text):
    path.write_text(text, encoding="utf-8")
    return path


def trace(tmp_path, presence, index=INDEX, rules="cdna-2020", *more, out="contacts.csv"):
    if isinstance(presence, str):
        presence = write(tmp_path / "presence.csv", presence)
    return main(
        ["contacts", "--presence", str(presence), "--index", str(write(tmp_path / "index.csv", index)),
         "--rules", str(rules), "--out", str(tmp_path / out), "--quiet", "--threads", "1", *more]
    )  # fmt: skip


def rows(path):
    with path.open(encoding="utf-8", newline="") as handle:
        return list(csv.DictReader(handle))


def venue(*stays):
    lines = [f"{person},V,venue,{start},{end}" for person, start, end in stays]
    return "\n".join(["person_id,place_id,place_kind,start,end", *lines]) + "\n"


def test_the_columns_stand_in_their_order_and_cut_rows_count_once(tmp_path, capsys):
    text = venue(
        ("A", "2020-01-20T10:00:00+08:00", "2020-01-20T11:00:00+08:00"),
        ("A", "2020-01-20T10:30:00+08:00", "2020-01-20T13:00:00+08:00"),
        ("B", "2020-01-20T02:00:00Z", "2020-01-20T03:30:00Z"),
        ("B", "2020-01-20 11:15", "2020-01-20 12:30"),
        ("C", "2020-01-20 13:00", "2020-01-20 18:00"),
        ("D", "2020-01-20 11:00:30", "2020-01-20 13:00:30"),
    )
    assert trace(tmp_path, text, INDEX, "cdna-2020", "--json") == 0
    report = json.loads(capsys.readouterr().out)
    found = rows(tmp_path / "contacts.csv")
    assert tuple(found[0]) == COLUMNS
    assert [tuple(row.values()) for row in found] == [
        (
            "A",
            "B",
            "V",
            "venue",
            "cdna.venue.2h",
            "150",
            "2020-01-20T10:00:00+08:00",
            "2020-01-20T12:30:00+08:00",
            "",
        )
    ]
    assert report["contacts"] == 1
    assert report["by_rule"] == {"cdna.venue.2h": 1}
    assert report["rules"]["version"]


def test_single_minutes_and_minutes_of_a_day(tmp_path):
    stays = (
        ("A", "2020-01-20 08:00", "2020-01-20 20:00"),
        ("B", "2020-01-20 09:00", "2020-01-20 09:10"),
        ("B", "2020-01-20 15:00", "2020-01-20 15:10"),
        ("C", "2020-01-20 15:00", "2020-01-20 15:10"),
    )
    trace(tmp_path, venue(*stays), INDEX, "ecdc-2020")
    found = {row["person_id"]: row for row in rows(tmp_path / "contacts.csv")}
    assert (found["B"]["rule_id"], found["B"]["overlap_minutes"]) == ("ecdc.venue.close", "20")
    assert found["C"]["rule_id"] == "ecdc.venue.brief"
    trace(tmp_path, venue(*stays), INDEX, "cdna-2020")
    assert rows(tmp_path / "contacts.csv") == []


def test_seats_bays_crew_and_what_is_unknown(tmp_path):
    head = ",".join(FIELDS) + "\n"

    def ride(person, kind="train", **seat):
        told = {
            "person_id": person,
            "place_id": "X1",
            "place_kind": kind,
            "start": "2020-01-20 10:00",
            "end": "2020-01-20 11:00",
        }
        return ",".join({**dict.fromkeys(FIELDS, ""), **told, **seat}.values()) + "\n"

    def rules_of(pack, *lines):
        trace(tmp_path, head + "".join(lines), INDEX, pack)
        return {r["person_id"]: (r["rule_id"], r["distance_rows"]) for r in rows(tmp_path / "contacts.csv")}

    assert rules_of(
        "cn-2020-transport",
        ride("A", seat="05A", carriage="03"), ride("B", seat="09C", carriage="3号车厢"),
        ride("C", carriage="4", seat="05B"), ride("D"), ride("E", seat="乘务员", carriage="3"),
    ) == {
        "B": ("cn2020.train.carriage", "4"), "C": ("cn2020.train.other", ""),
        "D": ("cn2020.train.other.seat_unknown", ""), "E": ("cn2020.train.carriage", ""),
    }  # fmt: skip
    assert rules_of(
        "cn-2020-transport",
        ride("A", compartment="2", carriage="9"), ride("B", compartment="02", carriage="9"),
        ride("C", compartment="3", carriage="9"), ride("D", carriage="9"),
    ) == {
        "B": ("cn2020.train.compartment", ""), "C": ("cn2020.train.other", ""),
        "D": ("cn2020.train.carriage.seat_unknown", ""),
    }  # fmt: skip
    assert rules_of(
        "cn-2020-transport-open",
        ride("A", row="5", carriage="2"), ride("B", row="7", carriage="2"), ride("C", row="9", carriage="2"),
    ) == {"B": ("cn2020.opentrain.bay", "2"), "C": ("cn2020.opentrain.other", "4")}  # fmt: skip
    assert rules_of(
        "cn-2020-transport",
        ride("A", "flight", seat="31K"), ride("B", "flight", seat="34A"), ride("C", "flight", seat="35A"),
        ride("D", "flight"), ride("E", "flight", seat="crew"),
    ) == {
        "B": ("cn2020.flight.rows", "3"), "C": ("cn2020.flight.other", "4"),
        "D": ("cn2020.flight.other.seat_unknown", ""), "E": ("cn2020.flight.crew", ""),
    }  # fmt: skip
    assert rules_of(
        "cdna-2020", ride("A", "flight", seat="31K"), ride("B", "flight"), ride("C", "flight", seat="1A")
    ) == {"B": ("cdna.flight.rows.seat_unknown", "")}
    assert rules_of(
        "cdna-2020",
        ride("A", "household", household_id="h1"), ride("B", "household", household_id="H1"),
        ride("C", "household", household_id="h2"), ride("D", "household"),
    ) == {"B": ("cdna.household", ""), "D": ("cdna.household.household_unknown", "")}  # fmt: skip


def test_the_window_before_onset_comes_from_the_pack(tmp_path, capsys):
    text = venue(
        ("A", "2020-01-17 00:00", "2020-01-30 00:00"),
        ("B", "2020-01-17 20:00", "2020-01-18 03:00"),
        ("C", "2020-01-17 20:00", "2020-01-17 23:00"),
    )
    index = "person_id,onset,infectious_from,infectious_to\nA,2020-01-20,,\n"
    assert trace(tmp_path, text, index, "cdna-2020", "--json") == 0
    assert json.loads(capsys.readouterr().out)["index_persons_from_onset"] == 1
    (row,) = rows(tmp_path / "contacts.csv")
    assert (row["person_id"], row["first_at"], row["overlap_minutes"]) == (
        "B",
        "2020-01-18T00:00:00+08:00",
        "180",
    )


def test_unknown_columns_pass_through_from_the_earliest_row(tmp_path):
    text = (
        "note,person_id,place_id,place_kind,start,end\n"
        "mine,A,V,venue,2020-01-20 10:00,2020-01-20 15:00\n"
        "second,B,V,venue,2020-01-20 12:00,2020-01-20 14:00\n"
        "first,B,V,venue,2020-01-20 10:30,2020-01-20 12:00\n"
    )
    index = "person_id,infectious_from,infectious_to,note,case_no\nA,2020-01-01,2020-02-01,who,17\n"
    trace(tmp_path, text, index)
    (row,) = rows(tmp_path / "contacts.csv")
    assert tuple(row) == (*COLUMNS, "note", "index_note", "case_no")
    assert (row["note"], row["index_note"], row["case_no"]) == ("first", "who", "17")


def test_what_cannot_stand_is_rejected_with_its_place_and_reason(tmp_path, capsys):
    text = venue(
        ("A", "2020-03-08 01:00", "2020-03-08 06:00"),
        ("B", "2020-03-08 01:30", "2020-03-08 05:30"),
        ("C", "2020-03-08 02:30", "2020-03-08 05:30"),
        ("D", "2020-03-08 05:00", "2020-03-08 04:00"),
        ("E", "yesterday", ""),
    ) + "F,V,moon,2020-03-08 01:00,2020-03-08 04:00\n,V,venue,2020-03-08 01:00,2020-03-08 01:30\n"  # fmt: skip
    index = "person_id,infectious_from,infectious_to\nA,2020-03-01,2020-03-20\nB,2020-03-20,2020-03-01\n"
    assert trace(tmp_path, text, index, "cdna-2020", "--tz", "America/New_York", "--json") == 0
    assert json.loads(capsys.readouterr().out)["rejects"] == {
        "bad_time": 1, "end_before_start": 2, "missing": 2, "no_such_local_time": 1, "unknown_place_kind": 1,
    }  # fmt: skip
    told = [(r["row"], r["column"], r["reason_code"]) for r in rows(tmp_path / "contacts.rejects.csv")]
    assert ("3", "start", "no_such_local_time") in told
    (row,) = rows(tmp_path / "contacts.csv")  # from 1:30 to 5:30 there are three hours on that night
    assert (row["overlap_minutes"], row["last_at"]) == ("180", "2020-03-08T05:30:00-04:00")
    assert trace(tmp_path, text, index, "cdna-2020", "--strict", out="strict.csv") == 2
    assert not (tmp_path / "strict.csv").exists()


def test_two_places_at_once_are_kept_and_flagged(tmp_path, capsys):
    text = venue(("A", "2020-01-20 10:00", "2020-01-20 15:00"), ("B", "2020-01-20 10:00", "2020-01-20 15:00"))
    text += "B,W,venue,2020-01-20 14:00,2020-01-20 16:00\nB,W,venue,2020-01-20 15:00,2020-01-20 17:00\n"
    assert trace(tmp_path, text, INDEX, "cdna-2020", "--json") == 0
    assert json.loads(capsys.readouterr().out)["two_places_at_once"] == 1
    assert len(rows(tmp_path / "contacts.csv")) == 1
    (flag,) = rows(tmp_path / "contacts.flags.csv")
    assert (flag["person_id"], flag["from"], flag["to"]) == (
        "B",
        "2020-01-20T14:00:00+08:00",
        "2020-01-20T15:00:00+08:00",
    )


@pytest.mark.parametrize("kind", ["timestamptz", "timestamp", "text", "integer ids"])
def test_parquet_of_any_time_type_gives_the_same(tmp_path, kind):
    moments = [("2020-01-20T10:00:00", "2020-01-20T13:00:00"), ("2020-01-20T10:30:00", "2020-01-20T13:30:00")]
    times = [[datetime.fromisoformat(m[n]) for m in moments] for n in (0, 1)]
    ids = pa.array([7, 8]) if kind == "integer ids" else pa.array(["7", "8"])
    table = {"person_id": ids, "place_id": pa.array(["V", "V"]), "place_kind": pa.array(["venue", "venue"])}
    for name, values in zip(("start", "end"), times, strict=True):
        if kind == "text":
            table[name] = pa.array([v.isoformat() for v in values])
        else:
            local = pa.array(values, pa.timestamp("us"))
            zoned = kind == "timestamptz"
            table[name] = pa.compute.assume_timezone(local, "Asia/Shanghai") if zoned else local
    path = tmp_path / "p.parquet"
    pq.write_table(pa.table(table), path)
    assert trace(tmp_path, path, INDEX.replace("A,", "7,"), out="o.parquet") == 0
    (row,) = pq.read_table(tmp_path / "o.parquet").to_pylist()
    assert row["overlap_minutes"] == 150
    assert row["first_at"].isoformat() in ("2020-01-20T10:30:00+08:00", "2020-01-20T02:30:00+00:00")
    assert (row["index_person_id"], row["person_id"]) == ("7", "8")


@pytest.mark.parametrize("fits", [True, False])
def test_parquet_read_once_or_twice_gives_what_text_gives(tmp_path, monkeypatch, fits):
    """With seats, passing columns, two places at once, and rows that cannot stand: rows, flags and rejects alike."""
    lines = [
        "A,T,train,2020-01-20T10:00:00+08:00,2020-01-20T13:00:00+08:00,05A,3,mine",
        "B,T,train,2020-01-20T10:30:00+08:00,2020-01-20T11:00:00+08:00,06A,3,late",
        "B,T,train,2020-01-20T10:00:00+08:00,2020-01-20T10:30:00+08:00,06A,3,early",
        "C,T,train,2020-01-20T10:30:00+08:00,2020-01-21T13:30:00+08:00,,3,a note of more than twelve letters",
        "C,V,venue,2020-01-20T09:30:00+08:00,2020-01-20T10:40:00+08:00,,,",
        "A,V,venue,2020-01-20T10:30:00+08:00,2020-01-20T10:35:00+08:00,,,",
        "D,T,moon,2020-01-20T10:30:00+08:00,2020-01-20T13:30:00+08:00,,3,",
        "E,T,train,2020-01-20T12:30:00+08:00,2020-01-20T11:30:00+08:00,,3,",
        ",T,train,2020-01-20T10:30:00+08:00,2020-01-20T11:30:00+08:00,,3,",
        "F,T,train,,2020-01-20T11:30:00+08:00,,3,",
        "G,T,train,2020-01-20T11:30:00+08:00,2020-01-20T11:30:00+08:00,,3,",
    ]
    head = "person_id,place_id,place_kind,start,end,seat,carriage,note"
    assert trace(tmp_path, "\n".join([head, *lines]) + "\n", INDEX, "ecdc-2020", "--check-all") == 0
    told = {}
    for number, name in enumerate(head.split(",")):
        values = [line.split(",")[number] for line in lines]
        if name in ("start", "end"):
            told[name] = pa.array(
                [datetime.fromisoformat(v) if v else None for v in values], pa.timestamp("us", "UTC")
            )
        else:
            told[name] = pa.array([v or None if name != "person_id" else v for v in values])
    pq.write_table(pa.table(told), tmp_path / "presence.parquet", row_group_size=4)
    monkeypatch.setattr(reading, "fits", lambda *_: fits)
    done = trace(tmp_path, tmp_path / "presence.parquet", INDEX, "ecdc-2020", "--check-all", out="again.csv")
    assert done == 0
    assert len(rows(tmp_path / "contacts.csv")) == 3
    for name in ("contacts.csv", "contacts.flags.csv"):
        again = (tmp_path / name.replace("contacts", "again")).read_bytes()
        assert again == (tmp_path / name).read_bytes()
    rejects = [
        (tmp_path / f"{name}.rejects.csv")
        .read_text(encoding="utf-8")
        .replace("presence.parquet", "presence.csv")
        for name in ("contacts", "again")
    ]
    assert rejects[0] == rejects[1]
    assert rejects[0].count("\n") == 5


def test_what_is_held_is_told_by_a_sample(tmp_path, monkeypatch):
    started = datetime.fromisoformat("2020-01-20T10:00:00+08:00")
    many = 50_000
    table = {name: pa.array([name * 3] * many) for name in ("person_id", "place_id")}
    table["place_kind"] = pa.array(["venue"] * many)
    table |= {name: pa.array([started] * many, pa.timestamp("us", "UTC")) for name in ("start", "end")}
    pq.write_table(pa.table(table), tmp_path / "p.parquet")
    con = connect(memory_limit="8MB")
    clock, rejects = Clock.of(None), Rejects()
    spans = open_spans(con, tmp_path / "p.parquet", "p", ids=tuple(table)[:3], clock=clock, rejects=rejects)
    now = micros(started)
    of = lambda low, high: Tracing(spans, read_pack("cdna-2020"), clock, low, high, by_day=False)  # noqa: E731
    assert not reading.fits(con, of(now - 1, now + 1), many)  # 99 bytes a row and more
    assert reading.fits(con, of(now + 1, now + 2), many)  # none of them matters
    con.execute("SET memory_limit = '100MB'")
    assert reading.fits(con, of(now - 1, now + 1), many)
    monkeypatch.setattr(reading, "LONG", 10_000)
    assert not reading.fits(con, of(now - 1, now + 1), many)  # all of a long file are read again


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (["--rules", "no-such"], "no_such_rules"),
        (["--tz", "Mars/Base"], "unknown_zone"),
        (["--presence", "/no/such.csv"], "no_such_file"),
        (["--out", "/tmp/x.txt"], "unknown_format"),
        (["--plot", "x.gif"], "unknown_format"),
    ],
)
def test_refusals_leave_nothing(tmp_path, capsys, change, code):
    text = venue(("A", "2020-01-20 10:00", "2020-01-20 15:00"))
    assert trace(tmp_path, text, INDEX, "cdna-2020", *change) == 2
    assert code in capsys.readouterr().err
    assert sorted(p.name for p in tmp_path.iterdir()) == ["index.csv", "presence.csv"]


def test_a_missing_column_is_named(tmp_path, capsys):
    assert trace(tmp_path, "person_id,place_id,start,end\nA,V,2020-01-20,2020-01-20\n") == 2
    assert "place_kind" in capsys.readouterr().err


def test_shipped_packs_have_sources_and_rules_for_every_kind():
    for name in shipped():
        pack = read_pack(name)
        assert len(pack.source) > 20
        assert pack.kinds == KINDS
        assert pack.window_hours == 48


PACK = (FOLDER / "cdna-2020.toml").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        ('kind = "ship"', 'kind = "boat"', "bad_value"),
        ('within = "rows"', 'within = "near"', "bad_value"),
        ("rows = 2", "rows = -1", "bad_value"),
        ("rows = 2", "seats = 2", "unknown_key"),
        ("minutes = 120", 'minutes = "120"', "bad_value"),
        ('source = "', 'sauce = "', "missing_key"),
        ('id = "cdna.class.2h"', 'id = "cdna.ward.2h"', "repeated_id"),
        ("[[rule]]", "[[rule]", "bad_toml"),
    ],
)
def test_a_pack_of_ones_own_is_checked_with_its_place(tmp_path, old, new, code):
    assert old in PACK
    path = write(tmp_path / "own.toml", PACK.replace(old, new))
    with pytest.raises(Refused) as refused:
        read_pack(str(path))
    problem = refused.value.problems[0]
    assert code in {p.code for p in refused.value.problems}
    assert problem.place.startswith("own.toml")
    assert problem.zh != problem.en


RULES = """
id = "own"
version = "1"
title_zh = "自订"
title_en = "own"
source = "a test of the engine"
valid_from = 2020-01-01
crew = ["crew", "乘务"]
"""
PARTS = {
    "train": [
        'within = "compartment"\nno_compartment_means_open = true', 'within = "rows"\nrows = 1\nminutes = 30',
        'within = "bay"', 'within = "carriage"\nwithout_compartments = true\nminutes = 20\ncounted = "day"', 'within = "crew"',
        'within = "place"\nminutes = 60',
    ],
    "household": ['within = "household"'],
    "venue": ['within = "place"\nminutes = 60', 'within = "place"\nminutes = 45\ncounted = "day"'],
}  # fmt: skip
OWN = RULES + "".join(
    f'[[rule]]\nid = "{kind}.{n}"\nkind = "{kind}"\nclass = "close_contact"\nzh = "甲"\nen = "a"\n{part}\n'
    for kind, parts in PARTS.items()
    for n, part in enumerate(parts)
)
few = st.sampled_from
stay = st.fixed_dictionaries(
    {
        "person_id": few("ABC"), "place_id": few("XY"), "place_kind": few(sorted(PARTS)),
        "from": st.integers(0, 200), "lasts": st.integers(0, 150),
        "seat": few(["", "", "01A", "3B", "crew", "17"]), "carriage": few(["", "1", "02"]), "row": few(["", "", "4"]),
        "compartment": few(["", "", "1", "2"]), "household_id": few(["", "h", "k"]),
    }
)  # fmt: skip


@pytest.fixture(scope="module")
def own_pack(tmp_path_factory):
    path = tmp_path_factory.mktemp("pack") / "own.toml"
    path.write_text(OWN, encoding="utf-8")
    return path


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    stays=st.lists(stay, min_size=2, max_size=14),
    windows=st.lists(st.tuples(few("AB"), st.integers(0, 150), st.integers(1, 200)), min_size=1, max_size=3),
)
def test_equals_the_naive_reference(tmp_path, own_pack, stays, windows):
    presence = [{**s, "start": at(s["from"]), "end": at(s["from"] + s["lasts"])} for s in stays]
    periods = {}
    for person, low, length in windows:
        periods.setdefault(person, []).append((at(low), at(low + length)))
    told = contacts(presence, periods, read_pack(str(own_pack)), utc_day)
    with (tmp_path / "p.csv").open("w", encoding="utf-8", newline="") as handle:
        writer = csv.DictWriter(handle, FIELDS, extrasaction="ignore")
        writer.writeheader()
        writer.writerows(presence)
    index = "person_id,infectious_from,infectious_to\n" + "".join(
        f"{p},{s.isoformat()},{e.isoformat()}\n" for p, spans in periods.items() for s, e in spans
    )
    assert trace(tmp_path, tmp_path / "p.csv", index, own_pack, "--tz", "UTC") == 0
    found = {
        (r["index_person_id"], r["person_id"], r["place_id"], r["place_kind"]): (
            r["rule_id"], float(r["overlap_minutes"]), datetime.fromisoformat(r["first_at"]),
            datetime.fromisoformat(r["last_at"]), int(r["distance_rows"]) if r["distance_rows"] else None,
        )
        for r in rows(tmp_path / "contacts.csv")
    }  # fmt: skip
    assert found == told


def test_packs_are_files_anybody_can_read():
    for path in Path(FOLDER).glob("*.toml"):
        assert tomllib.loads(path.read_text(encoding="utf-8"))["rule"]
