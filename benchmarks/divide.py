"""The division beside METIS, KaHIP and gerrychain on one district: balance, cut and compactness of each plan.

    python -m benchmarks.divide [--case district|futian|replan|city] [--seed 1] [--ours]

The peers stand in an environment of their own, made from `requirements-peers.lock` when they are first asked for;
`--ours` leaves them out. The district counts as a case only where METIS k-way reaches 77 +- 3 % and gerrychain nested
74 +- 3 % of grids within 10 %: the last lines say so. CPU seconds are those of the process and its children.
"""

from __future__ import annotations

import argparse
import gzip
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.district import make
from wangge_engine.divide.numbering import CodeBook
from wangge_engine.divide.territory import KINDS

CASE = {"METIS k-way contiguous": 77.0, "gerrychain recursive tree, nested": 74.0}
HEAD = (
    "method",
    "grids",
    "max dev",
    "in10",
    "in25",
    "pieces",
    "PP",
    "small cut",
    "comm.",
    "barrier",
    "CPU s",
)
_WITHOUT_BARRIER = ("internal", "wall", "road")


def cpu() -> float:
    """CPU seconds of this process and its finished children."""
    return sum(sum(resource.getrusage(who)[:2]) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))


def futian(path: Path) -> dict[str, Any]:
    """The street plan of Futian, Shenzhen, as the graph that `divide` takes."""
    body = json.loads(gzip.decompress(path.read_bytes()))
    nodes = [
        {
            "id": str(node["id"]),
            "weight": node["hh"],
            "within": str(node["comm"]),
            "keep": str(node["estate"]),
            "kind": KINDS[1] if node["excl"] else KINDS[0],
            "x": node["x"],
            "y": node["y"],
            "area": node["area"],
            "perimeter": node["perim"],
        }
        for node in body["nodes"]
    ]
    edges = [[str(a), str(b), metres, kind not in _WITHOUT_BARRIER] for a, b, metres, kind in body["edges"]]
    return {"nodes": nodes, "edges": edges}


def measured(case: dict[str, Any], plan: dict[str, str], target: int) -> dict[str, float]:
    """The table's figures of one plan (unit id to grid), by this file alone: residential grids only."""
    nodes = {node["id"]: node for node in case["nodes"]}
    grids: dict[str, list[str]] = defaultdict(list)
    for unit, grid in plan.items():
        grids[grid].append(unit)
    homes = {
        grid: units for grid, units in grids.items() if any(nodes[u]["kind"] == "residential" for u in units)
    }
    weight = {grid: sum(nodes[u]["weight"] for u in units) for grid, units in homes.items()}
    off = np.array([abs(w / target - 1.0) for w in weight.values()])
    area = {grid: sum(nodes[u]["area"] for u in units) for grid, units in homes.items()}
    edge = {grid: sum(nodes[u]["perimeter"] for u in units) for grid, units in homes.items()}
    near: dict[str, list[str]] = defaultdict(list)
    crossed = set()
    for a, b, metres, barrier in case["edges"]:
        if a in plan and b in plan and plan[a] == plan[b]:
            near[a].append(b)
            near[b].append(a)
            if plan[a] in edge:
                edge[plan[a]] -= 2 * metres
            if barrier:
                crossed.add(plan[a])
    pieces = sum(_in_pieces(units, near) for units in homes.values())
    estates: dict[str, set[str]] = defaultdict(set)
    held: dict[str, float] = defaultdict(float)
    for unit, grid in plan.items():
        node = nodes[unit]
        if grid in homes and node["keep"] not in (None, "", "-1"):
            estates[node["keep"]].add(grid)
            held[node["keep"]] += node["weight"]
    small = [name for name in estates if held[name] <= 1.1 * target]
    return {
        "grids": len(homes),
        "max dev": 100 * float(off.max()),
        "in10": 100 * float((off <= 0.1 + 1e-9).mean()),
        "in25": 100 * float((off <= 0.25 + 1e-9).mean()),
        "pieces": pieces,
        "PP": float(np.mean([4 * np.pi * area[g] / edge[g] ** 2 for g in homes if edge[g] > 0])),
        "small cut": 100 * sum(len(estates[name]) > 1 for name in small) / max(len(small), 1),
        "comm.": 100 * float(np.mean([len({nodes[u]["within"] for u in us}) > 1 for us in homes.values()])),
        "barrier": 100 * len(crossed & homes.keys()) / len(homes),
    }


def _in_pieces(units: list[str], near: dict[str, list[str]]) -> bool:
    seen, front = {units[0]}, [units[0]]
    while front:
        for other in near[front.pop()]:
            if other not in seen:
                seen.add(other)
                front.append(other)
    return len(seen) < len(units)


def ours(
    case: dict[str, Any], folder: Path, *more: str
) -> tuple[dict[str, str], dict[str, Any], float, float]:
    """Our plan through the command line: the plan, the report, CPU seconds and seconds by the clock."""
    units = folder / "units.json"
    units.write_text(json.dumps({"nodes": case["nodes"], "edges": case["edges"]}), encoding="utf-8")
    out = folder / f"plan{len(list(folder.iterdir()))}.csv"
    began, clock = cpu(), time.perf_counter()
    line = [
        sys.executable,
        "-m",
        "wangge_engine",
        "divide",
        "--units",
        str(units),
        "--out",
        str(out),
        "--json",
    ]
    here = {**os.environ, "PYTHONPATH": os.pathsep.join(["src", os.environ.get("PYTHONPATH", "")])}
    done = subprocess.run([*line, *more], check=True, stdout=subprocess.PIPE, env=here)
    spent, took = cpu() - began, time.perf_counter() - clock
    rows = [line.split(",") for line in out.read_text(encoding="utf-8").splitlines()[1:]]
    report = json.loads(done.stdout) | {"plan": str(out)}
    return {row[0]: row[1] for row in rows}, report, spent, took


