"""Linkage written a second time, naively: every pair compared in plain Python, clusters by repeated merging.

It shares with the product only the written values of the model (m, u, prior, word frequencies), so that a slip in
SQL, in blocking or in the array code shows.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from datetime import date
from itertools import combinations
from typing import Any

Record = Mapping[str, Any]
Weights = dict[tuple[int, int], tuple[float, dict[str, str]]]


def edits(a: str, b: str, *, swaps: bool) -> int:
    """Levenshtein distance, or Damerau-Levenshtein (restricted) with ``swaps``."""
    rows = [[i + j if not i * j else 0 for j in range(len(b) + 1)] for i in range(len(a) + 1)]
    for i in range(1, len(a) + 1):
        for j in range(1, len(b) + 1):
            rows[i][j] = min(
                rows[i - 1][j] + 1, rows[i][j - 1] + 1, rows[i - 1][j - 1] + (a[i - 1] != b[j - 1])
            )
            if swaps and i > 1 and j > 1 and a[i - 1] == b[j - 2] and a[i - 2] == b[j - 1]:
                rows[i][j] = min(rows[i][j], rows[i - 2][j - 2] + 1)
    return rows[-1][-1]


def same(x: Record, y: Record, field: str) -> bool:
    return x[field] is not None and x[field] == y[field]


def same_as(x: Record, field: str, y: Record, other: str) -> bool:
    return x[field] is not None and x[field] == y[other]


def name(x: Record, y: Record) -> str:
    if x["name"] is None or y["name"] is None:
        return "missing"
    a, b = x["name"], y["name"]
    whole = x["fuzzy"] is not None and y["fuzzy"] is not None
    if same(x, y, "name") and x["pinyin"] is not None:
        return "same"
    if same(x, y, "pinyin"):
        return "same_sound"
    if same(x, y, "fuzzy"):
        return "near_sound"
    if same_as(x, "former", y, "fuzzy") or same_as(y, "former", x, "fuzzy"):
        return "former"
    if (
        whole
        and max(len(a), len(b)) >= 4
        and min(len(x["pinyin"]), len(y["pinyin"])) >= 4
        and (x["fuzzy"].startswith(y["fuzzy"]) or y["fuzzy"].startswith(x["fuzzy"]))
    ):
        return "shortened"
    if len(a) == len(b) and sorted(a) == sorted(b):
        return "swapped"
    if "partial" in (x["name_kind"], y["name_kind"]) and same(x, y, "initial"):
        return "same_surname_only_given"
    latin = "latin" in (x["name_kind"], y["name_kind"])
    if min(len(a), len(b)) >= 5 and not latin and edits(a, b, swaps=False) == 1:
        return "slip_in_long"
    if same(x, y, "given") and len(x["given"]) >= 2:
        return "other_surname"
    if max(len(a), len(b)) >= 3 and edits(a, b, swaps=False) == 1:
        return "one_character"
    if same(x, y, "given"):
        return "same_given"
    return "same_surname" if same(x, y, "surname") else "different"


def number(x: Record, y: Record) -> str:
    a, b = x["id_number"], y["id_number"]
    if a is None or b is None:
        return "missing"
    trusted = x["id_ok"] is not None and y["id_ok"] is not None
    if a == b and trusted:
        renamed = x["solid"] and y["solid"] and x["fuzzy"] != y["fuzzy"]
        return "same_renamed" if renamed else "same"
    if a == b:
        return "same_doubtful"
    if not (x["id_valid"] and y["id_valid"]):
        if edits(a, b, swaps=True) <= 1:
            return "near"
        return "same_start" if a[:14] == b[:14] else "doubtful"
    return "doubtful" if x["id_borrowed"] or y["id_borrowed"] else "different"


def birth(x: Record, y: Record) -> str:
    a, b = x["birth"], y["birth"]
    if a is None or b is None:
        return "missing"
    if a == b:
        return "same"
    days = abs((date.fromisoformat(a) - date.fromisoformat(b)).days)
    if a[:4] == b[:4] and (
        a[5:7] == b[5:7] or a[8:] == b[8:] or "01-01" in (a[5:], b[5:]) or (a[5:7], a[8:]) == (b[8:], b[5:7])
    ):
        return "same_year_day_or_month"
    if 17 <= days <= 53:
        return "lunar"
    if edits(a, b, swaps=True) == 1:
        return "one_digit"
    if a[5:7] == b[5:7] and abs(int(a[:4]) - int(b[:4])) == 1:
        return "year_off"
    return "same_year" if a[:4] == b[:4] else "different"


def sex(x: Record, y: Record) -> str:
    if x["sex"] is None or y["sex"] is None:
        return "missing"
    return "same" if x["sex"] == y["sex"] else "different"


def home(x: Record, y: Record) -> str:
    no_phone = x["phone_key"] is None or y["phone_key"] is None
    no_place = x["place"] is None or y["place"] is None
    if no_phone and no_place:
        return "missing"
    phone = same(x, y, "phone_key")
    unit = x["unit"] is None or y["unit"] is None or x["unit"] == y["unit"]
    door = same(x, y, "door") and unit
    building = same(x, y, "place") and x["building"] == y["building"]
    rooms = x["room"] is not None and y["room"] is not None
    if door and None not in (x["generation"], y["generation"]) and x["generation"] != y["generation"]:
        return "same_door_other_generation"
    if phone and door:
        return "same_phone_and_door"
    if phone:
        return "same_phone"
    if door:
        return "same_door"
    if (
        building and unit and rooms
        and len(x["room"]) == len(y["room"])
        and edits(x["room"], y["room"], swaps=True) <= 1
    ):  # fmt: skip
        return "near_door"
    if building and not rooms:
        return "building_without_room"
    return "same_place" if same(x, y, "place") else "different"


COMPARE: dict[str, Callable[[Record, Record], str]] = {
    "name": name, "id_no": number, "birth": birth, "sex": sex, "home": home,
}  # fmt: skip
TERM_OF = {
    "same": "name",
    "same_sound": "pinyin",
    "near_sound": "fuzzy",
    "same_surname_only_given": "surname",
}


def looked_at(x: Record, y: Record) -> bool:
    """Whether any rule of the model brings this pair up."""
    sound = same(x, y, "fuzzy")
    loose = "partial" in (x["name_kind"], y["name_kind"]) and same(x, y, "initial")
    long = "transliterated" in (x["name_kind"], y["name_kind"])
    start = x["name"] is not None and y["name"] is not None and x["name"][:2] == y["name"][:2]
    phone, door = same(x, y, "phone_key"), same(x, y, "door")
    renamed = same_as(x, "former", y, "fuzzy") or same_as(y, "former", x, "fuzzy")
    return (
        (renamed and (phone or door or same(x, y, "birth_year")))
        or same(x, y, "id_number")
        or (sound and (phone or any(same(x, y, f) for f in ("birth_year", "id_head", "id_tail", "place"))))
        or same(x, y, "rare_name")
        or (long and start and phone)
        or (same(x, y, "birth") and (phone or door))
        or (loose and (phone or door))
    )


def weights(
    records: list[Record], model: Mapping[str, Any], terms: Mapping[str, Mapping[str, float]]
) -> Weights:
    """Match weight in bits and level of every comparison, for every pair that is looked at."""
    found: Weights = {}
    prior = math.log2(model["prior"] / (1 - model["prior"]))
    for x, y in combinations(records, 2):
        if not looked_at(x, y):
            continue
        levels = {field: compare(x, y) for field, compare in COMPARE.items()}
        total = prior
        for field, level in levels.items():
            if level == "missing":
                continue
            m, u = model["levels"][field][level]
            if field == "name" and level in TERM_OF:
                column = TERM_OF[level]
                u = max(terms[column][x[column]], terms[column][y[column]])
            total += math.log2(m / u)
        found[x["uid"], y["uid"]] = (total, levels)
    return found


def vetoed(weight: float, levels: Mapping[str, str]) -> bool:
    number = levels["id_no"] in ("same_renamed", "same", "same_doubtful", "near", "same_start")
    firm = number or levels["birth"] in ("same", "same_year_day_or_month", "lunar", "one_digit")
    sure = number or levels["birth"] == "same"
    at_home = levels["home"] in ("same_phone_and_door", "same_phone", "same_door")
    return (
        (
            levels["name"] in ("slip_in_long", "other_surname")
            and levels["id_no"] not in ("same_renamed", "same", "near")
            and not (levels["birth"] == "same" and at_home)
        )
        or (levels["name"] == "different" and levels["id_no"] != "same_renamed")
        or (
            levels["name"] in ("one_character", "same_given", "same_surname")
            and levels["id_no"] not in ("same_renamed", "same", "near")
        )
        or (levels["home"] in ("same_door_other_generation", "near_door", "same_place") and not firm)
        or (not sure and not at_home and weight < 5.0)
    )


def weak(weight: float, levels: Mapping[str, str]) -> bool:
    """Whether a link wants births close to each other: unless somebody of that name at that door is a year off."""
    years = levels["birth"] in ("same_year_day_or_month", "one_digit", "year_off")
    at_home = levels["home"] in ("same_phone_and_door", "same_phone", "same_door")
    return weight < 11 and not (years and at_home)


def width(members: set[int], days: list[float | None]) -> float:
    """How far apart the known days of some records lie."""
    known = [day for n in members if (day := days[n]) is not None]
    return max(known) - min(known) if known else 0.0


def clusters(
    nodes: int,
    links: list[tuple[float, int, int]],
    numbers: list[Any],
    days: list[float | None],
    limit: float,
    weak: tuple[set[Any], float] | None = None,
) -> set[frozenset[int]]:
    """Merge the strongest link first unless two numbers or births too far apart would meet."""
    group = {node: {node} for node in range(nodes)}
    for weight, a, b in sorted(links, key=lambda link: (-link[0], link[1], link[2])):
        merged = group[a] | group[b]
        if len({numbers[n] for n in merged if numbers[n] is not None}) > 1:
            continue
        room = limit
        if weak is not None and (weight, a, b) in weak[0]:
            room = max(weak[1], width(group[a], days), width(group[b], days))
        if width(merged, days) > room:
            continue
        for node in merged:
            group[node] = merged
    return {frozenset(members) for members in group.values()}
