"""The report of a plan: figures of the whole and of each grid, what is proven, and why a grid is outside."""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import Any

import numpy as np

from wangge_engine.divide.across import least_across
from wangge_engine.divide.plan import Plan, price_of
from wangge_engine.divide.prices import roundness
from wangge_engine.divide.territory import KINDS, RESIDENTIAL, Ints, Rule, Territory, components, sums

_WHY = {
    "total": ("社区片区总户数不能划成达标的网格", "its part of the community makes up no grids within tolerance"),
    "building": ("单栋楼户数已超过上限", "one building alone exceeds the tolerance"),
    "shape": ("由相邻关系和楼栋大小所限，未找到达标方案", "no better plan was found for how buildings lie and weigh"),
    "proven": ("在此单元划分下已证明无法更好", "proven: no plan of these units is better"),
    "locked": ("网格已锁定", "the grid is locked"),
}  # fmt: skip


def grid_rows(
    land: Territory, plan: Plan, codes: list[str], names: list[str], rule: Rule
) -> list[dict[str, Any]]:
    """One row for each grid."""
    count = len(plan.kinds)
    weight = sums(plan.grid, land.weight, count)
    pieces, crossed = _pieces_and_barriers(land, plan.grid, count)
    compact = compactness(land, plan.grid, count)
    cut = _estates_cut(land, plan.grid, count)
    reasons = _reasons(land, plan, weight, rule)
    communities: dict[int, set[int]] = defaultdict(set)
    for grid, community in zip(plan.grid.tolist(), land.community.tolist(), strict=True):
        communities[grid].add(community)
    rows = []
    for grid in range(count):
        off = float(weight[grid] / rule.target - 1.0)
        residential = plan.kinds[grid] == RESIDENTIAL
        row: dict[str, Any] = {
            "grid": codes[grid],
            "name": names[grid],
            "kind": KINDS[int(plan.kinds[grid])],
            "community": land.communities[int(plan.communities[grid])],
            "weight": _tidy(float(weight[grid])),
            "deviation": round(off, 4) if residential else None,
            "within_tolerance": bool(abs(off) <= rule.tolerance + 1e-9) if residential else None,
            "within_25": bool(abs(off) <= 0.25 + 1e-9) if residential else None,
            "pieces": int(pieces[grid]),
            "compactness": None if compact is None else round(float(compact[grid]), 4),
            "estates_cut": int(cut[grid]),
            "barriers_crossed": int(crossed[grid]),
            "communities_crossed": len(communities[grid]) - 1,
        }
        if grid in reasons:
            zh, en = _WHY[reasons[grid]]
            row["why"] = {"code": reasons[grid], "zh": zh, "en": en}
        rows.append(row)
    return rows


def _tidy(value: float) -> float | int:
    return int(value) if value == int(value) else round(value, 3)


def compactness(land: Territory, grid: Ints, count: int) -> Any:
    """Polsby-Popper of each grid; None where areas are not known."""
    if not land.measured:
        return None
    area = sums(grid, land.area, count)
    perimeter = sums(grid, land.perimeter, count)
    if len(land.pairs):
        a, b = land.pairs.T
        inside = grid[a] == grid[b]
        perimeter -= 2.0 * sums(grid[a[inside]], land.metres[inside], count)
    return roundness(area, perimeter)


def _pieces_and_barriers(land: Territory, grid: Ints, count: int) -> tuple[Ints, Ints]:
    if not len(land.pairs):
        return np.bincount(grid, minlength=count), np.zeros(count, dtype=np.int64)
    a, b = land.pairs.T
    inside = grid[a] == grid[b]
    name = components(len(land.ids), land.pairs[inside])
    pieces = np.bincount(grid[np.unique(name)], minlength=count)
    crossed = np.bincount(grid[a[inside & land.barrier]], minlength=count)
    return pieces, crossed


def _estates_cut(land: Territory, grid: Ints, count: int) -> Ints:
    held = land.estate >= 0
    pairs = np.unique(np.column_stack([land.estate[held], grid[held]]), axis=0)
    homes = Counter(pairs[:, 0].tolist())
    return np.bincount([g for e, g in pairs.tolist() if homes[e] > 1], minlength=count)


def estates_cut(land: Territory, plan: Plan, rule: Rule) -> dict[str, Any]:
    """How many estates that fit into one grid (and how many larger ones) lie in several residential grids."""
    held = (land.estate >= 0) & (plan.kinds[plan.grid] == RESIDENTIAL)
    weight = sums(land.estate[held], land.weight[held], len(land.estates))
    pairs = np.unique(np.column_stack([land.estate[held], plan.grid[held]]), axis=0)
    grids = np.bincount(pairs[:, 0], minlength=len(land.estates)) if len(pairs) else np.zeros(0)
    there = grids > 0
    small = there & (weight <= rule.small + 1e-9)
    return {
        "small": int(small.sum()),
        "small_cut": int((small & (grids > 1)).sum()),
        "small_cut_share": round(float((small & (grids > 1)).sum() / max(small.sum(), 1)), 4),
        "small_cut_bound": sum(outcome.least_cut for outcome in plan.outcomes),
        "large": int((there & ~small).sum()),
        "large_cut": int((there & ~small & (grids > 1)).sum()),
    }


