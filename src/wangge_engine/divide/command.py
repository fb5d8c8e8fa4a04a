"""``wangge engine divide``: units, barriers and borders in; a plan of grids, its polygons, report and map out.

`--units` is a JSON graph (`.json` with `nodes` and `edges`) or polygons (GeoJSON, GeoPackage, Shapefile). `--out` is
the plan as CSV: `unit, grid, kind, name, weight, parts`, one row for each unit, the last four those of its grid.
For polygons the grids' own polygons are written beside it (`.geojson`; or name a `.geojson`, `.gpkg` or `.zip` as
`--out` and the CSV stands beside that), and `PLAN.codes.json` remembers the codes ever used. `--previous` needs both.
"""

from __future__ import annotations

import csv
from argparse import ArgumentParser, Namespace
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import orjson

from wangge_engine.datums.coordinates import Datum
from wangge_engine.divide.ground import dissolved, read_ground
from wangge_engine.divide.numbering import CodeBook, name_of, numbered
from wangge_engine.divide.plan import Plan, divide
from wangge_engine.divide.replan import moved, replan
from wangge_engine.divide.report import grid_rows, summary
from wangge_engine.divide.territory import EXCLUSIVE, RESIDENTIAL, Rule, Territory, sums
from wangge_engine.divide.units import Findings, read_graph
from wangge_engine.frame.outputs import files_aside
from wangge_engine.frame.problems import refuse
from wangge_engine.frame.progress import Stages, peak_memory_mb
from wangge_engine.frame.rejects import Reject, Rejects
from wangge_engine.geofiles.layers import GeoFormat
from wangge_engine.geofiles.writing import write_layer

COLUMNS = ("unit", "grid", "kind", "name", "weight", "parts")
_LAYERS = {".geojson": GeoFormat.GEOJSON, ".gpkg": GeoFormat.GEOPACKAGE, ".zip": GeoFormat.SHAPEFILE}
_LARGE, _HALF = 20_000.0, 0.5


def arguments(parser: ArgumentParser) -> None:
    parser.add_argument(
        "--units", type=Path, required=True, metavar="FILE", help=".json graph, .geojson, .gpkg, .zip or .shp"
    )
    parser.add_argument("--barriers", type=Path, metavar="FILE", help="lines that a grid should not cross")
    parser.add_argument("--id", default="id", metavar="FIELD", help="column that names a unit")
    parser.add_argument(
        "--within", default="within", metavar="FIELD", help="column of the community: no grid crosses it"
    )
    parser.add_argument(
        "--keep", default="keep", metavar="FIELD", help="column of the estate: whole where it fits"
    )
    parser.add_argument(
        "--weight", default="weight", metavar="FIELD", help="column of households, or workload"
    )
    parser.add_argument(
        "--kind", default="kind", metavar="FIELD", help="column of the kind: residential, exclusive, open"
    )
    parser.add_argument("--target", type=float, default=300.0, metavar="W", help="weight of a grid")
    parser.add_argument(
        "--tolerance", type=float, default=0.10, metavar="SHARE", help="how far from it is still good"
    )
    parser.add_argument(
        "--previous", type=Path, metavar="PLAN", help="the plan to change as little as possible"
    )
    parser.add_argument(
        "--lock", default="", metavar="CODES", help="grids of --previous that stay, by commas"
    )
    parser.add_argument(
        "--seconds",
        type=float,
        default=60.0,
        metavar="S",
        help="longest search, processor time of each process",
    )
    parser.add_argument("--seed", type=int, default=1, help="of chance: the same seed gives the same plan")
    parser.add_argument("--processes", type=int, default=0, metavar="N", help="0: one for each core")
    parser.add_argument(
        "--datum",
        default=Datum.WGS84.value,
        choices=[one.value for one in Datum],
        help="what polygons are in",
    )
    parser.add_argument(
        "--out", type=Path, required=True, metavar="PLAN", help="the plan: .csv, .geojson, .gpkg or .zip"
    )
    parser.add_argument(
        "--report", type=Path, metavar="FILE", help="figures of the plan and of each grid, as JSON"
    )
    parser.add_argument("--plot", type=Path, metavar="FILE", help="map coloured by deviation, .png")


