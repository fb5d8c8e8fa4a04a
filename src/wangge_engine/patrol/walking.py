"""The order inside one round: the shortest walk that keeps the good hours."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from wangge_engine.patrol.kinds import Home, Terms

EXACT = 9  # 2^9 * 9^2 steps are milliseconds; a round of 90 minutes holds about as many visits of ten


@dataclass(frozen=True)
class Walk:
    """Homes in order, arrivals in minutes of day, the end, and the metres walked."""

    order: list[int]
    arrive: list[float]
    end: float
    metres: float


def walk(homes: Sequence[Home], chosen: Sequence[int], start: int, terms: Terms) -> Walk | None:
    """The walk from the first home to the last that ends soonest, or None if it ends too late or misses an hour.

    A round begins at its first home: the way there from wherever the worker is does not count.
    """
    if not chosen:
        return Walk([], [], start, 0.0)
    metres = np.hypot(*(np.subtract.outer(a, a) for a in _places(homes, chosen)))
    minutes = metres / terms.metres_a_minute
    hours = [homes[i].good or (start, start + terms.minutes) for i in chosen]
    opens, closes = [opens for opens, _ in hours], [closes for _, closes in hours]
    # an arrival is in whole minutes on the page: rounding up must neither miss an hour nor overrun the round
    last = [min(close - 1, start + terms.minutes - terms.visit) for close in closes]
    route = _exact if len(chosen) <= EXACT else _nearest
    order = route(minutes, opens, last, start, terms.visit)
    if order is None:
        return None
    arrive, now = [], float(start)
    for step, place in enumerate(order):
        now += float(minutes[order[step - 1], place]) + terms.visit if step else 0.0
        now = max(now, opens[place])
        arrive.append(now)
    total = sum(float(metres[a, b]) for a, b in pairwise(order))
    return Walk([chosen[i] for i in order], arrive, now + terms.visit, total)


def _places(homes: Sequence[Home], chosen: Sequence[int]) -> tuple[list[float], list[float]]:
    return [homes[i].x for i in chosen], [homes[i].y for i in chosen]


def _exact(
    minutes: np.ndarray, opens: Sequence[float], last: Sequence[float], start: float, visit: float
) -> list[int] | None:
    """Earliest end over all orders: arriving earlier is never worse, so one time per (set, last home) is enough."""
    count = len(opens)
    best: list[dict[int, tuple[float, int]]] = [{} for _ in range(1 << count)]
    for i in range(count):
        at = max(start, opens[i])
        if at <= last[i]:
            best[1 << i][i] = (at, -1)
    way = minutes.tolist()
    for done in range(1, 1 << count):
        for i, (at, _) in best[done].items():
            for j in range(count):
                if not done >> j & 1:
                    then = max(at + visit + way[i][j], opens[j])
                    if then <= last[j]:
                        held = best[done | 1 << j].get(j)
                        if held is None or then < held[0]:
                            best[done | 1 << j][j] = (then, i)
    whole = (1 << count) - 1
    if not best[whole]:
        return None
    i = min(best[whole], key=lambda end: (best[whole][end][0], end))
    order, done = [], whole
    while i >= 0:
        order.append(i)
        before = best[done][i][1]
        done ^= 1 << i
        i = before
    return order[::-1]


def _nearest(
    minutes: np.ndarray, opens: Sequence[float], last: Sequence[float], start: float, visit: float
) -> list[int] | None:
    """From every first home: go to whoever can be met soonest, those whose hour is passing first."""
    found: tuple[float, list[int]] | None = None
    way, count = minutes.tolist(), len(opens)
    for first in range(count):
        order, now, left = [first], max(start, opens[first]), set(range(count)) - {first}
        if now > last[first]:
            continue
        while left:
            here = order[-1]
            soon = {j: max(now + visit + way[here][j], opens[j]) for j in left}
            if any(soon[j] > last[j] for j in left):
                break
            step = min(left, key=lambda j: (soon[j] + 0.5 * min(0.0, last[j] - soon[j] - 2 * visit), j))
            now = soon[step]
            order.append(step)
            left.discard(step)
        if not left and (found is None or now < found[0]):
            found = (now, order)
    return found[1] if found else None