def _reasons(land: Territory, plan: Plan, weight: Any, rule: Rule) -> dict[int, str]:
    out: dict[int, str] = {}
    for region, outcome in zip(plan.regions, plan.outcomes, strict=True):
        if not outcome.outside:
            continue
        grids = plan.grid[region.units]
        for grid in np.unique(grids).tolist():
            if abs(weight[grid] / rule.target - 1.0) <= rule.tolerance + 1e-9:
                continue
            heaviest = float(region.weight[grids == grid].max())
            if heaviest > rule.small + 1e-9:
                out[grid] = "building"
            elif outcome.outside <= outcome.least_outside:
                out[grid] = "total"
            else:
                out[grid] = "proven" if outcome.proven else "shape"
    for grid in np.flatnonzero(plan.kinds == RESIDENTIAL).tolist():
        if grid not in out and abs(weight[grid] / rule.target - 1.0) > rule.tolerance + 1e-9:
            out[grid] = "locked"
    return out


def summary(land: Territory, plan: Plan, rows: list[dict[str, Any]], rule: Rule) -> dict[str, Any]:
    """Figures of the whole plan, its bound, and each community's."""
    homes = [row for row in rows if row["kind"] == "residential"]
    count = max(len(homes), 1)
    compact = [row["compactness"] for row in homes if row["compactness"] is not None]
    communities = _communities(land, plan, rows, rule)
    bound = sum(entry["grids"] - entry["least_outside"] for entry in communities) / count
    within = sum(bool(row["within_tolerance"]) for row in homes) / count
    return {
        "units": len(land.ids),
        "weight": _tidy(float(land.weight.sum())),
        "grids": len(rows),
        "residential_grids": len(homes),
        "exclusive_grids": sum(row["kind"] == "exclusive" for row in rows),
        "open_grids": sum(row["kind"] == "open" for row in rows),
        "target": rule.target,
        "tolerance": rule.tolerance,
        "within_tolerance": round(within, 4),
        "within_10": round(sum(abs(row["deviation"]) <= 0.1 + 1e-9 for row in homes) / count, 4),
        "within_25": round(sum(bool(row["within_25"]) for row in homes) / count, 4),
        "largest_deviation": round(max((abs(row["deviation"]) for row in homes), default=0.0), 4),
        "grids_in_pieces": sum(row["pieces"] > 1 for row in homes),
        "compactness": round(float(np.mean(compact)), 4) if compact else None,
        "estates": estates_cut(land, plan, rule),
        "grids_across_barrier": sum(row["barriers_crossed"] > 0 for row in homes),
        "least_across_barrier": sum(entry["least_across_barrier"] for entry in communities),
        "grids_across_community": sum(row["communities_crossed"] > 0 for row in rows),
        "bound_within_tolerance": round(bound, 4),
        "gap_to_bound": round(bound - within, 4),
        "bound_within_25": round(1.0 - sum(entry["least_beyond"] for entry in communities) / count, 4),
        "price": {
            "first": round(sum(outcome.before for outcome in plan.outcomes), 2),
            "final": round(
                sum(price_of(r, o.label, rule) for r, o in zip(plan.regions, plan.outcomes, strict=True)), 2
            ),
        },
        "first_plan": {
            "within_tolerance": round(plan.first_within, 4),
            "seconds": round(plan.first_seconds, 2),
        },
        "cut_by_the_clock": plan.cut_short,
        "communities": communities,
    }


def _communities(land: Territory, plan: Plan, rows: list[dict[str, Any]], rule: Rule) -> list[dict[str, Any]]:
    least: Counter[int] = Counter()
    cut: Counter[int] = Counter()
    beyond: Counter[int] = Counter()
    across: Counter[int] = Counter()
    proven: dict[int, bool] = {}
    for region, outcome in zip(plan.regions, plan.outcomes, strict=True):
        least[region.community] += outcome.least_outside
        cut[region.community] += outcome.least_cut
        beyond[region.community] += outcome.least_beyond
        across[region.community] += 0 if outcome.least_beyond else least_across(region, rule)
        proven[region.community] = proven.get(region.community, True) and outcome.proven
    homes = Counter(row["community"] for row in rows if row["kind"] == "residential")
    good = Counter(row["community"] for row in rows if row["within_tolerance"])
    crossing = Counter(
        row["community"] for row in rows if row["kind"] == "residential" and row["barriers_crossed"]
    )
    out = []
    for number, name in enumerate(land.communities):
        if homes[name]:
            outside = homes[name] - good[name]
            out.append(
                {
                    "community": name,
                    "grids": homes[name],
                    "outside": outside,
                    "least_outside": min(least[number], outside),
                    "least_beyond": beyond[number],
                    "least_cut": cut[number],
                    "across_barrier": crossing[name],
                    "least_across_barrier": min(across[number], crossing[name]),
                    "bound_within_tolerance": round(1.0 - min(least[number], outside) / homes[name], 4),
                    "proven_best": proven.get(number, False),
                }
            )
    return out
