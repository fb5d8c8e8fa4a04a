"""The plots of one community divided into grids, and divided again after somebody moved or locked something."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from wangge_engine.divide.numbering import CodeBook, name_of, numbered
from wangge_engine.divide.plan import Plan, divide
from wangge_engine.divide.replan import replan
from wangge_engine.divide.report import grid_rows, summary
from wangge_engine.divide.territory import KINDS, Rule, Territory
from wangge_engine.frame.problems import refuse
from wangge_engine.plots.land import Drawn, Plot, land_of, neighbours
from wangge_engine.plots.matching import kept_codes

Old = Sequence[str | None]


def divided(
    community: str,
    plots: Sequence[Plot],
    rule: Rule,
    *,
    old: Old,
    afresh: bool,
    highest: int,
    seed: int = 1,
    seconds: float = 20.0,
    say: Callable[[str], None] = lambda _: None,
) -> Drawn:
    """Divide: ``afresh`` looks for the best plan and keeps codes where grids stay recognisable; else with least change.

    ``old`` is each plot's grid before (None where there was none), ``highest`` the largest number ever given to a grid
    of this community: numbers above it are free, those below are never given again.
    """
    land = land_of(community, plots)
    book = CodeBook({community: highest})
    if afresh or not any(old):
        plan = divide(land, rule, seed=seed, seconds=seconds, processes=1, say=say)
        kept = kept_codes(old, plan.grid.tolist(), land.weight.tolist(), plan.kinds.tolist())
    else:
        plan, kept = replan(land, list(old), rule, seed=seed)
    return _drawn(land, plan, numbered(land, plan, book, kept), rule)


def mended(
    community: str,
    plots: Sequence[Plot],
    rule: Rule,
    *,
    now: Sequence[str],
    moves: Mapping[str, str],
    locked: frozenset[str] = frozenset(),
    pinned: frozenset[str] = frozenset(),
    highest: int,
    balance: bool = True,
) -> Drawn:
    """The plan after a person moved plots to other grids: what was moved stays, the rest is balanced with least change.

    ``moves``: plot to grid. Raises Refused where a plot does not touch the grid it is to join, or where a locked grid
    would change. Without ``balance``, and where nothing better is found, the plots are moved and nothing else is.
    """
    land = land_of(community, plots)
    at = {plot.id: number for number, plot in enumerate(plots)}
    weight = _weights(land, now)
    wanted = list(now)
    for plot, code in moves.items():
        _require_movable(land, at[plot], code, wanted, locked)
        wanted[at[plot]] = code
    _require_left(land, now, wanted, moves)
    held = pinned | set(moves)
    if not balance:
        plan, kept = _as_told(land, wanted, rule)
        return _drawn(land, plan, numbered(land, plan, CodeBook({community: highest}), kept), rule)
    plan, kept = replan(land, list(wanted), rule, locked=locked, pinned=frozenset(held), weighed=weight)
    codes = numbered(land, plan, CodeBook({community: highest}), kept)
    given = [codes[grid] for grid in plan.grid.tolist()]
    if any(given[at[plot]] != wanted[at[plot]] for plot in held if plot in at):
        plan, kept = _as_told(land, wanted, rule)
        codes = numbered(land, plan, CodeBook({community: highest}), kept)
    return _drawn(land, plan, codes, rule)


def figures(community: str, plots: Sequence[Plot], rule: Rule, *, now: Sequence[str]) -> Drawn:
    """The figures of a plan as it stands; nothing is moved."""
    land = land_of(community, plots)
    plan, kept = _as_told(land, list(now), rule)
    return _drawn(land, plan, [kept[grid] for grid in range(len(plan.kinds))], rule)


def _as_told(land: Territory, codes: Sequence[str], rule: Rule) -> tuple[Plan, dict[int, str]]:
    """The plan that these codes are, taken as it is: every grid is locked."""
    return replan(land, list(codes), rule, locked=frozenset(codes))


def _weights(land: Territory, codes: Sequence[str]) -> dict[str, float]:
    out: dict[str, float] = {}
    for code, weight in zip(codes, land.weight.tolist(), strict=True):
        out[code] = out.get(code, 0.0) + weight
    return out


def _require_movable(
    land: Territory, unit: int, code: str, wanted: Sequence[str], locked: frozenset[str]
) -> None:
    if wanted[unit] in locked or code in locked:
        shut = code if code in locked else wanted[unit]
        raise refuse(
            "grid_locked",
            f"网格 {shut} 已锁定，请先解锁",
            f"grid {shut} is locked: unlock it first",
            shut,
        )
    if land.kind[unit] != KINDS.index("residential"):
        raise refuse(
            "not_movable",
            "只有居住单元可以移动；专属单元自成网格，空地随相邻住宅",
            "only homes can be moved: an exclusive unit is its own grid, open land goes with the homes beside it",
            land.ids[unit],
        )
    exclusive = KINDS.index("exclusive")
    beside = {wanted[other] for other in neighbours(land)[unit] if land.kind[other] != exclusive}
    beside -= {wanted[unit]}
    if code not in beside:
        zh, en = "、".join(sorted(beside)) or "无", ", ".join(sorted(beside)) or "none"
        raise refuse(
            "not_beside",
            f"该楼与网格 {code} 不相邻，移过去会使网格断开；可移到：{zh}",
            f"the building does not touch grid {code}, which would fall apart; possible: {en}",
            land.ids[unit],
        )


def _require_left(
    land: Territory, now: Sequence[str], wanted: Sequence[str], moves: Mapping[str, str]
) -> None:
    """A grid's last home cannot leave it: its code would end by a drag of the mouse."""
    homes = land.kind == KINDS.index("residential")
    after = {code for code, home in zip(wanted, homes.tolist(), strict=True) if home}
    for plot, before in zip(land.ids, now, strict=True):
        if plot in moves and before not in after:
            raise refuse(
                "last_home",
                f"这是网格 {before} 的最后一栋，移走后该网格将不存在",
                f"this is the last home of grid {before}: without it the grid would end",
                plot,
            )


def _drawn(land: Territory, plan: Plan, codes: list[str], rule: Rule) -> Drawn:
    names = [name_of(code, int(kind)) for code, kind in zip(codes, plan.kinds.tolist(), strict=True)]
    rows = grid_rows(land, plan, codes, names, rule)
    told = summary(land, plan, rows, rule)["communities"]
    return Drawn(
        [codes[grid] for grid in plan.grid.tolist()],
        {row["grid"]: row for row in rows},
        int(told[0]["least_outside"]) if told else 0,
        bool(told[0]["proven_best"]) if told else True,
    )
