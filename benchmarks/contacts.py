"""Contacts among many presence rows against a plain reading of the same columns, and chains of all roots at once.

``python -m benchmarks.contacts [--rows 10000000 ...] [--index 1000] [--folder DIR] [--rules ecdc-2020] [--repeats 3]``
``python -m benchmarks.contacts --chains``

The yardstick: ``count(*)`` with a filter that touches person_id, place_id, place_kind, start and end of every row
(`compare`: nothing is skipped, nothing left undecoded), same engine, threads and run, warm; beside it filters of ranges
and of patterns. The whole command (start, reading, rejects, flags, writing) is held against it. Yardstick and command
take turns; medians are told. Index persons are infectious for one week: all the same one (`one week`: a quarter of the
rows can matter), or each another of the month (`own weeks`: every row can). Each size has
the same density, so that 10 M, 30 M and 100 M rows show how the cost grows. Chains: as many holdings and movements as
the veterinary package's example has (70,190 over 92 days), invented: a third of the holdings only sell, trade is heavy-
tailed, several animals go the same way on one day; and a network without any such shape, where everybody reaches far.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from wangge_engine.frame.tables import connect, literal

DAYS = 30
START = int(np.datetime64("2019-12-31T16:00:00", "us").astype(np.int64))
MINUTE = 60_000_000
SCHEMA = pa.schema(
    [("person_id", pa.string()), ("place_id", pa.string()), ("place_kind", pa.string()),
     ("start", pa.timestamp("us", "UTC")), ("end", pa.timestamp("us", "UTC"))]
)  # fmt: skip


def presence(path: Path, rows: int) -> None:
    """Fifty rows a person, twenty thousand a place, in no order at all: nothing can be skipped."""
    rng = np.random.default_rng(7)
    persons, places = rows // 50, rows // 20_000
    names = pa.array([f"P{10_000_000 + n}" for n in range(persons)])
    where = pa.array([f"L{1_000_000 + n}" for n in range(places)])
    kinds = pa.array(["venue", "household", "class"])
    kind = rng.choice([0, 0, 0, 0, 0, 0, 1, 1, 2, 2], places).astype(np.int8)
    with pq.ParquetWriter(path, SCHEMA, compression="zstd") as writer:
        for begin in range(0, rows, 1_000_000):
            many = min(1_000_000, rows - begin)
            person = rng.integers(0, persons, many, dtype=np.int32)
            place = (places * rng.random(many) ** 1.5).astype(np.int32)
            start = START + rng.integers(0, DAYS * 1440, many) * MINUTE
            end = start + rng.integers(10, 180, many) * MINUTE
            times = [pa.array(t, pa.timestamp("us", "UTC")) for t in (start, end)]
            of_place = pa.DictionaryArray.from_arrays(pa.array(kind[place]), kinds).cast(pa.string())
            columns = [names.take(pa.array(person)), where.take(pa.array(place)), of_place, *times]
            writer.write_table(pa.table(columns, schema=SCHEMA), row_group_size=122_880)


def index(path: Path, persons: int, among: int, *, one_week: bool) -> None:
    """Index persons, evenly among all; infectious for a week: all the same one, or each another of the month."""
    lines = []
    for n in range(persons):
        first = np.datetime64("2020-01-10") if one_week else np.datetime64("2020-01-01") + n * 7919 % 24
        lines.append(
            f"P{10_000_000 + n * among // persons},{first}T00:00:00+08:00,{first + 7}T00:00:00+08:00"
        )
    path.write_text("\n".join(["person_id,infectious_from,infectious_to", *lines]) + "\n", encoding="utf-8")


YARDSTICKS = {  # three ways to touch the five columns; the cheapest is what the command is held against
    "compare": "person_id <> place_id AND place_kind <> person_id AND start < \"end\"",
    "ranges": (
        "person_id > 'P1' AND place_id > 'L1' AND place_kind IN ('venue', 'household', 'class')"
        " AND start >= TIMESTAMPTZ '2020-01-02' AND \"end\" < TIMESTAMPTZ '2020-02-20'"
    ),
    "patterns": (
        "person_id LIKE '%7' AND place_id LIKE '%1' AND place_kind = 'venue'"
        " AND start >= TIMESTAMPTZ '2020-01-10' AND \"end\" < TIMESTAMPTZ '2020-01-20'"
    ),
}  # fmt: skip


def yardstick(path: Path, condition: str) -> dict[str, float]:
    """Seconds and CPU seconds of the second of two counts."""
    con = connect(threads=os.cpu_count() or 2)
    con.execute("SET TimeZone = 'UTC'")
    statement = f"SELECT count(*) FROM read_parquet({literal(str(path))}) WHERE {condition}"
    con.execute(statement).fetchall()
    wall, cpu = time.perf_counter(), time.process_time()
    con.execute(statement).fetchall()
    return {"seconds": time.perf_counter() - wall, "cpu": time.process_time() - cpu}


def command(*arguments: str) -> dict[str, Any]:
    """The command as a process of its own: its report, seconds, CPU seconds and peak memory (MiB)."""
    before, wall = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    done = subprocess.run(
        [sys.executable, "-m", "wangge_engine", *arguments, "--json", "--quiet"],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    report = json.loads(done.stdout)
    return {
        "seconds": time.perf_counter() - wall,
        "cpu": cpu,
        "memory_mb": report["peak_memory_mb"],
        "report": report,
    }


def contacts(
    folder: Path, rows: int, persons: int, rules: str, repeats: int, *, one_week: bool
) -> dict[str, Any]:
    path, who = folder / f"presence-{rows}.parquet", folder / "index.csv"
    if not path.exists():
        presence(path, rows)
    index(who, persons, rows // 50, one_week=one_week)
    yard: dict[str, list[dict[str, float]]] = {name: [] for name in YARDSTICKS}
    done = []
    for _ in range(repeats):
        for name, condition in YARDSTICKS.items():
            yard[name].append(yardstick(path, condition))
        done.append(
            command(
                "contacts", "--presence", str(path), "--index", str(who), "--rules", rules,
                "--out", str(folder / "contacts.parquet"),
            )
        )  # fmt: skip
    return {
        "rows": rows,
        "windows": "one week" if one_week else "own weeks",
        "yardstick": {name: middle(told) for name, told in yard.items()},
        "command": {**middle(done), "report": done[-1]["report"]},
    }


def middle(told: list[dict[str, Any]]) -> dict[str, float]:
    """The median of each figure."""
    return {
        name: float(np.median([one[name] for one in told]))
        for name, value in told[0].items()
        if isinstance(value, float)
    }


def movements(shaped: bool) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """70,190 movements of animals among 12,000 holdings in 92 days: source, destination, day."""
    rng, many, holdings = np.random.default_rng(3), 70_190, 12_000
    if not shaped:
        return rng.integers(0, holdings, many), rng.integers(0, holdings, many), rng.integers(0, 92, many)
    sales = many // 3  # about three animals a consignment
    source = rng.integers(0, holdings, sales)
    buyers = rng.permutation(holdings)[: holdings * 2 // 3]
    destination = buyers[(len(buyers) * rng.random(sales) ** 4).astype(int)]
    day = rng.integers(0, 92, sales)
    again = rng.integers(0, sales, many)
    return source[again], destination[again], day[again]


def chains(folder: Path) -> list[dict[str, Any]]:
    told = []
    for shaped in (True, False):
        source, destination, day = movements(shaped)
        dates = np.datetime64("2005-08-01") + day
        lines = [f"H{s:05},H{d:05},{t}" for s, d, t in zip(source, destination, dates, strict=True)]
        (folder / "moves.csv").write_text(
            "\n".join(["source,destination,date", *lines]) + "\n", encoding="utf-8"
        )
        roots = "\n".join(["root", *(f"H{n:05}" for n in range(12_000))]) + "\n"
        (folder / "roots.csv").write_text(roots, encoding="utf-8")
        row: dict[str, Any] = {"network": "trade" if shaped else "without shape"}
        for way in ("in", "out"):
            row[way] = command(
                "chains", "--contacts", str(folder / "moves.csv"), "--roots", str(folder / "roots.csv"),
                "--direction", way, "--out", str(folder / "chains.csv"), "--sizes", str(folder / "sizes.csv"),
            )  # fmt: skip
        told.append(row)
    return told


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--rows", type=int, nargs="+", default=[10_000_000])
    parser.add_argument("--index", type=int, default=1_000)
    parser.add_argument("--rules", default="ecdc-2020")
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--folder", type=Path, help="where presence files are kept (100 M rows: 1.5 GB)")
    parser.add_argument("--chains", action="store_true", help="chains only")
    parser.add_argument("--json", action="store_true")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        folder = args.folder or Path(temporary)
        folder.mkdir(parents=True, exist_ok=True)
        if args.chains:
            rows = chains(folder)
            if args.json:
                print(json.dumps(rows))
            for row in [] if args.json else rows:
                for way in ("in", "out"):
                    one, report = row[way], row[way]["report"]
                    stages = {s["name"]: s["cpu"] for s in report["stages"]}
                    print(
                        f"{row['network']:<14}{way:<4} {report['different_contacts']} contacts, {report['rows']} rows,"
                        f" longest {report['longest_chain']}; CPU s by stage {stages}, whole process {one['cpu']:.2f}"
                    )
            return
        found = [
            contacts(folder, rows, args.index, args.rules, args.repeats, one_week=one_week)
            for rows in args.rows
            for one_week in (True, False)
        ]
    if args.json:
        print(json.dumps(found))
        return
    for one in found:
        done, report = one["command"], one["command"]["report"]
        print(
            f"{one['rows']:>11} rows, {one['windows']}: {report['contacts']} contacts of"
            f" {report['contact_persons']} persons"
        )
        for name, yard in one["yardstick"].items():
            print(
                f"    yardstick {name:<9} {yard['seconds']:7.1f} s {yard['cpu']:7.1f} CPU s;"
                f" command {done['seconds'] / yard['seconds']:.2f} x, {done['cpu'] / yard['cpu']:.2f} x in CPU"
            )
        print(
            f"    command            {done['seconds']:8.1f} s {done['cpu']:7.1f} CPU s, {done['memory_mb']:.0f} MiB"
        )
        print("    CPU s by stage:", {s["name"]: s["cpu"] for s in report["stages"]})


if __name__ == "__main__":
    main()