def changed(case: dict[str, Any], seed: int, share: float = 0.01) -> dict[str, Any]:
    """The case with 1 % of its residential units changed: households grow or shrink, some are new, some gone."""
    rng = np.random.default_rng(seed)
    nodes = [dict(node) for node in case["nodes"]]
    homes = [index for index, node in enumerate(nodes) if node["kind"] == "residential"]
    for index in rng.choice(homes, max(1, round(share * len(homes))), replace=False).tolist():
        nodes[index]["weight"] = int(max(1, round(nodes[index]["weight"] * rng.choice([0.4, 0.7, 1.4, 1.8]))))
    return case | {"nodes": nodes}


def peers_python() -> str:
    """The interpreter of the peers' environment, which is made from their lock the first time."""
    home = Path(".wangge") / "peers"
    python = home / "bin" / "python"
    if not python.exists():
        subprocess.run([sys.executable, "-m", "venv", str(home)], check=True)
        lock = ["install", "-q", "--require-hashes", "-r", "requirements-peers.lock"]
        subprocess.run([str(python), "-m", "pip", *lock], check=True)
    return str(python)


def show(name: str, row: dict[str, float], seconds: float) -> None:
    print(
        f"{name:<36}{row['grids']:>6.0f}{row['max dev']:>9.0f}{row['in10']:>7.1f}{row['in25']:>7.1f}"
        f"{row['pieces']:>7.0f}{row['PP']:>7.3f}{row['small cut']:>10.1f}{row['comm.']:>7.1f}{row['barrier']:>8.2f}"
        f"{seconds:>8.1f}",
        flush=True,
    )


def compare(case: dict[str, Any], target: int, folder: Path, *, peers: bool, more: list[str]) -> None:
    """The table."""
    print(f"{HEAD[0]:<36}{HEAD[1]:>6}{HEAD[2]:>9}" + f"{HEAD[3]:>7}{HEAD[4]:>7}{HEAD[5]:>7}{HEAD[6]:>7}"
          f"{HEAD[7]:>10}{HEAD[8]:>7}{HEAD[9]:>8}{HEAD[10]:>8}")  # fmt: skip
    within = {}
    if peers:
        units, out = folder / "case.json", folder / "peers.json"
        units.write_text(json.dumps({"nodes": case["nodes"], "edges": case["edges"]}), encoding="utf-8")
        subprocess.run([peers_python(), "-m", "benchmarks.divide_peers", str(units), str(out)], check=True)
        for name, found in json.loads(out.read_text(encoding="utf-8")).items():
            row = measured(case, found["plan"], target)
            within[name] = row["in10"]
            show(name, row, found["cpu"])
    plan, report, spent, took = ours(case, folder, *more)
    show("wangge engine divide", measured(case, plan, target), spent)
    print(
        f"first plan after {report['first_plan']['seconds']} s, done after {took:.1f} s by the clock,"
        f" {report['peak_memory_mb']} MB; bound within 10 %: {100 * report['bound_within_tolerance']:.1f} %"
        f" (gap {100 * report['gap_to_bound']:.2f} points), within 25 %: {100 * report['bound_within_25']:.1f} %,"
        f" small estates cut: {report['estates']['small_cut_bound']} of {report['estates']['small']} at this balance;"
        f" first plan {100 * report['first_plan']['within_tolerance']:.1f} %;"
        f" across a barrier {report['grids_across_barrier']}, at least {report['least_across_barrier']}"
    )
    for name, wanted in CASE.items():
        if name in within:
            word = "counts" if abs(within[name] - wanted) <= 3 else "DOES NOT COUNT"
            print(f"the case {word}: {name} {within[name]:.1f} % (wanted {wanted:.0f} +- 3)")


def replanned(case: dict[str, Any], folder: Path, seed: int) -> None:
    """How many households move after 1 % of buildings changed."""
    _, report, _, _ = ours(case, folder, "--seed", str(seed), "--quiet")
    first = Path(report["plan"])
    after = changed(case, seed)
    _, same, _, _ = ours(after, folder, "--previous", str(first), "--quiet")
    print(
        f"re-plan after 1 % of buildings changed: {100 * same['moved']['share']:.2f} % of households move"
        f" (no plan as balanced moves fewer than {100 * same['moved']['least_share']:.2f} %),"
        f" {len(same['moved']['new_codes'])} new codes, {len(same['moved']['retired_codes'])} retired;"
        f" within 10 % {100 * report['within_10']:.1f} -> {100 * same['within_10']:.1f} %"
        f" (code book: {CodeBook.beside(first).name})"
    )


def main() -> None:
    """Print the case asked for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--case", default="district", choices=["district", "futian", "replan", "city"])
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--ours", action="store_true", help="without the peers")
    parser.add_argument("--futian", type=Path, default=Path("../shared/data/territory/futian.json.gz"))
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        if args.case == "city":
            case = make(3_000_000, args.seed)
            print(f"{len(case['nodes'])} units")
            compare(case, 300, folder, peers=False, more=["--seconds", "900"])
        elif args.case == "futian":
            compare(futian(args.futian), 300, folder, peers=not args.ours, more=[])
        elif args.case == "replan":
            replanned(make(seed=args.seed), folder, args.seed)
        else:
            case = make(seed=args.seed)
            compare(case, 300, folder, peers=not args.ours, more=[])
            replanned(case, folder, args.seed)


if __name__ == "__main__":
    main()
