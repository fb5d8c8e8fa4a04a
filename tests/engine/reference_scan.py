"""The space-time permutation scan by brute force: every circle as a set, every window as a range, case by case."""

from __future__ import annotations

import math


def kilometres(one, other, earth=6367.0):
    lat, lon, lat2, lon2 = map(math.radians, (*one, *other))
    half = math.sin((lat2 - lat) / 2) ** 2 + math.cos(lat) * math.cos(lat2) * math.sin((lon2 - lon) / 2) ** 2
    return 2 * earth * math.asin(math.sqrt(half))


def circles(places, radius, cases):
    """Sets of places; without a radius those that hold at most half of the cases."""
    found = set()
    for centre in places.values():
        far = {name: kilometres(centre, spot) for name, spot in places.items()}
        for reach in sorted(set(far.values())):
            inside = frozenset(name for name in far if far[name] <= reach)
            held = sum(place in inside for place, _ in cases)
            if reach <= radius if radius is not None else 2 * held <= len(cases):
                found.add(inside)
    return found


def best(places, cases, radius, max_days, *, prospective):
    """The highest ratio: cases are (place, day)."""
    total, highest = len(cases), 0.0
    first, last = min(day for _, day in cases), max(day for _, day in cases)
    for inside in circles(places, radius, cases):
        for end in [last] if prospective else range(first, last + 1):
            for begin in range(max(first, end - max_days + 1), end + 1):
                c = sum(place in inside and begin <= day <= end for place, day in cases)
                zone = sum(place in inside for place, _ in cases)
                mu = zone * sum(begin <= day <= end for _, day in cases) / total
                if c >= 2 and c > mu:
                    rest = (total - c) * math.log((total - c) / (total - mu)) if c < total else 0.0
                    highest = max(highest, c * math.log(c / mu) + rest)
    return highest
