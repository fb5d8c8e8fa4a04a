"""The same linkage on DuckDB and on Spark: seconds by stage, and whether the results are the same, byte for byte.

``python -m benchmarks.link_spark [--people 320000] [--seed 1] [--memory 6g] [--master URL] [--json]``

320,000 people make about a million records. Needs Java 17 and the Spark lock (``./wangge setup --spark``). Spark is
slower on one machine at any size that fits it: it is there for what does not.
"""

from __future__ import annotations

import argparse
import json
import tempfile
from pathlib import Path
from typing import Any

from tests.engine.population import Population, write
from wangge_engine.frame.progress import Stages
from wangge_engine.frame.rejects import Rejects
from wangge_engine.frame.tables import connect
from wangge_engine.link.intake import Input
from wangge_engine.link.outputs import write_outputs
from wangge_engine.link.pipeline import Request, link
from wangge_engine.link.schema import read_schema
from wangge_engine.link.spark import Spark

SAME = ("clusters", "links", "households", "review")


def linked(folder: Path, files: dict[str, Path], spark: Spark | None) -> tuple[Any, dict[str, bytes]]:
    """The report, and the tables as they are written."""
    out = folder / ("duckdb" if spark is None else "spark-out")
    out.mkdir(parents=True)
    con = connect(temp=folder / "spill")
    request = Request(
        inputs=[Input(source, path) for source, path in files.items()],
        schema=read_schema("person-zh"),
        truth=folder / "truth.csv",
        spark=spark,
    )
    report = link(con, request, Rejects(), Stages(quiet=False))
    write_outputs(con, out, "csv", records=False)
    con.close()
    return report, {name: (out / f"{name}.csv").read_bytes() for name in SAME}


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--people", type=int, default=320_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--memory", default="6g", help="of Spark's driver")
    parser.add_argument("--master", default="local[*]")
    parser.add_argument("--json", action="store_true")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        files = write(folder, Population(args.people, args.seed))
        reports, tables = {}, {}
        for engine, spark in (("duckdb", None), ("spark", Spark(folder, args.master, args.memory))):
            reports[engine], tables[engine] = linked(folder, files, spark)
    same = {name: tables["duckdb"][name] == tables["spark"][name] for name in SAME}
    if args.json:
        print(json.dumps({"reports": reports, "same": same}))
        return
    print(f"{reports['duckdb']['records']} records, {reports['duckdb']['pairs_scored']} pairs")
    seconds = {e: {stage["name"]: stage["seconds"] for stage in r["stages"]} for e, r in reports.items()}
    print(f"{'':<20}{'duckdb':>10}{'spark':>10}")
    for stage in seconds["duckdb"]:
        print(f"{stage:<20}{seconds['duckdb'][stage]:10.1f}{seconds['spark'][stage]:10.1f}")
    print(f"{'F1':<20}" + "".join(f"{r['truth']['pairwise']['f1']:10.4f}" for r in reports.values()))
    for name, equal in same.items():
        print(f"{name:<20}{'the same' if equal else 'DIFFERENT':>20}")


if __name__ == "__main__":
    main()
