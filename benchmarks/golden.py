"""How many fields of the golden record are right: ours beside latest, majority and authority, on the demo's truth.

``python -m benchmarks.golden [--scale village] [--seed 1] [--copier] [--keep DIR] [--json]``

The demo's department files are read as the platform reads them, records are put together by the generator's own
truth, and the values that survive are held against the generator's persons. With
``--copier`` another department is added that copies the rows of `health`, errors included, and never saw anybody: how
much each rule loses by it.
"""

from __future__ import annotations

import argparse
import csv
import json
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import polars as pl

from demo.district import generate
from wangge.linkage.rules.authority import authority
from wangge_engine.frame.cli import build_parser
from wangge_engine.frame.registry import find_command
from wangge_engine.golden.parameters import FIELDS

COPIED = ("health", "elsewhere")  # who is copied, and what the copier is called


def call(name: str, *arguments: str) -> dict[str, Any]:
    """Run a command of the engine here."""
    return dict(find_command(name).run(build_parser(name).parse_args([*arguments, "--quiet"])))


def prepare(folder: Path, scale: str, seed: int, *, copiers: int) -> dict[str, list[Path]]:
    """Canonical rows of every department's files."""
    demo = generate(scale, seed, folder / "demo")
    files: dict[str, list[Path]] = {}
    for entry in demo.of_kind("person"):
        out = folder / "rows" / Path(entry.path).stem
        call(
            "rows",
            "--input",
            str(demo.out / entry.path),
            "--out",
            str(out),
            "--today",
            demo.as_of.isoformat(),
        )
        rows = pl.read_csv(out / "rows.csv", infer_schema=False)
        if entry.department in files:
            rows = pl.concat([pl.read_csv(files[entry.department][0], infer_schema=False), rows])
        path = folder / "rows" / f"{entry.department}.csv"
        rows.write_csv(path)
        files[entry.department] = [path]
    for number in range(copiers):
        rows = pl.read_csv(files[COPIED[0]][0], infer_schema=False)
        path = folder / "rows" / f"{COPIED[1]}{number}.csv"
        rows.with_columns(pl.lit(None, dtype=pl.String).alias("recorded_on")).write_csv(path)
        files[f"{COPIED[1]}{number}"] = [path]
    return files


def truth_of(folder: Path, sources: Sequence[str]) -> tuple[Path, Path]:
    """(true clusters with the copiers' rows, true values by entity)."""
    truth = folder / "demo" / "truth"
    clusters = pl.read_csv(truth / "truth.csv", infer_schema=False).select("source", "record_id", "entity_id")
    for source in sources:
        if source.startswith(COPIED[1]):
            copied = clusters.filter(pl.col("source") == COPIED[0]).with_columns(
                pl.lit(source).alias("source")
            )
            clusters = pl.concat([clusters, copied])
    clusters.write_csv(folder / "clusters.csv")
    homes = pl.read_csv(truth / "dwellings.csv", infer_schema=False).select("dwelling_id", "address")
    persons = pl.read_csv(truth / "persons.csv", infer_schema=False).join(homes, on="dwelling_id", how="left")
    persons.select("entity_id", "name", "id_no", "birth", "sex", "phone", "address").write_csv(
        folder / "persons.csv"
    )
    return folder / "clusters.csv", folder / "persons.csv"


def measure(folder: Path, scale: str, seed: int, *, copiers: int) -> dict[str, Any]:
    """The engine's report with its evaluation."""
    files = prepare(folder, scale, seed, copiers=copiers)
    clusters, persons = truth_of(folder, list(files))
    with (folder / "authority.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(("field", "source", "rank"))
        writer.writerows(
            (field, source, rank) for (field, source), rank in sorted(authority().items()) if field in FIELDS
        )
    inputs = [f"{source}={path}" for source, paths in files.items() for path in paths]
    return call(
        "golden", *(part for item in inputs for part in ("--input", item)), "--clusters", str(clusters),
        "--authority", str(folder / "authority.csv"), "--truth", str(persons), "--out", str(folder / "golden"),
    )  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--scale", default="village")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--copier", type=int, default=0, metavar="N", help="departments that copy another")
    parser.add_argument("--keep", type=Path)
    parser.add_argument("--json", action="store_true")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        report = measure(args.keep or Path(temporary), args.scale, args.seed, copiers=args.copier)
    if args.json:
        json.dump(report, sys.stdout, ensure_ascii=False)
        return
    truth = report["truth"]
    fields = [f for f in truth["rules"]["wangge"] if f != "all"] + ["all"]
    print(f"{'':<12}" + "".join(f"{f:>10}" for f in fields))
    for rule in ("latest", "majority", "authority", "wangge"):
        print(f"{rule:<12}" + "".join(f"{truth['rules'][rule][f]['share']:10.4f}" for f in fields))
    print(f"{'ceiling':<12}" + "".join(f"{truth['ceiling'][f]['share']:10.4f}" for f in fields))
    print(f"copies: {report['copies']}")
    print(f"doubts: {report['doubts']}")
    for stage in report["stages"]:
        print(f"  {stage['name']:<12}{stage['seconds']:8.1f} s")


if __name__ == "__main__":
    main()
