"""A batch added to a linkage that stands, one record looked up, and Splink's pairs for the same batch beside them.

``python -m benchmarks.link_batch [--people 100000] [--batch 10000] [--keep DIR] [--no-splink] [--scratch]``

The base is linked from the population of the tests but for its last records, which are the batch. With ``--keep`` the
population and the base are made once. ``--scratch`` links all records anew, too, and prints the share of records
whose cluster differs. Every run of ours is the command as a user gives it, in a process of its own.
"""

from __future__ import annotations

import argparse
import csv
import json
import random
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from pathlib import Path
from typing import Any

from tests.engine.population import FIELDS, SOURCES, Population, write

LOOKED_UP = 400


def split(folder: Path, people: int, batch: int, seed: int) -> None:
    """Files ``base/<source>.csv`` and ``batch/<source>.csv``; the population's truth beside them."""
    write(folder, Population(people, seed))
    with (folder / "truth.csv").open(encoding="utf-8") as handle:
        total = sum(1 for _ in handle) - 1
    for part in ("base", "batch"):
        (folder / part).mkdir(exist_ok=True)
    for source in SOURCES:
        with (folder / f"{source}.csv").open(encoding="utf-8", newline="") as handle:
            parts: dict[str, list[dict[str, str]]] = {"base": [], "batch": []}
            for row in csv.DictReader(handle):
                parts["batch" if int(row["record_id"][1:]) >= total - batch else "base"].append(row)
        for part, rows in parts.items():
            with (folder / part / f"{source}.csv").open("w", encoding="utf-8", newline="") as out:
                writer = csv.DictWriter(out, FIELDS)
                writer.writeheader()
                writer.writerows(rows)


def inputs(folder: Path) -> list[str]:
    return [part for source in SOURCES for part in ("--input", f"{source}={folder / source}.csv")]


def engine(analysis: str, *arguments: str) -> tuple[float, dict[str, Any]]:
    """Wall seconds of a command from its start to its end, and its report."""
    start = time.perf_counter()
    done = subprocess.run(
        [sys.executable, "-m", "wangge_engine", analysis, *arguments, "--json", "--quiet"],
        check=True,
        capture_output=True,
        text=True,
    )
    return time.perf_counter() - start, json.loads(done.stdout)


def show(title: str, seconds: float, report: dict[str, Any]) -> None:
    cpu = sum(stage["cpu"] for stage in report["stages"])
    print(f"{title}: {seconds:.1f} s, {cpu:.1f} s of CPU, peak {report.get('peak_memory_mb', 0):.0f} MB")
    for stage in report["stages"]:
        print(f"  {stage['name']:<24}{stage['seconds']:8.2f} s{stage['cpu']:8.2f} s of CPU")


def differing(one: Path, other: Path) -> float:
    """Share of records whose cluster is another set of records."""
    groups = []
    for path in (one, other):
        found: dict[str, list[str]] = defaultdict(list)
        with path.open(encoding="utf-8", newline="") as handle:
            for row in csv.DictReader(handle):
                found[row["entity_id"]].append(row["record_id"])
        groups.append({frozenset(group) for group in found.values()})
    same = sum(map(len, groups[0] & groups[1]))
    return 1 - same / sum(map(len, groups[0]))


