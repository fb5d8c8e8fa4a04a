"""The plots of one community divided into grids, and divided again after somebody moved or locked something."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from wangge_engine.divide.numbering import CodeBook, name_of, numbered
from wangge_engine.divide.plan import Plan, divide
from wangge_engine.divide.replan import replan
from wangge_engine.divide.report import grid_rows, summary
from wangge_engine.divide.territory import KINDS, Rule, Territory
from wangge_engine.frame.problems import refuse
from wangge_engine.geometry.measures import Geometry
from wangge_engine.plots.fewest import fewest, worse
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
    barriers: Sequence[Geometry] = (),
    seed: int = 1,
    seconds: float = 20.0,
    say: Callable[[str], None] = lambda _: None,
) -> Drawn:
    """Divide: ``afresh`` looks for the best plan and keeps codes where grids stay recognisable; else with least change.

    ``old`` is each plot's grid before (None where there was none), ``highest`` the largest number ever given to a grid
    of this community: numbers above it are free, those below are never given again.
    """
    land = land_of(community, plots, barriers)
    book = CodeBook({community: highest})
    if afresh or not any(old):
        plan = divide(land, rule, seed=seed, seconds=seconds, processes=1, say=say)
        kept = kept_codes(old, plan.grid.tolist(), land.weight.tolist(), plan.kinds.tolist())
    else:
        plan, kept = replan(land, list(old), rule, seed=seed)
    return _drawn(land, plan, numbered(land, plan, book, kept), rule)


@dataclass(frozen=True, slots=True)
class Offer:
    """What a move by hand can lead to. ``balanced`` is None where nothing need follow, or nothing better was found."""

    alone: Drawn
    balanced: Drawn | None

    @property
    def best(self) -> Drawn:
        """The balanced plan, or the move alone."""
        return self.balanced or self.alone


def offered(
    community: str,
    plots: Sequence[Plot],
    rule: Rule,
    *,
    now: Sequence[str],
    moves: Mapping[str, str],
    locked: frozenset[str] = frozenset(),
    pinned: frozenset[str] = frozenset(),
    highest: int,
    barriers: Sequence[Geometry] = (),
) -> Offer:
    """What becomes of the plan when a person moves plots: they alone, and they with what must follow.

    ``moves``: plot to grid. What was moved stays, what people put somewhere before (``pinned``) stays. Several ways to
    restore the balance are tried: the fewest single moves, then new divisions of the neighbourhood and of the
    community; of those that leave the fewest grids worse than before the one that moves the fewest households is
    offered. Raises Refused where a plot does not touch the grid it is to join, or where a locked grid would change.
    """
    land = land_of(community, plots, barriers)
    at = {plot.id: number for number, plot in enumerate(plots)}
    wanted = list(now)
    for plot, code in moves.items():
        _require_movable(land, at[plot], code, wanted, locked)
        wanted[at[plot]] = code
    _require_left(land, now, wanted, moves)
    alone = _as_drawn(land, wanted, rule)
    weight = land.weight.tolist()
    if not worse(now, wanted, weight, rule):
        return Offer(alone, None)
    held = pinned | set(moves)
    few = fewest(land, now, wanted, rule, shut=locked, held=held)
    if few is not None:
        return Offer(alone, _as_drawn(land, few, rule))
    near = neighbours(land)
    heavy = _weights(land, now)
    best: tuple[int, float, list[str], Drawn] | None = None
    for shut in dict.fromkeys((_far(near, now, wanted, [at[plot] for plot in moves]) | locked, locked)):
        plan, kept = replan(land, list(wanted), rule, locked=shut, pinned=frozenset(held), weighed=heavy)
        codes = numbered(land, plan, CodeBook({community: highest}), kept)
        given = [codes[grid] for grid in plan.grid.tolist()]
        if any(given[at[plot]] != wanted[at[plot]] for plot in held if plot in at):
            continue
        moved = sum(one for one, old, new in zip(weight, wanted, given, strict=True) if old != new)
        told = worse(now, given, weight, rule), moved
        if best is None or told < best[:2]:
            best = (*told, given, _drawn(land, plan, codes, rule))
    if best is None or best[0] >= worse(now, wanted, weight, rule):
        return Offer(alone, None)
    return Offer(alone, best[3])


def _far(
    near: Mapping[int, set[int]], now: Sequence[str], wanted: Sequence[str], units: Sequence[int]
) -> frozenset[str]:
    """Grids that neither give nor take the plots that move, nor border one that does."""
    close = {codes[unit] for unit in units for codes in (now, wanted)}
    beside = {wanted[other] for unit, code in enumerate(wanted) if code in close for other in near[unit]}
    return frozenset(wanted) - close - beside


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
    barriers: Sequence[Geometry] = (),
) -> Drawn:
    """The plan after a person moved plots to other grids, the rest following as `offered` says, or not at all.

    Raises Refused as `offered` does.
    """
    offer = offered(
        community,
        plots,
        rule,
        now=now,
        moves=moves,
        locked=locked,
        pinned=pinned,
        highest=highest,
        barriers=barriers,
    )
    return offer.best if balance else offer.alone


def figures(
    community: str,
    plots: Sequence[Plot],
    rule: Rule,
    *,
    now: Sequence[str],
    barriers: Sequence[Geometry] = (),
) -> Drawn:
    """The figures of a plan as it stands; nothing is moved."""
    land = land_of(community, plots, barriers)
    return _as_drawn(land, now, rule)


def _as_drawn(land: Territory, codes: Sequence[str], rule: Rule) -> Drawn:
    """The plan that these codes are, taken as it is: every grid is locked."""
    plan, kept = replan(land, list(codes), rule, locked=frozenset(codes))
    return _drawn(land, plan, [kept[grid] for grid in range(len(plan.kinds))], rule)


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
