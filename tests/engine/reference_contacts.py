"""Contacts the slow way: every pair of rows, minute by minute of nothing, in plain Python. For the tests only."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

CREW = {"CREW", "乘务"}


def union(spans):
    made = []
    for s, e in sorted(spans):
        if made and s <= made[-1][1]:
            made[-1][1] = max(made[-1][1], e)
        else:
            made.append([s, e])
    return made


def seating(row):
    def text(name):
        return (row.get(name) or "").strip().upper()

    def bare(value):
        return str(int(value)) if value.isdigit() else value or None

    crew = any(text(name) in CREW for name in ("seat", "row", "compartment", "carriage"))
    seat = re.fullmatch(r"(\d+)-?[A-Z]", text("seat"))
    number = int(text("row")) if text("row").isdigit() else int(seat[1]) if seat else None
    compartment = None if text("compartment") in CREW else bare(text("compartment"))
    bay = int(compartment) if compartment and compartment.isdigit() else (number + 1) // 2 if number else None
    return {
        "crew": crew,
        "carriage": None if text("carriage") in CREW else bare(text("carriage")),
        "compartment": compartment,
        "row": number,
        "bay": bay,
        "household": text("household_id") or None,
    }


def same(a, b, neither, near=lambda a, b: a == b):
    if a is None and b is None:
        return neither
    if a is None or b is None:
        return "unknown"
    return near(a, b)


def both(one, other):
    if False in (one, other):
        return False
    return "unknown" if "unknown" in (one, other) else True


def holds(rule, a, b):
    carriage = same(a["carriage"], b["carriage"], True)
    within = lambda x, y: abs(x - y) <= rule.reach  # noqa: E731
    if rule.without_compartments and a["compartment"] and b["compartment"]:
        return False
    if rule.within == "place":
        return True
    if rule.within == "household":
        return same(a["household"], b["household"], True)
    if rule.within == "carriage":
        return same(a["carriage"], b["carriage"], "unknown")
    if rule.within == "crew":
        return carriage if a["crew"] or b["crew"] else False
    if a["crew"] or b["crew"]:
        return False
    absent = False if rule.open_without else "unknown"
    if rule.within == "compartment":
        return both(carriage, same(a["compartment"], b["compartment"], absent))
    name = "bay" if rule.within == "bay" else "row"
    return both(carriage, same(a[name], b[name], absent, within))


def rank(rules, a, b):
    """(number of the rule, whether something unknown brought it there)."""
    states = [holds(rule, a, b) for rule in rules]
    for number, state in enumerate(states):
        if state is True:
            return number, "unknown" in states[:number]
    for number in reversed(range(len(states))):
        if states[number] == "unknown":
            return number, True
    return None


def contacts(presence, windows, pack, local_day):
    """{(index person, person, place, kind): (rule id, minutes, first, last, rows apart)}; times are datetimes."""
    found = {}
    for index, periods in windows.items():
        for other in {row["person_id"] for row in presence} - {index}:
            places = {(row["place_id"], row["place_kind"]) for row in presence}
            for place in places:
                rules = pack.of(place[1])
                met = []
                for mine in presence:
                    if mine["person_id"] != index or (mine["place_id"], mine["place_kind"]) != place:
                        continue
                    for theirs in presence:
                        if (
                            theirs["person_id"] != other
                            or (theirs["place_id"], theirs["place_kind"]) != place
                        ):
                            continue
                        for low, high in union(periods):
                            s = max(mine["start"], theirs["start"], low)
                            e = min(mine["end"], theirs["end"], high)
                            if s < e:
                                a, b = seating(mine), seating(theirs)
                                near = same(a["carriage"], b["carriage"], True) is not False
                                rows = None not in (a["row"], b["row"]) and near
                                apart = abs(a["row"] - b["row"]) if rows else None
                                met.append((rank(rules, a, b), s, e, apart))
                told = _told(rules, [m for m in met if m[0] is not None], local_day)
                if told:
                    found[(index, other, *place)] = told
    return found


def _told(rules, met, local_day):
    first_doubt = next((r for r in rules if r.within != "place" or r.without_compartments), None)
    for number, rule in enumerate(rules):
        for doubtful in (False, True):
            own = [m for m in met if m[0] <= (number, doubtful)]
            stays = union([(s, e) for _, s, e, _ in own])
            needed = timedelta(minutes=rule.minutes)
            if rule.counted == "day":
                cut = {}
                for begun, e in stays:
                    s = begun
                    while s < e:
                        day, end = local_day(s)
                        cut.setdefault(day, []).append((s, min(e, end)))
                        s = end
                counted = [
                    span
                    for spans in cut.values()
                    if sum((e - s for s, e in spans), timedelta()) >= needed
                    for span in spans
                ]
            else:
                counted = [(s, e) for s, e in stays if e - s >= needed]
            if not counted:
                continue
            first, last = min(s for s, _ in counted), max(e for _, e in counted)
            parts = [(s, e) for s, e in stays if any(s < b and e > a for a, b in counted)]
            apart = [m[3] for m in own if m[3] is not None and any(m[1] < e and m[2] > s for s, e in parts)]
            minutes = sum((e - s for s, e in counted), timedelta()) / timedelta(minutes=1)
            suffix = first_doubt.unknown_suffix if doubtful else ""
            return rule.id + suffix, minutes, first, last, min(apart, default=None)
    return None


def utc_day(moment):
    start = moment.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    return start, start + timedelta(days=1)


def at(minute):
    return datetime(2020, 1, 20, 22, 0, tzinfo=UTC) + timedelta(minutes=minute)
