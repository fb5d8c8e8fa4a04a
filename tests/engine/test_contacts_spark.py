"""Contacts on Spark: the same file, byte for byte, from rides, days, households, passing columns and faults at once."""

import pytest

from wangge_engine.frame.cli import main

PRESENCE = """person_id,place_id,place_kind,start,end,seat,carriage,compartment,household_id,note
A,G1,train,2020-01-20T10:00:00+08:00,2020-01-20T12:00:00+08:00,05A,3,,,x
B,G1,train,2020-01-20 10:30,2020-01-20 12:00,07A,03车厢,,,y
C,G1,train,2020-01-20 10:30,2020-01-20 12:00,,,,,z
D,G1,train,2020-01-20 10:30,2020-01-20 12:00,07A,4,,,z
E,G1,train,2020-01-20 10:30,2020-01-20 12:00,乘务员,3,,,crew
A,V,venue,2020-01-21 10:00,2020-01-21 10:10,,,,,
A,V,venue,2020-01-21 10:10,2020-01-22 12:10,,,,,
B,V,venue,2020-01-21 10:00,2020-01-21 10:08,,,,,q
B,V,venue,2020-01-21 23:55,2020-01-22 00:07,,,,,r
C,V,venue,2020-01-21 23:40,2020-01-22 00:07,,,,,
D,V,venue,2020-01-21 11:30,2020-01-21 11:20,,,,,r
A,H,household,2020-01-10,2020-01-30,,,,h,
F,H,household,2020-01-12,2020-01-13,,,,,
F,H,household,2020-01-20,2020-01-22,,,,h,
"""


@pytest.mark.spark
def test_the_same_contacts_on_spark(tmp_path):
    (tmp_path / "p.csv").write_text(PRESENCE, encoding="utf-8")
    (tmp_path / "i.csv").write_text(
        "person_id,onset,infectious_from,infectious_to\nA,2020-01-18,,\n", encoding="utf-8"
    )
    told = [
        "--presence",
        str(tmp_path / "p.csv"),
        "--index",
        str(tmp_path / "i.csv"),
        "--rules",
        "ecdc-2020",
        "--quiet",
    ]
    for engine in ("duckdb", "spark"):
        where = ["--engine", engine, "--out", str(tmp_path / f"{engine}.csv"), "--master", "local[1]"]
        assert main(["contacts", *told, *where]) == 0
    found = (tmp_path / "spark.csv").read_bytes()
    assert found == (tmp_path / "duckdb.csv").read_bytes()
    assert found.count(b"\n") == 8  # a head and seven contacts
