"""The chain diagram: one root's chain over time, each node joined to the one it came from (or went to)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from wangge_engine.chains.intake import Network, Roots
from wangge_engine.chains.reach import Chains
from wangge_engine.frame.plots import AMBER, BLUE, GREEN, INK, PURPLE, RED, SOFT, picture, shorten, words

SHOWN = 60
COLOURS = (RED, AMBER, BLUE, GREEN, PURPLE)


def draw(path: Path, network: Network, roots: Roots, found: Chains | None, *, ingoing: bool) -> None:
    """Days run to the right; colour tells the steps. Of a long chain the nearest nodes are drawn, and it is said."""
    title = words("传播链", "Chain")
    with picture(path, width=8.4, height=4.6) as figure:
        axes = figure.subplots()
        axes.grid(axis="y", visible=False)
        axes.set_yticks([])
        if found is None or not len(found.node):
            axes.set_title(f"{title}: {words('没有接触', 'no contacts')}")
            return
        root = int(roots.node[found.root[0]])
        order = np.lexsort((found.last, found.distance))[:SHOWN]
        day = found.first if ingoing else found.last
        at = {int(found.node[n]): int(day[n]) for n in order}
        steps = {int(found.node[n]): int(found.distance[n]) for n in order}
        joined = _joined(network, root, at, steps, ingoing=ingoing)
        whole = sorted(at.values())
        at[root], steps[root] = (whole[-1] if ingoing else whole[0]), 0
        height = _heights(root, joined, at)
        dates: Any = network.dates  # matplotlib draws dates, its types do not say so
        for node, other in joined.items():
            low, high = height[node], height[other]
            begin = dates[at[other]]  # down on the day of the one before, then along the node's own row
            axes.plot([begin, begin, dates[at[node]]], [high, low, low], color=SOFT, linewidth=0.9, zorder=1)
        for node, y in height.items():
            colour = INK if node == root else COLOURS[(steps[node] - 1) % len(COLOURS)]
            axes.scatter([dates[at[node]]], [y], s=60 if node == root else 26, color=colour, zorder=2)
            if len(height) <= 40 or node == root:
                name = shorten(network.names[node], 14)
                axes.annotate(
                    name, (dates[at[node]], y), (5, 5), textcoords="offset points", va="center", fontsize=7
                )
        for step in sorted(set(steps.values()) - {0})[:8]:
            axes.scatter([], [], s=26, color=COLOURS[(step - 1) % len(COLOURS)], label=f"{step}")
        axes.legend(title=words("步数", "steps"), loc="best", ncols=2, title_fontsize=8)
        way = (
            words("可能的来源", "possible sources") if ingoing else words("可能的去向", "possible infections")
        )
        told = f"{title} {shorten(network.names[root], 20)}: {len(found.node)} {way}"
        if len(order) < len(found.node):
            told += f" ({words(f'只画最近的 {SHOWN} 个', f'the nearest {SHOWN} drawn')})"
        axes.set_title(told)


def _joined(
    network: Network, root: int, at: dict[int, int], steps: dict[int, int], *, ingoing: bool
) -> dict[int, int]:
    """For each node the one next to it on a path to the root, among those drawn."""
    contacts = network.contacts
    inside = np.zeros(contacts.nodes, dtype=bool)
    inside[[root, *at]] = True
    own = np.flatnonzero(inside[contacts.source] & inside[contacts.destination])
    joined: dict[int, tuple[int, int]] = {}
    for n in own:
        near, far, day = int(contacts.source[n]), int(contacts.destination[n]), int(contacts.day[n])
        if ingoing:
            near, far = far, near
        if far == root or at.get(far) != day:
            continue
        fits = near == root or (at[near] >= day if ingoing else at[near] <= day)
        if fits and (near == root or steps[near] < steps[far] or at[near] != at[far]):
            rank = 0 if near == root else steps[near]
            joined[far] = min(joined.get(far, (rank, near)), (rank, near))
    return {far: near for far, (_, near) in joined.items()}


def _heights(root: int, joined: dict[int, int], at: dict[int, int]) -> dict[int, int]:
    """Rows of the picture: a node's branches follow it, earliest first; loose ends come last."""
    branches: dict[int, list[int]] = {}
    for node, other in joined.items():
        branches.setdefault(other, []).append(node)
    height: dict[int, int] = {}
    waiting = [root]
    while waiting:
        node = waiting.pop()
        if node in height:
            continue
        height[node] = -len(height)
        waiting += sorted(branches.get(node, []), key=lambda one: (-at[one], -one))
    for node in at:
        height.setdefault(node, -len(height))
    return height
