"""``wangge engine tiers``: cases, areas and a rule pack in, each area's colour with its facts out."""

from __future__ import annotations

import json
from argparse import ArgumentParser, Namespace
from collections import Counter
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow as pa

from wangge_engine.frame.plots import plot_argument
from wangge_engine.frame.problems import refuse
from wangge_engine.frame.progress import Stages
from wangge_engine.frame.rejects import Rejects
from wangge_engine.frame.results import out_argument, require_known_endings, write_result
from wangge_engine.frame.tables import ROW, adopt, connect, quote
from wangge_engine.tiers.drawing import draw_tiers
from wangge_engine.tiers.grading import Tier, tier
from wangge_engine.tiers.intake import read_areas, read_cases
from wangge_engine.tiers.rules import Pack, pack_names, read_pack

MADE = ("area_id", "colour", "rule_id", "facts", "changes_on")


def arguments(parser: ArgumentParser) -> None:
    add = parser.add_argument
    add(
        "--cases", type=Path, required=True, metavar="FILE", help="case_id, area_id, onset, local, cluster_id"
    )
    add("--areas", type=Path, required=True, metavar="FILE", help="area_id, name")
    add("--rules", required=True, metavar="PACK", help=f"a TOML file, or {', '.join(pack_names())}")
    add("--as-of", type=date.fromisoformat, required=True, metavar="DATE", help="the day that is told")
    out_argument(parser, "tiers")
    plot_argument(parser, "areas of each colour, day by day")


def run(args: Namespace) -> dict[str, Any]:
    """Read, grade, write; a pack that is not in force on the day is refused."""
    require_known_endings(args)
    pack = read_pack(args.rules)
    if not pack.valid_from <= args.as_of <= (pack.valid_to or date.max):
        until = pack.valid_to or "…"
        raise refuse(
            "rules_not_in_force",
            f"规则包 {pack.id} 有效期 {pack.valid_from} 至 {until}，不含 {args.as_of}",
            f"rule pack {pack.id} is in force from {pack.valid_from} to {until}, not on {args.as_of}",
            "--as-of",
        )
    stages, rejects = Stages(quiet=args.quiet), Rejects()
    con = connect()
    with stages.stage("read"):
        areas = read_areas(con, args.areas, rejects)
        cases = read_cases(con, args.cases, areas, rejects)
    if args.strict:
        rejects.require_none()
    with stages.stage("grade"):
        tiers = {area: tier(known, pack, args.as_of) for area, known in cases.items()}
    adopt(con, "tiers", _table(areas.rows, tiers))
    passed = "".join(f", a.{quote(name)}" for name in areas.headers if name not in MADE)
    with stages.stage("write"):
        write_result(
            con,
            args,
            f"SELECT a.area_id, t.colour, t.rule_id, t.facts, t.changes_on{passed}"
            f" FROM tiers t JOIN areas_file a ON a.{ROW} = t.{ROW} ORDER BY t.{ROW}",
            rejects,
            lambda path: draw_tiers(path, cases, pack, args.as_of),
        )
    con.close()
    return _report(pack, args.as_of, tiers, rejects, stages)


def _table(rows: dict[str, int], tiers: dict[str, Tier]) -> pa.Table:
    told = list(tiers.items())
    return pa.table(
        {
            ROW: pa.array([rows[area] for area, _ in told], pa.int64()),
            "colour": pa.array([one.rule.colour for _, one in told], pa.string()),
            "rule_id": pa.array([one.rule.id for _, one in told], pa.string()),
            "facts": pa.array([_facts(one) for _, one in told], pa.string()),
            "changes_on": pa.array(
                [one.changes_on.isoformat() if one.changes_on else None for _, one in told], pa.string()
            ),
        }
    )


def _facts(one: Tier) -> str:
    facts: dict[str, Any] = {
        name: int(value) if value == int(value) else round(value, 6) for name, value in one.facts.items()
    }
    return json.dumps(
        facts | {"last_onset": one.last_onset and one.last_onset.isoformat()}, ensure_ascii=False
    )


def _report(
    pack: Pack, as_of: date, tiers: dict[str, Tier], rejects: Rejects, stages: Stages
) -> dict[str, Any]:
    return {
        "analysis": "tiers",
        "rules": pack.id,
        "source": pack.source,
        "as_of": as_of.isoformat(),
        "areas": len(tiers),
        "colours": dict(sorted(Counter(one.rule.colour for one in tiers.values()).items())),
        "rejects": rejects.counts(),
        "stages": stages.report(),
    }