def splink_pairs(base: Path, batch: Path) -> dict[str, float]:
    """Splink's own way: the saved model, base and batch in memory, ``predict_between``; pairs, no clusters."""
    import logging
    import warnings

    from splink import DuckDBAPI, Linker

    from wangge_engine.frame.rejects import Rejects
    from wangge_engine.frame.tables import connect
    from wangge_engine.link.intake import Input, load
    from wangge_engine.link.kept import Base
    from wangge_engine.link.pipeline import normalise_records
    from wangge_engine.link.schema import read_schema

    warnings.simplefilter("ignore")
    logging.getLogger("splink").setLevel(logging.ERROR)
    kept = Base(base)
    con = connect(memory_limit="6GB")
    columns = ", ".join(kept.model.columns())
    con.register("__whole", kept.whole([c for c in kept.model.columns() if c != "uid"]))
    con.execute(
        f"CREATE TABLE standing AS SELECT {columns} FROM"
        " (SELECT *, CAST(row_number() OVER () AS INTEGER) AS uid FROM __whole)"
    )
    start = time.perf_counter()
    load(con, [Input(s, batch / f"{s}.csv") for s in SOURCES], read_schema("person-zh"), Rejects())
    normalise_records(con, "zh")
    con.execute(
        f"CREATE TABLE arriving AS SELECT {columns.replace('uid', 'uid + 100000000 AS uid')} FROM records"
    )
    read = time.perf_counter() - start
    api = DuckDBAPI(con)
    frames = [api.register("standing"), api.register("arriving")]
    settings = {**kept.settings, "link_type": "link_only", "retain_intermediate_calculation_columns": False}
    start = time.perf_counter()
    linker = Linker(frames, settings, log_level=logging.ERROR, validate_settings=False)
    for term in kept.meta["terms"]:
        con.register(f"__{term}", kept.table(f"terms_{term}"))
        con.execute(f"CREATE TABLE t_{term} AS SELECT value AS {term}, tf AS tf_{term} FROM __{term}")
        linker.table_management.register_term_frequency_lookup(api.register(f"t_{term}"), term)
    pairs = linker.inference.predict_between(*frames, threshold_match_weight=-8)
    counted = con.execute(f"SELECT count(*) FROM {pairs.physical_name}").fetchall()[0][0]
    return {"read and normalise": read, "predict_between": time.perf_counter() - start, "pairs": counted}


def look_up(base: Path, folder: Path) -> dict[str, Any]:
    """Records of the population asked for again, without their ids."""
    rows = []
    for source in SOURCES:
        with (folder / "base" / f"{source}.csv").open(encoding="utf-8", newline="") as handle:
            rows += [row for _, row in zip(range(3_000), csv.DictReader(handle), strict=False)]
    asked = folder / "asked.jsonl"
    fields = ("name", "id_no", "sex", "birth", "phone", "address")
    with asked.open("w", encoding="utf-8") as out:
        for row in random.Random(1).sample(rows, min(LOOKED_UP, len(rows))):
            out.write(json.dumps({f: row[f] for f in fields}, ensure_ascii=False) + "\n")
    return engine("lookup", "--base", str(base), "--records", str(asked))[1]


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--people", type=int, default=100_000)
    parser.add_argument("--batch", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--keep", type=Path)
    parser.add_argument("--no-splink", action="store_true")
    parser.add_argument("--scratch", action="store_true")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        folder: Path = args.keep or Path(temporary)
        if not (folder / "batch").exists():
            split(folder, args.people, args.batch, args.seed)
        base, out = folder / "linked", folder / "added"
        if not (base / "base.json").exists():
            show("base linked", *engine("link", *inputs(folder / "base"), "--out", str(base)))
        size = sum(path.stat().st_size for path in base.glob("base*"))
        kept = json.loads((base / "base.json").read_text(encoding="utf-8"))["standing"]
        print(f"base of {kept} records: {size / 1e6:.0f} MB kept on disk")
        common = [*inputs(folder / "batch"), "--base", str(base), "--out", str(out)]
        seconds, report = engine("link", *common, "--changes-only")
        show("batch added, changes only", seconds, report)
        seconds, report = engine("link", *common, "--truth", str(folder / "truth.csv"))
        show("batch added, whole tables", seconds, report)
        figures = ("new", "linked_again", "read_differently", "moved", "renamed", "records", "entities")
        print("  " + ", ".join(f"{name} {report[name]}" for name in figures))
        scores = report["truth"]["pairwise"]
        print(f"  F1 {scores['f1']:.4f}, people exactly right {report['truth']['exactly_right']:.4f}")
        if args.scratch:
            again = folder / "scratch"
            every = [*inputs(folder), "--out", str(again), "--no-base", "--truth", str(folder / "truth.csv")]
            seconds, report = engine("link", *every)
            show("all linked anew", seconds, report)
            print(f"  F1 {report['truth']['pairwise']['f1']:.4f}")
            share = differing(out / "clusters.csv", again / "clusters.csv")
            print(f"records whose cluster differs from linking all anew: {share:.5f}")
        answers = look_up(out, folder)
        times = answers["milliseconds"]
        print(f"one record looked up: p50 {times['p50']} ms, p95 {times['p95']} ms of {answers['records']}")
        if not args.no_splink:
            for name, value in splink_pairs(base, folder / "batch").items():
                print(f"Splink, pairs only: {name} {value:.1f}")


if __name__ == "__main__":
    main()
