"""The same results on Spark: every condition of every model on odd values, the examples, and a village."""

import csv
import random
import tomllib
from pathlib import Path

import pytest

import wangge_engine.link
from tests.engine.population import Population, write
from wangge_engine.frame.cli import main
from wangge_engine.frame.tables import connect
from wangge_engine.link.model_encoded import MODEL as ENCODED
from wangge_engine.link.model_organisation import MODEL as ORGANISATIONS
from wangge_engine.link.model_western import make_model
from wangge_engine.link.model_zh import MODEL as PERSONS
from wangge_engine.link.spark import Spark, _session, in_spark

BOOK = tomllib.loads((Path(wangge_engine.link.__file__).parent / "examples.toml").read_text(encoding="utf-8"))
TABLES = ("clusters", "links", "households", "review", "flags")


@pytest.mark.parametrize(
    ("duckdb", "spark"),
    [
        ("l.name[1:2] = r.name[1:2]", "SUBSTRING(l.name, 1, 2) = SUBSTRING(r.name, 1, 2)"),
        ("ELSE", "ELSE"),
    ],
)
def test_conditions_are_written_as_spark_has_them(duckdb, spark):
    assert in_spark(duckdb) == spark


def western():
    """The model with every field filled."""
    con = connect()
    fields = (
        "given_name", "surname", "birth", "id_no", "address_1", "suburb", "postcode", "street_number", "birth_place",
        "occupation", "email", "phone",
    )  # fmt: skip
    texts = (*fields, "both_names", "rarest", "second_rarest", "form", "area", "birth_year")
    chosen = ", ".join(f"'{n}' AS {n}" for n in texts) + ", ['a', 'b', 'c'] AS parts"
    con.execute(f"CREATE TABLE records AS SELECT 0 AS uid, 's' AS source, {chosen}")
    return make_model(con)


# Values that make functions differ between engines: none, several bytes a character, swapped, dates. None is empty:
# no normaliser leaves an empty text.
TEXTS = (
    None, "张伟", "伟张", "张炜", "张伟明", "阿依努尔", "阿依努", "zhangwei", "zhangwe", "zahngwei", "ayinuer", "12", "21", "2", "12A",
    "110101199003077758", "110101199003077785", "1990-03-07", "1990-07-03", "1990-01-01", "partial", "company", "individual",
    "东丽分公司", "万新店", "transliterated",
)  # fmt: skip
LISTS = (
    None,
    [],
    ["12"],
    ["zhangwei", "12", "21"],
    ["zhangwe", "zhangwei", "12"],
    ["company", "zhangwei", "张伟"],
)
DATES = (None, "1990-03-07", "1990-07-03", "1990-01-01", "1990-04-12", "2001-12-31")
TRUTHS = (None, True, False)


def odd_rows(model, rng, rows):
    """Pairs of records with odd values in every column that the model reads."""
    columns = [c for c in model.columns() if c not in ("uid", "source")]
    types = {}
    for c in columns:
        if c.endswith(("_valid", "_borrowed")) or c in ("solid", "has_phone", "has_door"):
            types[c] = ("BOOLEAN", TRUTHS)
        elif c.endswith("_bits"):
            types[c] = ("INTEGER", (None, 0, 3, 14, 40, 64))
        elif c.startswith("parts") or c == "forms":
            types[c] = ("VARCHAR[]", LISTS)
        elif "_by_" in c:
            types[c] = ("BIGINT", (None, 0, -1, 2**62, 3, -(2**63)))
        else:
            types[c] = ("VARCHAR", DATES if c in ("birth", "own_birth") else TEXTS)
    names = [f"{c}_{side}" for c in columns for side in "lr"]
    held = []
    for _ in range(rows):
        row = []
        for c in columns:
            left = rng.choice(types[c][1])
            row += [left, left if rng.random() < 0.4 else rng.choice(types[c][1])]
        held.append(row)
    declared = ", ".join(f"{n} {types[n[:-2]][0]}" for n in names)
    return declared, held


