"""Closed lists of the room, and how the words of a file are read."""

from __future__ import annotations

from enum import StrEnum


class BarrierKind(StrEnum):
    """隔线类型."""

    ROAD = "road"
    RIVER = "river"
    RAILWAY = "railway"
    WALL = "wall"


# What departments and OpenStreetMap call them, in lower case; the first that a value contains decides.
WORDS: dict[BarrierKind, tuple[str, ...]] = {
    BarrierKind.RAILWAY: ("铁路", "轨道", "地铁", "rail", "subway", "tram"),
    BarrierKind.RIVER: ("河", "渠", "水系", "湖", "江", "river", "canal", "stream", "water"),
    BarrierKind.WALL: ("墙", "围栏", "wall", "fence"),
    BarrierKind.ROAD: (
        "路", "街", "道", "桥", "road", "street", "highway", "motorway", "trunk", "primary", "secondary", "tertiary",
        "arterial",
    ),
}  # fmt: skip


def kind_of(text: str) -> BarrierKind | None:
    """The kind that a word of a file means, or None where it says nothing of it."""
    told = text.strip().lower()
    return next((kind for kind, words in WORDS.items() if any(word in told for word in words)), None)