def run(args: Namespace) -> dict[str, Any]:
    """Divide; exit code 0 means that a plan was written. What was mended is in `problems`."""
    rule = _rule(args)
    stages, found = Stages(quiet=args.quiet), Findings()
    with stages.stage("read"):
        land = _land(args, found)
        _look_over(land, rule, found)
        if args.strict:
            found.require_none()
        old, book, weighed = _previous(args, land)
    for problem in found.items[:5]:
        stages.say(f"已处理 mended: {problem}")
    with stages.stage("divide"):
        if old is None:
            plan = divide(
                land, rule, seed=args.seed, seconds=args.seconds, processes=args.processes, say=stages.say
            )
            kept: dict[int, str] = {}
        else:
            locked = frozenset(code.strip() for code in args.lock.split(",") if code.strip())
            _known(locked, old)
            plan, kept = replan(land, old, rule, locked=locked, weighed=weighed, seed=args.seed, prove=True)
    codes = numbered(land, plan, book, kept)
    book.retired = (book.retired | {code for code in old or [] if code}) - set(codes)
    with stages.stage("write"):
        body = _write(args, land, plan, codes, rule, book, found)
    if old is not None:
        body["moved"] = _moved(land, plan, old, codes)
    if args.report:
        with files_aside(args.report) as (path,):
            path.write_bytes(orjson.dumps(body, option=orjson.OPT_INDENT_2))
    stages.say(
        f"{body['residential_grids']} grids 网格: {body['within_tolerance']:.1%} within tolerance 达标"
        f" (bound 上界 {body['bound_within_tolerance']:.1%}), {body['within_25']:.1%} within 25%"
    )
    told = {key: value for key, value in body.items() if key not in ("grids_list", "communities")}
    return told | {"stages": stages.report(), "peak_memory_mb": peak_memory_mb()}


def _rule(args: Namespace) -> Rule:
    if not args.target > 0 or not 0 < args.tolerance < 1 or args.seconds < 0:
        raise refuse(
            "bad_rule",
            "目标须为正数，容差须在 0 与 1 之间",
            "the target must be positive, the tolerance in 0 to 1",
            "--target",
        )
    for path, known in ((args.out, (".csv", *_LAYERS)), (args.plot, (".png",))):
        if path is not None and path.suffix.lower() not in known:
            raise refuse(
                "unknown_format",
                f"只能写 {'、'.join(known)}",
                f"only {', '.join(known)} can be written",
                str(path),
            )
    made = {args.out.with_suffix(suffix).resolve() for suffix in (".csv", ".geojson", args.out.suffix)}
    for path in (args.units, args.barriers):
        if path is not None and path.resolve() in made:
            raise refuse(
                "out_is_input",
                "输出会覆盖输入文件，请换一个 --out",
                "the plan would be written over this file; name another --out",
                str(path),
            )
    if args.lock and not args.previous:
        raise refuse("lock_without_plan", "锁定网格需要 --previous", "--lock needs --previous", "--lock")
    return Rule(args.target, args.tolerance)


def _land(args: Namespace, found: Findings) -> Territory:
    if args.units.suffix.lower() == ".json" and _is_graph(args.units):
        if args.barriers:
            raise refuse(
                "barriers_in_graph",
                "单元图的边自带障碍标记",
                "the graph's edges say what is a barrier",
                "--barriers",
            )
        return read_graph(args.units, found)
    fields = {name: getattr(args, name) for name in ("id", "weight", "within", "keep", "kind")}
    return read_ground(args.units, fields, args.barriers, Datum(args.datum), found)


def _is_graph(path: Path) -> bool:
    try:
        with path.open("rb") as handle:
            return b'"FeatureCollection"' not in handle.read(4096)
    except OSError as error:
        raise refuse("no_such_file", "文件打不开", f"cannot be opened: {error}", str(path)) from error


def _look_over(land: Territory, rule: Rule, found: Findings) -> None:
    """Communities too small or too large, and buildings heavier than a grid: told, not mended."""
    homes = land.kind == RESIDENTIAL
    total = sums(land.community[homes], land.weight[homes], len(land.communities))
    for number, name in enumerate(land.communities):
        if 0 < total[number] < _HALF * rule.target:
            found.add(
                "small_community",
                "社区不足半个网格",
                "the community is less than half a grid",
                f"community {name}",
            )
        if total[number] > _LARGE:
            found.add(
                "large_community",
                "社区超过两万户",
                "the community has more than 20,000 households",
                f"community {name}",
            )
    for unit in np.flatnonzero(homes & (land.weight > rule.small + 1e-9)).tolist():
        found.add(
            "large_building", "单元户数超过网格上限，宜按单元门拆分", "heavier than a grid: better given by stairwell",
            f"unit {land.ids[unit]}",
        )  # fmt: skip


def _previous(args: Namespace, land: Territory) -> tuple[list[str | None] | None, CodeBook, dict[str, float]]:
    if not args.previous:
        return None, CodeBook(), {}
    path = args.previous if args.previous.suffix.lower() == ".csv" else args.previous.with_suffix(".csv")
    try:
        with path.open(encoding="utf-8-sig", newline="") as handle:
            table = list(csv.DictReader(handle))
        rows = {row["unit"]: row["grid"] for row in table}
        weighed = {row["grid"]: float(row.get("weight") or "nan") for row in table}
    except OSError as error:
        raise refuse(
            "no_such_file", "原方案打不开", f"the plan cannot be opened: {error}", str(path)
        ) from error
    except (KeyError, csv.Error, ValueError) as error:
        raise refuse(
            "bad_plan", "原方案没有 unit、grid 列", "the plan has no columns unit and grid", str(path)
        ) from error
    book = CodeBook.read(path)
    for code in sorted(set(rows.values())):
        book.note(code)
    for code in sorted(book.retired):
        book.note(code)
    old = [rows.get(unit) for unit in land.ids]
    book.retired |= set(rows.values()) - {code for code in old if code}
    return old, book, weighed


