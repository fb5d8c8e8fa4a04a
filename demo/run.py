"""Command: python -m demo.run [--scale village|town|district] [--seed N] [--once] [--json] [--out DIR].

Makes the demo district, runs the main job through the platform's own doors, prints a summary. The clock starts with the
department files on disk and stops at the verified ledger; set-up and generation are timed apart. With `--json` stdout
is one object and everything else goes to stderr.
"""

from __future__ import annotations

import argparse
import json
import shutil
import sys
import time
from datetime import date
from pathlib import Path
from typing import Any

from demo import place as places
from demo.district import Manifest, generate
from demo.scales import SCALES

CSV_HEAD = ("source", "record_id", "entity_id")


def say(line: str) -> None:
    """Progress goes to standard error."""
    sys.stderr.write(f"demo: {line}\n")
    sys.stderr.flush()


def _sign_ins(folder: Path, staff: Any) -> None:
    """The demo's sign-ins, where only its owner reads them."""
    from demo.accounts import staff as listed
    from demo.staffing import WITH_PASSWORD

    _, accounts = listed()
    lines = [f"  密码 password: {staff.password}", "  账户 accounts:"]
    lines += [f"    {a.username:<18} {a.zh} {a.role}" for a in accounts]
    first = staff.workers[0][0]
    lines.append(f"    {first:<18} 网格员 grid_worker (…{min(WITH_PASSWORD, len(staff.workers))})")
    path = folder / "sign-ins.txt"
    path.touch(mode=0o600)
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")


def _write_out(out: Path, manifest: Manifest, clusters: Path) -> None:
    """Everything an outsider needs to recompute the figures."""
    import polars as pl

    from wangge.access.actions import enter_system
    from wangge.ledger.queries import export

    out.mkdir(parents=True, exist_ok=True)
    for folder in ("departments", "territory", "outbreak", "truth"):
        shutil.copytree(manifest.out / folder, out / folder, dirs_exist_ok=True)
    shutil.copy(manifest.out / "truth" / "truth.csv", out / "truth.csv")
    pl.read_parquet(clusters, columns=list(CSV_HEAD)).write_csv(out / "clusters.csv")
    export(enter_system(name="demo", purpose="audit"), path=out / "ledger.jsonl")


def main(arguments: list[str] | None = None) -> int:
    """Run the demo; exit status 0 when the ledger verified."""
    parser = argparse.ArgumentParser(prog="wangge demo", description=__doc__)
    parser.add_argument("--scale", choices=tuple(SCALES), default="town")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--once", action="store_true", help="always run the main job anew; do not serve")
    parser.add_argument("--json", action="store_true", help="print the summary as one JSON object")
    parser.add_argument("--out", type=Path, help="write department files, clusters, truth and ledger there")
    options = parser.parse_args(arguments)
    place = places.place_of(f"demo-{options.scale}")
    if not options.once and options.out is None and place.stamp.exists():
        summary = json.loads(place.stamp.read_text(encoding="utf-8"))
        say(f"已有示范区，直接使用 · the {options.scale} is there already")
        places.migrate(place)
    else:
        summary = build(place, options)
    _tell(summary, as_json=options.json)
    return 0 if summary["ledger"]["verified"] else 1


def build(place: places.Place, options: argparse.Namespace) -> dict[str, Any]:
    """Set the place up anew, generate, run the main job, evaluate, write out."""
    began = time.monotonic()
    places.clear(place)
    places.migrate(place)
    places.enter(place)
    generated = time.monotonic()
    manifest = generate(options.scale, options.seed, place.home / "district", say, date.today())  # noqa: DTZ011 -- the district's own day
    staffed = time.monotonic()
    from demo.evaluation import evaluate
    from demo.mainjob import MainJob
    from demo.staffing import appoint_everybody, appoint_teams

    first_street = next(iter(_streets(manifest)))
    staff = appoint_everybody(manifest.out, first_street, say)
    appoint_teams(staff, manifest.out)
    ready = time.monotonic()
    job = MainJob(manifest, staff, place.home / "work", say)
    done = job.run()
    finished = time.monotonic()
    assert done.clusters is not None
    quality = evaluate(done.clusters, manifest.out / "truth" / "truth.csv")
    summary = {
        "scale": options.scale,
        "rows": done.rows,
        "persons": done.persons,
        "linkage": {"precision": quality.precision, "recall": quality.recall, "f1": quality.f1},
        "findings": done.findings,
        "exposure": done.exposure,
        "tasks": done.tasks,
        "visits": done.visits,
        "cases": done.cases,
        "ledger": done.ledger,
        "stages": done.stages,
        "main_job_seconds": round(finished - ready, 2),
        "set_up_seconds": round(generated - began + ready - staffed, 2),
        "generation_seconds": round(staffed - generated, 2),
    }
    if options.out is not None:
        _write_out(options.out, manifest, done.clusters)
    shutil.rmtree(place.home / "work", ignore_errors=True)
    _sign_ins(place.home, staff)
    place.stamp.write_text(json.dumps(summary), encoding="utf-8")
    return summary


def _streets(manifest: Manifest) -> list[str]:
    folder = manifest.out / "territory" / "streets.geojson"
    features = json.loads(folder.read_text(encoding="utf-8"))["features"]
    return sorted(f["properties"]["code"] for f in features)


def _tell(summary: dict[str, Any], *, as_json: bool) -> None:
    if as_json:
        sys.stdout.write(json.dumps(summary, ensure_ascii=False) + "\n")
        return
    lines = [
        f"行 rows: {summary['rows']['in']:,} 入 in, {summary['rows']['quarantined']:,} 隔离 quarantined",
        f"人 persons: {summary['persons']:,}",
        "归并 linkage: precision {precision} recall {recall} F1 {f1}".format(**summary["linkage"]),
        "发现 findings: 红 red {red}, 黄 yellow {yellow}, 蓝 blue {blue}".format(**summary["findings"]),
        "其中暴露 of exposure: 红 red {red}, 黄 yellow {yellow}, 蓝 blue {blue}".format(
            **summary["exposure"]
        ),
        f"任务 tasks: {summary['tasks']:,}; 走访 visits: {summary['visits']:,}",
        "事件 cases: {opened} 上报 opened, {closed} 归档 closed".format(**summary["cases"]),
        f"留痕 ledger: {summary['ledger']['entries']:,} 条 entries, 完好 verified: {summary['ledger']['verified']}",
        f"用时 main job: {summary['main_job_seconds']} s",
    ]
    sys.stdout.write("\n".join(lines) + "\n")


if __name__ == "__main__":
    sys.exit(main())
