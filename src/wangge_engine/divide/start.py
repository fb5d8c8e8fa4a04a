"""The first plan: a region is halved along random spanning trees until every part is one grid."""

from __future__ import annotations

import random

import numpy as np

from wangge_engine.divide.atoms import contract
from wangge_engine.divide.prices import EstateBook, compacted
from wangge_engine.divide.territory import Floats, Ints, Region, Rule, sums

_TREES = 8
_GOOD = 0.04  # of the target: a halving this close needs no further tree
Edge = tuple[int, int, float]


def first_plan(region: Region, rule: Rule, book: EstateBook, seed: int) -> Ints:
    """Labels of a contiguous plan with about weight / target grids; small estates mostly whole."""
    total = float(region.weight.sum())
    if total < 1.5 * rule.target and total <= rule.target * (1 + rule.slack):
        return np.zeros(region.size, dtype=np.int64)
    chance = random.Random(seed * 1_000_003 + int(region.units[0]))
    atom = compacted(contract(region, book, whole=region.estate >= 0, tiny=0.0, most=rule.small))
    count = int(atom.max()) + 1
    weight = sums(atom, region.weight, count)
    edges: dict[tuple[int, int], float] = {}
    estate = region.estate
    for (a, b), metres, soft, virtual in zip(
        region.pairs.tolist(),
        region.metres.tolist(),
        region.soft.tolist(),
        region.virtual.tolist(),
        strict=True,
    ):
        one, two = sorted((int(atom[a]), int(atom[b])))
        if one != two:
            kin = estate[a] >= 0 and estate[a] == estate[b]
            price = (20.0 if virtual else 8.0 if soft else 0.4 if kin else 1.0) - 0.3 * metres / (
                metres + 40.0
            )
            edges[one, two] = min(edges.get((one, two), 99.0), price)
    label = np.zeros(count, dtype=np.int64)
    wanted = max(1, round(total / rule.target))
    todo = [(list(range(count)), wanted)]
    used = 0
    every = [(a, b, price) for (a, b), price in sorted(edges.items())]
    links: list[list[Edge]] = [every]
    while todo:
        nodes, grids = todo.pop()
        inside = links.pop()
        if grids <= 1 or len(nodes) == 1:
            label[nodes] = used
            used += 1
            continue
        part, first = _halved(nodes, inside, weight, grids, rule.target, chance)
        other = [node for node in nodes if node not in part]
        todo += [(sorted(part), first), (other, grids - first)]
        links += [
            [edge for edge in inside if edge[0] in part and edge[1] in part],
            [edge for edge in inside if edge[0] not in part and edge[1] not in part],
        ]
    return compacted(label[atom])


def _halved(  # noqa: PLR0917 -- one thing each, of its own type
    nodes: list[int], edges: list[Edge], weight: Floats, grids: int, target: float, chance: random.Random
) -> tuple[set[int], int]:
    """A connected part whose rest is connected, and how many of the grids it is to be."""
    total = float(sum(weight[node] for node in nodes))
    mean = total / grids
    best: tuple[float, set[int], int] | None = None
    for _ in range(_TREES):
        order, parent = _tree(nodes, edges, chance)
        below = {node: float(weight[node]) for node in nodes}
        for node in reversed(order):
            if parent[node] >= 0:
                below[parent[node]] += below[node]
        cuts = []
        for node in order[1:]:
            first = min(max(1, round(below[node] / mean)), grids - 1)
            cuts.append((abs(below[node] - first * mean), -min(first, grids - first), node, first))
        off, _, top, first = min(cuts)
        if best is None or off < best[0]:
            part = {top}
            for node in order:
                if parent[node] in part:
                    part.add(node)
            best = (off, part, first)
        if best[0] <= _GOOD * target:
            break
    assert best is not None, "a halved part has at least two atoms"
    return best[1], best[2]


def _tree(nodes: list[int], edges: list[Edge], chance: random.Random) -> tuple[list[int], dict[int, int]]:
    """A random spanning tree, cheap edges likelier: its nodes from the root down, and the parent of each."""
    root = {node: node for node in nodes}
    near: dict[int, list[int]] = {node: [] for node in nodes}
    for _, a, b in sorted((price + chance.random(), a, b) for a, b, price in edges):
        one, two = a, b
        while root[one] != one:
            root[one] = root[root[one]]
            one = root[one]
        while root[two] != two:
            root[two] = root[root[two]]
            two = root[two]
        if one != two:
            root[one] = two
            near[a].append(b)
            near[b].append(a)
    order, parent = [nodes[0]], {nodes[0]: -1}
    for node in order:
        for other in near[node]:
            if other not in parent:
                parent[other] = node
                order.append(other)
    for node in nodes:  # what hangs together with nothing: a part of its own below the root
        if node not in parent:
            parent[node] = nodes[0]
            order.append(node)
    return order, parent
