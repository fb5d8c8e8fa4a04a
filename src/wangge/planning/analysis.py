"""The room's port to the engine: ground cut into plots, plots divided, plans mended.

The division itself is imported where it is called: its solver costs a second of start that no page should pay.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

import shapely

from wangge.kernel.problems import BadInput
from wangge_engine.datums.coordinates import Datum
from wangge_engine.divide.territory import Rule
from wangge_engine.frame.problems import Refused
from wangge_engine.geofiles.layers import GeoFormat
from wangge_engine.geofiles.writing import write_layer
from wangge_engine.geometry.measures import Geometry, area_m2, joined, place_of, polygons_of
from wangge_engine.plots.land import Drawn, Plot, land_of, neighbours
from wangge_engine.plots.parcels import parcels

if TYPE_CHECKING:  # the matching's solver is loaded where it is called
    from wangge_engine.crosswalk.agreement import Agreement
    from wangge_engine.crosswalk.overlay import Pair


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


@dataclass(frozen=True, slots=True)
class NetFile:
    """A department's net of grids as a file."""

    file_name: str
    body: bytes
    datum: Datum


@dataclass(frozen=True, slots=True)
class Homes:
    """Buildings with households, to weigh what moves."""

    lon: Sequence[float]
    lat: Sequence[float]
    households: Sequence[float]


@dataclass(frozen=True, slots=True)
class Laid:
    """Two nets laid over each other: grids with their relation, pairs, and what must move for them to be one."""

    grids: dict[str, list[tuple[str, str, Geometry]]]
    pairs: list[Pair]
    agreed: Agreement
    basis: str
    defects: dict[str, dict[str, int]]
    left_out: dict[str, int]


def laid(a: NetFile, b: NetFile, homes: Homes | None) -> Laid:
    """Lay two nets over each other; raises BadInput where a file is no net of grids."""
    from collections import Counter

    import numpy as np

    from wangge_engine.crosswalk.agreement import fewest_changes, relations
    from wangge_engine.crosswalk.nets import Units, net_of
    from wangge_engine.crosswalk.overlay import of_polygons
    from wangge_engine.frame.rejects import Rejects
    from wangge_engine.geofiles.reading import read_layer
    from wangge_engine.topology.checking import Cell, check_topology

    units = None
    if homes is not None and len(homes.lon):
        lon, lat, load = (np.array(one, dtype=np.float64) for one in (homes.lon, homes.lat, homes.households))
        units = Units(lon, lat, load, [""] * len(homes.lon))
    with house_words():
        rejects = Rejects(), Rejects()
        nets = [
            net_of(read_layer(one.file_name, one.body), one.file_name, "code", "households", one.datum, aside)
            for one, aside in zip((a, b), rejects, strict=True)
        ]
        overlay = of_polygons(nets[0], nets[1], units, 0.5)
    told = relations(overlay.pairs)
    checked = [check_topology([Cell(code, "", shape, row) for code, shape, row in net.drawn]) for net in nets]
    return Laid(
        grids={
            side: [(code, str(of[code]), shape) for code, shape in zip(net.codes, net.shapes, strict=True)]
            for side, net, of in zip("ab", nets, told, strict=True)
        },
        pairs=overlay.pairs,
        agreed=fewest_changes(overlay.pairs),
        basis=overlay.basis,
        defects={
            side: dict(sorted(Counter(one.kind.value for one in report.defects).items()))
            for side, report in zip("ab", checked, strict=True)
        },
        left_out={side: sum(aside.counts().values()) for side, aside in zip("ab", rejects, strict=True)},
    )


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
    "Datum", "Drawn", "GeoFormat", "Geometry", "Homes", "Laid", "NetFile", "Offer", "Plot", "Rule", "area_m2",
    "divided", "figures", "house_words", "laid", "land_of", "neighbours", "offered", "parcels", "place_of",
    "polygons_of", "union_of", "write_layer",
]  # fmt: skip
