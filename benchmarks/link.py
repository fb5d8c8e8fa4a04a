"""Linkage of an invented city: ours, its peers and the ceiling side by side in one call.

``python -m benchmarks.link [--people 100000] [--seed 1] [--harsh] [--keep DIR] [--json]``

The city is made of what departments do (`benchmarks.city`); its error rates are printed beside those of the set on
which the peers were measured. The case counts only if joining on the normalised valid number and the exact rules
score what they score there. Each method runs in a process of its own.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from benchmarks.city import make
from benchmarks.link_methods import PEERS

SECONDS_AT_MOST = 3_600
# F1 on the measured set: what it must be, and how far off it may lie
GOALS = {"valid_number": (0.705, 0.02), "exact_rules": (0.993, 0.003)}
HARSH_RATES = {"id_missing": 0.44, "birth_missing": 0.42, "phone_missing": 0.39, "address_missing": 0.21}
BEST_MEASURED = {False: 0.9970, True: 0.962}
TITLES = {
    "raw_number": "join on the number as written",
    "valid_number": "join on the normalised valid number",
    "exact_rules": "exact rules: number, sound + birth/phone/address",
    "splink_generic": "Splink, generic settings",
    "splink_chinese": "Splink, Chinese features",
    "wangge": "wangge",
}


def run(method: str, folder: Path, memory: str) -> dict[str, Any]:
    """One method in a process of its own; without an answer its row says why."""
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.link_methods", method, str(folder), "--memory", memory],
        capture_output=True,
        text=True,
        check=False,
        timeout=SECONDS_AT_MOST,
    )
    if done.returncode:
        if method == "wangge":
            raise SystemExit(done.stderr)
        return {"failed": done.stderr.strip().splitlines()[-1:]}
    return dict(json.loads(done.stdout.splitlines()[-1]))


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.link", description=__doc__)
    parser.add_argument("--people", type=int, default=100_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--harsh", action="store_true", help="records far less complete")
    parser.add_argument(
        "--keep", type=Path, help="make the city here and keep it; one made before is used again"
    )
    parser.add_argument("--methods", nargs="*", choices=list(PEERS), default=list(PEERS), help="peers to run")
    parser.add_argument("--memory", default="2700MB", help="limit for each database")
    parser.add_argument("--json", action="store_true")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        folder = args.keep or Path(temporary)
        folder.mkdir(parents=True, exist_ok=True)
        rates = make(folder, args.people, args.seed, _say, harsh=args.harsh)
        rows = {}
        for method in ("wangge", *args.methods, "ceiling"):
            _say(method)
            rows[method] = run(method, folder, args.memory)
    if args.json:
        print(json.dumps({"rates": rates, "rows": rows}, ensure_ascii=False))
    else:
        print("\n".join(table(rates, rows, harsh=args.harsh)))


def table(rates: dict[str, Any], rows: dict[str, Any], *, harsh: bool) -> list[str]:
    """The printed lines."""
    lines = [f"{'rate of':28}{'here':>9}{'measured':>10}"]
    for name, rate in rates["rates"].items():
        goal = HARSH_RATES.get(name) if harsh else rate["facts"]
        if goal is not None:
            lines.append(
                f"{name:28}{rate['ours']:9.4f}{goal:10.4f}{'' if rate['ours'] >= goal else '  TOO LOW'}"
            )
    ours = rows["wangge"]
    lines += ["", f"{ours['records']:,} records of {ours['people']:,} people"]
    lines.append(
        f"{'':50}{'P':>9}{'R':>8}{'F1':>8}{'B3 P':>8}{'B3 R':>8}{'exact':>8}{'wall s':>8}{'CPU s':>8}{'MB':>7}"
    )
    for method, title in TITLES.items():
        row = rows.get(method)
        if row is None:
            continue
        if "failed" in row:
            lines.append(f"{title:50}  failed: {row['failed']}")
            continue
        pair, cubed = row["pairwise"], row["b_cubed"]
        lines.append(
            f"{title:50}{pair['precision']:9.5f}{pair['recall']:8.4f}{pair['f1']:8.4f}{cubed['precision']:8.4f}"
            f"{cubed['recall']:8.4f}{row['exactly_right']:8.4f}{row['wall']:8.1f}{row['cpu']:8.1f}{row['peak_mb']:7.0f}"
        )
    top = rows["ceiling"]
    lines.append(
        f"{'ceiling: share anything, directly or in a chain':50}{'':>9}{top['recall']:8.4f}{top['f1']:8.4f}"
        f"{'':>16}{top['exactly_right']:8.4f}   (directly: R {top['direct_recall']:.4f})"
    )
    lines.append("stages: " + ", ".join(f"{name} {took:.1f} s" for name, took in ours["stages"].items()))
    lines += _groups(ours)
    lines += ["", *_verdict(rows, harsh=harsh)]
    return lines


def _groups(ours: dict[str, Any]) -> list[str]:
    found = ours.get("groups") or {}
    lines = []
    for kind, groups in found.items():
        lines.append(f"{kind:28}{'records':>10}{'P':>9}{'R':>8}{'ceiling':>9}")
        for name, row in groups.items():
            told = f"  {name:26}{row['records']:10,}{row['precision']:9.4f}{row['recall']:8.4f}{row['ceiling']:9.4f}"
            lines.append(f"{told}{'  behind' if row['behind'] else ''}")
    return lines


def _verdict(rows: dict[str, Any], *, harsh: bool) -> list[str]:
    lines = []
    if not harsh:
        for method, (goal, room) in GOALS.items():
            if method in rows:
                f1 = rows[method]["pairwise"]["f1"]
                counts = "as hard as measured" if abs(f1 - goal) <= room else "DOES NOT COUNT"
                lines.append(f"{TITLES[method]}: F1 {f1:.4f}, measured {goal} +- {room}: {counts}")
    best, top, f1 = BEST_MEASURED[harsh], rows["ceiling"]["f1"], rows["wangge"]["pairwise"]["f1"]
    if top > best:
        lines.append(
            f"of the gap from {best} to the ceiling {top:.4f}, ours closes {(f1 - best) / (top - best):.0%}"
        )
    else:
        lines.append(f"the ceiling {top:.4f} lies below the best measured {best}; ours scores {f1:.4f}")
    return lines


def _say(text: str) -> None:
    sys.stderr.write(f"{text}\n")
    sys.stderr.flush()


if __name__ == "__main__":
    main()
