"""One way of linking a made city, run by itself so that its time and memory are its own.

``python -m benchmarks.link_methods METHOD DIR [--records FILE]`` prints one JSON object: truth scores, wall and CPU
seconds, peak memory. ``wangge`` reads the departments' files and leaves its normalised records beside them for the
others, which therefore do not pay for normalising (their time is linking alone).
"""

from __future__ import annotations

import argparse
import json
import resource
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa

from benchmarks.city import sources
from benchmarks.link_splink import chinese, generic
from wangge_engine.frame.progress import Stages, peak_memory_mb
from wangge_engine.frame.rejects import Rejects
from wangge_engine.frame.tables import connect
from wangge_engine.link.components import Ints, components
from wangge_engine.link.evaluate import evaluate
from wangge_engine.link.intake import Input
from wangge_engine.link.pipeline import Request, link
from wangge_engine.link.schema import read_schema

Rules = tuple[tuple[str, ...], ...]
RAW: Rules = (("raw_id_no",),)
NUMBER: Rules = (("valid_number",),)
SOUND: Rules = (("id_ok",), ("pinyin", "birth"), ("pinyin", "phone_key"), ("pinyin", "address_key"))
RECORDS = "records.parquet"


def chains(con: duckdb.DuckDBPyConnection, rules: Rules, within: str = "") -> tuple[Ints, Ints]:
    """Pairs of neighbours that agree on all columns of a rule, and on ``within`` (``column, ``)."""
    query = " UNION ALL ".join(
        f"SELECT uid AS a, lead(uid) OVER (PARTITION BY {within}{', '.join(rule)} ORDER BY uid) AS b FROM records"
        f" WHERE {' AND '.join(f'{c} IS NOT NULL' for c in rule)}"
        for rule in rules
    )
    found = con.execute(f"SELECT a, b FROM ({query}) WHERE b IS NOT NULL").fetchnumpy()
    return found["a"].astype(np.int64), found["b"].astype(np.int64)


def store(con: duckdb.DuckDBPyConnection, labels: Ints) -> None:
    """Table ``entity_of`` from labels."""
    con.register("__made", pa.table({"uid": np.arange(len(labels)), "entity": labels}))
    con.execute("CREATE OR REPLACE TABLE entity_of AS SELECT * FROM __made")
    con.unregister("__made")


def join_on(con: duckdb.DuckDBPyConnection, rules: Rules) -> None:
    """``entity_of`` by exact rules: the components of records that agree on all columns of a rule."""
    count = con.execute("SELECT count(*) FROM records").fetchall()[0][0]
    store(con, components(count, *chains(con, rules)))


def _joined(rules: Rules) -> Callable[[duckdb.DuckDBPyConnection], None]:
    return lambda con: join_on(con, rules)


def _splink(run: Callable[[duckdb.DuckDBPyConnection], tuple[Ints, Ints]]) -> Callable[[Any], None]:
    def method(con: duckdb.DuckDBPyConnection) -> None:
        count = con.execute("SELECT count(*) FROM records").fetchall()[0][0]
        store(con, components(count, *run(con)))

    return method


PEERS: dict[str, Callable[[duckdb.DuckDBPyConnection], None]] = {
    "raw_number": _joined(RAW),
    "valid_number": _joined(NUMBER),
    "exact_rules": _joined(SOUND),
    "splink_generic": _splink(generic),
    "splink_chinese": _splink(chinese),
}


def wangge(folder: Path, memory: str) -> dict[str, Any]:
    """The engine, from the departments' files to entities."""
    con = connect(temp=folder / "spill", memory_limit=memory)
    request = Request(
        inputs=[Input(source, path) for source, path in sources(folder).items()],
        schema=read_schema("person-zh"),
        truth=folder / "truth.csv",
    )
    start, before = time.perf_counter(), _cpu()
    report = link(con, request, Rejects(), Stages(quiet=True))
    stages = {str(stage["name"]): stage["seconds"] for stage in report["stages"]}
    done = {
        "wall": time.perf_counter() - start - float(stages["evaluate"]),
        "cpu": _cpu() - before,
        "peak_mb": peak_memory_mb(),
        "records": report["records"],
        "stages": stages,
        "groups": report.get("groups"),
        **report["truth"],
    }
    con.execute(
        f"""
        COPY (SELECT r.*, i.name AS raw_name, i.id_no AS raw_id_no, i.birth AS raw_birth, i.phone AS raw_phone,
                     i.address AS raw_address, CASE WHEN r.id_valid THEN r.id_number END AS valid_number
              FROM records r JOIN records_in i USING (uid) ORDER BY r.uid)
        TO '{folder / RECORDS}' (FORMAT parquet)
        """
    )
    return done


def peer(name: str, folder: Path, memory: str) -> dict[str, Any]:
    """A peer, on the records as normalised."""
    con = connect(temp=folder / "spill", memory_limit=memory)
    con.execute(f"CREATE TABLE records AS SELECT * FROM '{folder / RECORDS}' ORDER BY uid")
    start, before = time.perf_counter(), _cpu()
    PEERS[name](con)
    wall, cpu, peak = time.perf_counter() - start, _cpu() - before, peak_memory_mb()
    return {"wall": wall, "cpu": cpu, "peak_mb": peak, **evaluate(con, folder / "truth.csv")}


def ceiling(folder: Path, memory: str) -> dict[str, float]:
    """Recall of all true pairs that share a number, birth date, telephone or door, directly or through records of
    the same person between them (``recall``, ``f1``, ``exactly_right``); and of those that share one directly."""
    con = connect(temp=folder / "spill", memory_limit=memory)
    con.execute(f"CREATE TABLE all_records AS SELECT * FROM '{folder / RECORDS}'")
    con.execute(
        f"""
        CREATE TABLE records AS
        SELECT row_number() OVER (ORDER BY r.uid) - 1 AS uid, t.entity_id AS true_id, r.source, r.record_id,
               id_number, birth, phone_key, door
        FROM all_records r JOIN read_csv('{folder / "truth.csv"}', all_varchar = true) t USING (source, record_id)
        """
    )
    keys: Rules = (("id_number",), ("birth",), ("phone_key",), ("door",))
    count = con.execute("SELECT count(*) FROM records").fetchall()[0][0]
    store(con, components(count, *chains(con, keys, "true_id, ")))
    scores = evaluate(con, folder / "truth.csv")
    direct = con.execute(
        """
        SELECT count(*) FILTER (WHERE x.id_number = y.id_number OR x.birth = y.birth
                                   OR x.phone_key = y.phone_key OR x.door = y.door) / count(*)
        FROM records x JOIN records y ON x.true_id = y.true_id AND x.uid < y.uid
        """
    ).fetchall()[0][0]
    return {
        "direct_recall": direct,
        "recall": scores["pairwise"]["recall"],
        "f1": scores["pairwise"]["f1"],
        "exactly_right": scores["exactly_right"],
    }


def _cpu() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("method", choices=["wangge", "ceiling", *PEERS])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--memory", default="3GB")
    args = parser.parse_args()
    if args.method == "wangge":
        found = wangge(args.folder, args.memory)
    elif args.method == "ceiling":
        found = ceiling(args.folder, args.memory)
    else:
        found = peer(args.method, args.folder, args.memory)
    print(json.dumps(found))


if __name__ == "__main__":
    main()