@pytest.mark.spark
def test_every_condition_holds_for_the_same_pairs(tmp_path):
    session = _session(Spark(tmp_path, memory="1g"), partitions=2)
    try:
        from splink import SparkAPI

        SparkAPI(spark_session=session)  # registers the functions of the jar
        con, rng = connect(), random.Random(3)
        for number, model in enumerate((PERSONS, ORGANISATIONS, ENCODED, western())):
            declared, held = odd_rows(model, rng, 400)
            con.execute(f"CREATE TABLE pairs_{number} (row INTEGER, {declared})")
            con.executemany(
                f"INSERT INTO pairs_{number} VALUES ({', '.join('?' * (1 + len(held[0])))})",
                [[at, *row] for at, row in enumerate(held)],
            )
            path = tmp_path / f"pairs_{number}.parquet"
            con.execute(f"COPY pairs_{number} TO '{path}' (FORMAT parquet)")
            session.read.parquet(str(path)).createOrReplaceTempView(f"pairs_{number}")
            conditions = [sql for c in model.comparisons for sql in (c.missing, *(lv.sql for lv in c.levels))]
            # Jaro-Winkler has two definitions; only the model of the public sets asks for it.
            conditions = [sql for sql in conditions if sql != "ELSE" and "jaro_winkler" not in sql]
            ours = ", ".join(f"CAST(({sql}) AS INTEGER)" for sql in conditions)
            theirs = ", ".join(f"CAST(({in_spark(sql)}) AS INTEGER)" for sql in conditions)
            here = con.execute(f"SELECT row, {ours} FROM pairs_{number} ORDER BY row").fetchall()
            there = session.sql(f"SELECT row, {theirs} FROM pairs_{number} ORDER BY row").collect()
            for mine, other in zip(here, there, strict=True):
                for at, sql in enumerate(conditions, 1):
                    # in a CASE, what is unknown does not hold
                    assert (mine[at] == 1) == (other[at] == 1), (sql, held[mine[0]])
            seen = [{row[at] for row in here} for at in range(1, len(conditions) + 1)]
            assert sum(1 in values for values in seen) > len(conditions) / 2, "most conditions hold somewhere"
    finally:
        session.stop()


def both_ways(tmp_path, *arguments):
    for engine in ("duckdb", "spark"):
        where = ["--engine", engine, "--out", str(tmp_path / engine), "--quiet"]
        assert main(["link", *arguments, *where]) == 0
    for name in TABLES:
        assert (tmp_path / "spark" / f"{name}.csv").read_bytes() == (
            tmp_path / "duckdb" / f"{name}.csv"
        ).read_bytes()
    with (tmp_path / "spark" / "clusters.csv").open(encoding="utf-8", newline="") as handle:
        return list(csv.DictReader(handle))


@pytest.mark.spark
def test_a_village_is_linked_alike(tmp_path):
    files = write(tmp_path, Population(250, seed=9))
    inputs = [part for source, path in files.items() for part in ("--input", f"{source}={path}")]
    rows = both_ways(tmp_path, *inputs)
    assert len({row["entity_id"] for row in rows}) < len(rows)


@pytest.mark.spark
@pytest.mark.parametrize("schema", ["person-zh", "organisation"])
def test_the_examples_are_linked_alike(tmp_path, schema):
    """All examples in one file: what they share between them is no matter, both engines must agree."""
    chosen = [e for e in BOOK["example"] if e.get("schema", "person-zh") == schema]
    columns = sorted({c for e in chosen for c in e["columns"]} | {"record_id"})
    path = tmp_path / "examples.csv"
    with path.open("w", encoding="utf-8", newline="") as handle:
        writer = csv.DictWriter(handle, columns)
        writer.writeheader()
        for number, example in enumerate(chosen):
            for row in example["rows"]:
                told = dict(zip(example["columns"], row, strict=True))
                writer.writerow({**told, "record_id": f"{number}-{told['record_id']}"})
    rows = both_ways(
        tmp_path, "--input", f"{path}" if "source" in columns else f"s={path}", "--schema", schema
    )
    assert len({row["entity_id"] for row in rows}) < len(rows)


@pytest.mark.spark
def test_encodings_are_linked_alike(tmp_path):
    files = write(tmp_path, Population(120, seed=9))
    key = tmp_path / "key"
    key.write_text("3f9a0c7e" * 8, encoding="ascii")
    inputs = [part for source, path in files.items() for part in ("--input", f"{source}={path}")]
    assert main(["encode", "--key", str(key), *inputs, "--out", str(tmp_path / "coded"), "--quiet"]) == 0
    coded = [part for source in files for part in ("--input", f"{source}={tmp_path / 'coded' / source}.csv")]
    for engine in ("duckdb", "spark"):
        where = ["--engine", engine, "--out", str(tmp_path / engine), "--quiet"]
        assert main(["link", *coded, "--schema", "encoded", *where]) == 0
    for name in ("clusters", "links"):
        assert (tmp_path / "spark" / f"{name}.csv").read_bytes() == (
            tmp_path / "duckdb" / f"{name}.csv"
        ).read_bytes()
