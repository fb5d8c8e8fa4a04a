"""Chains in either direction, batch by batch, with the roots in the order they were asked for."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from wangge_engine.chains.intake import Roots
from wangge_engine.chains.reach import Chains, Contacts, Ints, reach


def outgoing(contacts: Contacts, roots: Roots) -> Iterator[Chains]:
    """Whom each root could have infected."""
    yield from reach(contacts, roots.node, roots.low, roots.high)


def ingoing(contacts: Contacts, roots: Roots) -> Iterator[Chains]:
    """Who could have infected each root: the same paths, traced from everybody who can reach one."""
    windows = np.stack([roots.low, roots.high], axis=1)
    different, which = np.unique(windows, axis=0, return_inverse=True)
    found = []
    for number, (low, high) in enumerate(different):
        asked = np.flatnonzero(which.ravel() == number)
        found.append(_into(contacts, roots.node[asked], asked, int(low), int(high)))
    if len(found) > 1:  # each is in the order of its roots; together they are not
        columns = [np.concatenate(told) for told in zip(*map(_columns, found), strict=True)]
        order = np.argsort(columns[0], kind="stable")
        found = [Chains(*(column[order] for column in columns))]
    yield from found


def _into(contacts: Contacts, nodes: Ints, asked: Ints, low: int, high: int) -> Chains:
    origins = _origins(contacts, nodes, low, high)
    place = np.full(max(contacts.nodes, 1), -1, dtype=np.int64)
    place[nodes] = asked
    parts = []
    for every in reach(contacts, origins, np.full(len(origins), low), np.full(len(origins), high)):
        own = np.flatnonzero(place[every.node] >= 0)
        found = Chains(*(column[own] for column in _columns(every)))
        told = (place[found.node], origins[found.root], found.distance, found.first, found.last)
        parts.append(tuple(column.astype(np.int32) for column in told))
    if not parts:
        nothing = np.zeros(0, dtype=np.int64)
        return Chains(nothing, nothing, nothing, nothing, nothing)
    root, node, distance, first, last = (np.concatenate(column) for column in zip(*parts, strict=True))
    small = root.astype(np.uint16) if len(place) < 1 << 16 and root.max(initial=0) < 1 << 16 else root
    order = np.argsort(small, kind="stable")  # origins ascend within a root already
    return Chains(root[order], node[order], distance[order], first[order], last[order])


def _columns(found: Chains) -> tuple[Ints, Ints, Ints, Ints, Ints]:
    return found.root, found.node, found.distance, found.first, found.last


def _origins(contacts: Contacts, nodes: Ints, low: int, high: int) -> Ints:
    """Nodes that can reach one of ``nodes`` inside the window, ascending; all, where nearly all are asked for."""
    if 4 * len(nodes) >= contacts.nodes:
        return np.arange(contacts.nodes)
    last = contacts.days - 1
    back = contacts.reversed()
    many = len(nodes)
    can = np.zeros(contacts.nodes, dtype=bool)
    for found in reach(back, nodes, np.full(many, last - high), np.full(many, last - low)):
        can[found.node] = True
    return np.flatnonzero(can)


def direct(contacts: Contacts, roots: Roots, *, ingoing: bool) -> Ints:
    """How many different nodes each root met at first hand inside its window."""
    own, other = (
        (contacts.destination, contacts.source) if ingoing else (contacts.source, contacts.destination)
    )
    place = np.full(max(contacts.nodes, 1), -1, dtype=np.int64)
    place[roots.node] = np.arange(len(roots.node))
    root = place[own]
    inside = (root >= 0) & (contacts.day >= roots.low[root]) & (contacts.day <= roots.high[root])
    pairs = np.unique(root[inside] * contacts.nodes + other[inside])
    return np.bincount(pairs // max(contacts.nodes, 1), minlength=len(roots.node))
