"""Through whom a chain reaches each of its nodes: the lines of its drawing. Plain Python."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class Arrival:
    """When a chain arrives at a node (traced back: when it leaves it), and in how few steps."""

    on: date
    steps: int


def joined(
    root: str, nodes: Mapping[str, Arrival], links: Iterable[tuple[str, str, date]], *, back: bool
) -> dict[str, str]:
    """For each node the one beside it on a path to the root: the fewest steps away, then by name, so that it stays.

    A link serves a node when it stands on the day the chain arrived there, and the one beside it was reached by then.
    `links` are (source, destination, day). Of two that reach each other on one day the one with fewer steps leads.
    """
    best: dict[str, tuple[int, str]] = {}
    for source, destination, on in links:
        near, far = (destination, source) if back else (source, destination)
        if far == root or far not in nodes or nodes[far].on != on:
            continue
        if near == root:
            rank = (0, near)
        elif near in nodes and (nodes[near].on >= on if back else nodes[near].on <= on):
            if nodes[near].on == on and nodes[near].steps >= nodes[far].steps:
                continue
            rank = (nodes[near].steps, near)
        else:
            continue
        best[far] = min(best.get(far, rank), rank)
    return {far: near for far, (_, near) in best.items()}