def _known(locked: frozenset[str], old: Sequence[str | None]) -> None:
    unknown = sorted(locked - {code for code in old if code})
    if unknown:
        raise refuse(
            "no_such_grid",
            "原方案里没有要锁定的网格",
            "the plan has no such grid to lock",
            ", ".join(unknown),
        )


def _moved(land: Territory, plan: Plan, old: list[str | None], codes: list[str]) -> dict[str, Any]:
    """What moved, and what must move in any plan with no more grids outside: of the whole and by community."""
    new, before = [codes[grid] for grid in plan.grid.tolist()], {code for code in old if code}
    homes = max(float(land.weight[land.kind == RESIDENTIAL].sum()), 1e-9)
    least = dict.fromkeys(range(len(land.communities)), 0.0)
    for region, outcome in zip(plan.regions, plan.outcomes, strict=True):
        least[region.community] += outcome.least_moved
    went = moved(land, old, new)
    weight, bound = sum(went.values()), sum(least.values())
    return {
        "weight": round(weight, 3),
        "share": round(weight / homes, 6),
        "least": round(bound, 3),
        "least_share": round(bound / homes, 6),
        "units": sum(a is not None and a != b for a, b in zip(old, new, strict=True)),
        "new_codes": sorted(set(codes) - before),
        "retired_codes": sorted(before - set(codes)),
        "communities": [
            {"community": land.communities[at], "moved": round(one, 3), "least": round(least[at], 3)}
            for at, one in sorted(went.items())
        ],
    }


def _write(  # noqa: PLR0917 -- one thing each, of its own type
    args: Namespace,
    land: Territory,
    plan: Plan,
    codes: list[str],
    rule: Rule,
    book: CodeBook,
    found: Findings,
) -> dict[str, Any]:
    names = [name_of(code, int(kind)) for code, kind in zip(codes, plan.kinds.tolist(), strict=True)]
    rows = grid_rows(land, plan, codes, names, rule)
    body = summary(land, plan, rows, rule)
    body["problems"] = [{"code": p.code, "zh": p.zh, "en": p.en, "place": p.place} for p in found.items]
    table = args.out if args.out.suffix.lower() == ".csv" else args.out.with_suffix(".csv")
    layer = args.out if args.out.suffix.lower() != ".csv" else args.out.with_suffix(".geojson")
    aside = args.rejects or table.with_name(f"{table.stem}.rejects.csv")
    targets = [table, CodeBook.beside(table), aside]
    targets += [layer] if land.shapes is not None else []
    targets += [args.plot] if args.plot else []
    with files_aside(*targets) as made:
        with made[0].open("w", encoding="utf-8", newline="") as handle:
            writer = csv.writer(handle)
            writer.writerow(COLUMNS)
            for unit, grid in zip(land.ids, plan.grid.tolist(), strict=True):
                row = rows[grid]
                writer.writerow([unit, row["grid"], row["kind"], row["name"], row["weight"], row["pieces"]])
        book.write(made[1])
        rejects = Rejects()
        for problem in found.items:
            rejects.add(Reject(args.units.name, 0, problem.place, problem.code, problem.zh, problem.en))
        rejects.write(made[2])
        if land.shapes is not None:
            body["tiling"] = _polygons(made[3], layer, land, plan, rows)
        if args.plot:
            from wangge_engine.divide.picture import draw_map

            weight = sums(plan.grid, land.weight, len(plan.kinds))
            draw_map(made[-1], land, plan.grid, plan.kinds, weight, rule)
    body["grids_list"] = rows
    return body


def _polygons(
    path: Path, target: Path, land: Territory, plan: Plan, rows: list[dict[str, Any]]
) -> dict[str, Any]:
    shapes, gap, overlap = dissolved(land, plan.grid)
    columns: dict[str, list[Any]] = {
        "code": [row["grid"] for row in rows],
        "name": [row["name"] for row in rows],
        "kind": ["exclusive" if kind == EXCLUSIVE else "base" for kind in plan.kinds.tolist()],
        "households": [int(row["weight"]) for row in rows],
    }
    path.write_bytes(write_layer(_LAYERS[target.suffix.lower()], target.stem, columns, shapes)[2])
    return {"polygons": len(shapes), "gap_m2": round(gap, 3), "overlap_m2": round(overlap, 3)}
