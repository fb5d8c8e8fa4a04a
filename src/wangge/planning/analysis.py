"""The room's port to the engine: ground cut into plots, plots divided, plans mended.

The division itself is imported where it is called: its solver costs a second of start that no page should pay.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import shapely

from wangge.kernel.problems import BadInput
from wangge_engine.divide.territory import Rule
from wangge_engine.frame.problems import Refused
from wangge_engine.geofiles.layers import GeoFormat
from wangge_engine.geofiles.writing import write_layer
from wangge_engine.geometry.measures import Geometry, area_m2, joined, place_of, polygons_of
from wangge_engine.plots.land import Drawn, Plot, land_of, neighbours
from wangge_engine.plots.parcels import parcels


@dataclass(frozen=True, slots=True)
class Offer:
    """What a move by hand can lead to. ``balanced`` is None where nothing need follow, or nothing better was found."""

    alone: Drawn
    balanced: Drawn | None


@contextmanager
def house_words() -> Iterator[None]:
    """What the engine refuses inside becomes BadInput with the same code, words and place."""
    try:
        yield
    except Refused as refused:
        told = refused.problems[0]
        raise BadInput(code=told.code, zh=f"{told.zh}。", en=f"{told.en}.", place=told.place) from refused


def divided(
    community: str,
    plots: Sequence[Plot],
    rule: Rule,
    *,
    old: Sequence[str | None],
    afresh: bool,
    highest: int,
    seed: int,
    barriers: Sequence[Geometry],
) -> Drawn:
    """A community divided; raises BadInput in the engine's words."""
    from wangge_engine.plots import dividing

    with house_words():
        return dividing.divided(
            community,
            plots,
            rule,
            old=old,
            afresh=afresh,
            highest=highest,
            seed=seed,
            seconds=60.0,
            barriers=barriers,
        )


def offered(
    community: str,
    plots: Sequence[Plot],
    rule: Rule,
    *,
    now: Sequence[str],
    moves: Mapping[str, str],
    locked: frozenset[str],
    pinned: frozenset[str],
    highest: int,
    barriers: Sequence[Geometry],
) -> Offer:
    """What a move by hand can lead to: alone, or with what must follow; raises BadInput where it cannot be."""
    from wangge_engine.plots import dividing

    with house_words():
        found = dividing.offered(
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
    return Offer(found.alone, found.balanced)


def figures(
    community: str, plots: Sequence[Plot], rule: Rule, *, now: Sequence[str], barriers: Sequence[Geometry]
) -> Drawn:
    """The figures of a community as it stands."""
    from wangge_engine.plots import dividing

    with house_words():
        return dividing.figures(community, plots, rule, now=now, barriers=barriers)


def union_of(shapes: Sequence[Geometry]) -> Geometry:
    """Ground put together; polygons only."""
    return joined(polygons_of(shapely.union_all(list(shapes))))


__all__ = [
    "Drawn", "GeoFormat", "Geometry", "Offer", "Plot", "Rule", "area_m2", "divided", "figures", "house_words",
    "land_of", "neighbours", "offered", "parcels", "place_of", "polygons_of", "union_of", "write_layer",
]  # fmt: skip
