"""The ground as the map shows it: divisions and grids of the reader's territory, and their names for lists.

Drawn once for each state of the ground, territory and language; whoever asks passes the door of the room first.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

import orjson
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from wangge.kernel.access import Access
from wangge.kernel.units import unit_code
from wangge.territory import queries
from wangge.territory.states import Level

SIMPLIFY_M = 2.0
_LEVELS = {Level.DISTRICT: "district", Level.STREET: "street", Level.COMMUNITY: "community"}


@dataclass(frozen=True, slots=True)
class Ground:
    """Features ready for the map, the box around them, and the name of each unit."""

    features: tuple[dict[str, Any], ...] = ()
    bounds: str = ""
    names: Mapping[int, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Asked:
    """What the drawing depends on; the access itself does not count."""

    stamp: str
    lo: int
    hi: int
    language: str
    access: Access = field(compare=False)


@lru_cache(maxsize=16)
def _drawn(asked: _Asked) -> Ground:
    access = asked.access
    features: list[dict[str, Any]] = []
    names: dict[int, str] = {}
    for level, word in _LEVELS.items():
        for shape in _features(queries.map_divisions(access, level=level, simplify_m=SIMPLIFY_M).body):
            told = shape["properties"]
            features.append(_feature(shape, f"{word}:{told['code']}", word, told))
    for level in _LEVELS:
        for division in queries.divisions(access, level=level):
            names[division.scope.lo] = short(division.name)
    for shape in _features(queries.map_grids(access, simplify_m=SIMPLIFY_M).body):
        told = shape["properties"]
        number, community = int(told["code"]), names.get(int(told["community"]) * 1000, "")
        name = told["name"] or _("grid %(number)s") % {"number": told["code"][12:]}
        names[number] = f"{community} · {name}" if community and community not in name else name
        number_of = int(told.get("households") or 0)
        homes = (
            ngettext("%(n)s household", "%(n)s households", number_of) % {"n": number_of} if number_of else ""
        )
        note = " · ".join(part for part in (community, homes) if part)
        features.append(_feature(shape, f"grid:{told['code']}", "grid", {**told, "name": name, "note": note}))
    return Ground(tuple(features), _box(features), names)


def short(name: str) -> str:
    """A community as people say it: without the committee that answers for it."""
    for ending in ("居民委员会", "居委会", "村民委员会", "村委会"):
        if name.endswith(ending) and len(name) > len(ending) + 1:
            kept = name.removesuffix(ending)
            return kept if not ending.startswith("村") or kept.endswith("村") else f"{kept}村"
    return name


def _features(body: bytes) -> list[dict[str, Any]]:
    return list(orjson.loads(body)["features"])


def _feature(shape: Mapping[str, Any], key: str, level: str, told: Mapping[str, Any]) -> dict[str, Any]:
    kept = {name: told[name] for name in ("code", "name", "kind", "note") if told.get(name)}
    properties = {"id": key, "level": level, "tier": "", **kept}
    return {"type": "Feature", "geometry": shape["geometry"], "properties": properties}


def _corners(coordinates: Any) -> Iterable[tuple[float, float]]:
    if coordinates and isinstance(coordinates[0], int | float):
        yield coordinates[0], coordinates[1]
        return
    for inner in coordinates:
        yield from _corners(inner)


def _box(features: Iterable[Mapping[str, Any]]) -> str:
    points = [p for f in features if f["geometry"] for p in _corners(f["geometry"]["coordinates"])]
    if not points:
        return ""
    west, east = min(x for x, _y in points), max(x for x, _y in points)
    south, north = min(y for _x, y in points), max(y for _x, y in points)
    return f"{west:.5f},{south:.5f},{east:.5f},{north:.5f}"


def ground(access: Access) -> Ground:
    """The ground of this territory today, in the language of the page."""
    stamp = queries.map_stamp(access)
    return _drawn(_Asked(stamp, access.scope.lo, access.scope.hi, get_language() or "", access))


def place_name(names: Mapping[int, str], unit_no: int) -> str:
    """The name of a grid, or of the smallest division around it that has one; its code when nothing has."""
    for span in (1, 1_000, 1_000_000, 1_000_000_000):
        if found := names.get(unit_no // span * span):
            return found
    return unit_code(unit_no)


def areas(
    access: Access,
    *,
    hrefs: str = "",
    notes: Mapping[int, str] | None = None,
    tiers: Mapping[int, str] | None = None,
) -> bytes:
    """GeoJSON of the ground. ``hrefs`` is an address with {code}; ``notes`` and ``tiers`` go by unit number."""
    features = []
    for feature in ground(access).features:
        told = feature["properties"]
        if told["level"] == "grid":
            number = int(told["code"])
            told = dict(told)
            if hrefs:
                told["href"] = hrefs.replace("{code}", told["code"])
            if notes and number in notes:
                told["note"] = " · ".join(part for part in (told.get("note", ""), notes[number]) if part)
            if tiers:
                told["tier"] = tiers.get(number, "")
            feature = {**feature, "properties": told}  # noqa: PLW2901 -- the kept drawing stays as it is
        features.append(feature)
    return orjson.dumps({"type": "FeatureCollection", "features": features})


def points(features: Iterable[Mapping[str, Any]]) -> bytes:
    """GeoJSON of points: mappings with lon, lat, and the properties of docs/pages.md."""
    return orjson.dumps(
        {
            "type": "FeatureCollection",
            "features": [
                {
                    "type": "Feature",
                    "geometry": {"type": "Point", "coordinates": [told["lon"], told["lat"]]},
                    "properties": {k: v for k, v in told.items() if k not in ("lon", "lat")},
                }
                for told in features
            ],
        }
    )
