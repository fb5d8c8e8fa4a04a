"""Contacts and stays on Spark: the same file, byte for byte, from text and Parquet, with every odd row at once."""

from contextlib import contextmanager

import polars as pl
import pytest

from wangge_engine.contacts import spark as contacts_spark
from wangge_engine.frame.cli import main
from wangge_engine.frame.spark import session
from wangge_engine.screen_stay import command as stays

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


INDEX = "person_id,onset,infectious_from,infectious_to\nA,2020-01-18,,\n"
STAYS = PRESENCE.replace("place_id", "area_id")
AREAS = "area_id,from,to\nG1,2020-01-01,2020-02-01\nV,2020-01-21,2020-02-01\nH,2020-01-11,2020-01-14\n"


@pytest.fixture(scope="module")
def one_session(tmp_path_factory):
    """One Spark session for all commands of this file: to start one costs more than they do."""
    with session("local[1]", tmp_path_factory.mktemp("spark")) as spark:
        # For a handful of rows compiling the plan is most of the work.
        for name, value in {"wholeStage": "false", "factoryMode": "NO_CODEGEN"}.items():
            spark.conf.set(f"spark.sql.codegen.{name}", value)
        spark.conf.set("spark.sql.shuffle.partitions", "1")
        yield spark


def as_parquet(path, text):
    """The same rows with typed times, but for what no type can hold."""
    table = pl.read_csv(text.encode(), infer_schema=False)
    for name in ("start", "end"):
        whole = pl.col(name).str.len_chars() == 10
        # a date alone is the day's first instant, or as an end the next day's
        day = (
            pl.col(name)
            .str.to_datetime("%Y-%m-%d", strict=False)
            .dt.offset_by("1d" if name == "end" else "0d")
        )
        moment = (
            pl.col(name)
            .str.slice(0, 16)
            .str.replace(" ", "T")
            .str.to_datetime("%Y-%m-%dT%H:%M", strict=False)
        )
        local = pl.when(whole).then(day).otherwise(moment)
        table = table.with_columns(
            local.dt.replace_time_zone("Asia/Shanghai").dt.convert_time_zone("UTC").alias(name)
        )
    table.write_parquet(path)
    return path


@pytest.mark.slow
@pytest.mark.spark
@pytest.mark.parametrize("command", ["contacts", "screen-stay"])
def test_the_same_rows_on_spark_from_text_and_parquet(tmp_path, monkeypatch, one_session, command):
    @contextmanager
    def kept(*_):
        yield one_session

    for module in (contacts_spark, stays):
        monkeypatch.setattr(module, "session", kept)
    source = PRESENCE if command == "contacts" else STAYS
    (tmp_path / "p.csv").write_text(source, encoding="utf-8")
    (tmp_path / "other.csv").write_text(INDEX if command == "contacts" else AREAS, encoding="utf-8")
    other = str(tmp_path / "other.csv")
    told = {
        "contacts": ["--index", other, "--rules", "ecdc-2020"],
        "screen-stay": ["--areas", other, "--as-of", "2020-01-24", "--min-stay", "10m"],
    }[command]
    rows = "--presence" if command == "contacts" else "--stays"
    found = []
    for path in (tmp_path / "p.csv", as_parquet(tmp_path / "p.parquet", source)):
        for engine in ("duckdb", "spark"):
            out = tmp_path / f"{path.suffix[1:]}-{engine}.csv"
            where = ["--engine", engine, "--out", str(out), "--master", "local[1]", "--quiet"]
            assert main([command, rows, str(path), *told, *where]) == 0
            found.append(out.read_bytes())
    assert len(set(found)) == 1
    assert found[0].count(b"\n") == (8 if command == "contacts" else 11)
