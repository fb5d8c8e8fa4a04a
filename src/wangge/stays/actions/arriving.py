"""Who comes from an affected area: found on a list, then in the registry."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from datetime import date, datetime, timedelta

from django.utils import timezone

from wangge.access.vault import vault
from wangge.emergencies.queries import standing
from wangge.emergencies.states import DataSet
from wangge.emergencies.types import Standing
from wangge.kernel.access import Access
from wangge.kernel.doors import door
from wangge.kernel.ids import new_id
from wangge.kernel.listed import facts_of, reference_of
from wangge.kernel.problems import NotFound
from wangge.stays.analysis import Affected, Stayed, StayIn, stayed
from wangge.stays.models import AffectedArea, Arrival
from wangge.stays.rules.reading import StayRow, affected_by, visited
from wangge.stays.types import ArrivalLink, ArrivalResult

WINDOW_DAYS, LEAST_HOURS = 15, 2  # 在受影响地区停留两小时以上，十五天内 (Henan 2020)


@door(writes="arrival", act="import")
def import_arrivals(
    access: Access, *, rows: Mapping[int, StayRow], leave_out: Collection[int] = ()
) -> ArrivalResult:
    """Find who of a list, by row number, stayed long enough in an area named by `name_affected_area`; store no others.

    `leave_out` are rows of people who are no arrivals, such as patients: none of their rows counts. The same list
    again adds nothing. Raises BadInput, with its place, for a row that cannot be read.
    """
    emergency, now = standing(access, all_of=(DataSet.ARRIVAL,)), timezone.localtime()
    numbered: dict[str, str] = {}
    keys = {n: numbered.setdefault(_reference(row), f"s{len(numbered)}") for n, row in rows.items()}
    left_out = {keys[number] for number in leave_out}
    areas = list(AffectedArea.objects.filter(emergency_id=emergency.id).order_by("-division", "since"))
    names = [(area.division, area.name) for area in areas]
    told = ((number, visited(row, number, now)) for number, row in rows.items())
    stays = [
        StayIn(keys[number], code, one.start, one.end)
        for number, one in told
        if one.area and (code := affected_by(one.area, names))
    ]
    affected = [Affected(area.division, area.since, area.until) for area in areas]
    found: dict[str, list[Stayed]] = defaultdict(list)
    for one in stayed(
        stays, affected, as_of=timezone.localdate(), window_days=WINDOW_DAYS, least_hours=LEAST_HOURS
    ):
        if one.key not in left_out:
            found[one.key].append(one)
    row_of = {keys[number]: row for number, row in reversed([*rows.items()])}
    _store(emergency, {key: (row_of[key], kept) for key, kept in found.items()}, dict(names))
    return ArrivalResult(len(found), tuple(number for number, key in keys.items() if key in found))


def _reference(row: StayRow) -> str:
    return reference_of(row, f"{row.place}|{row.start}")


def _last_day(until: datetime) -> date:
    return timezone.localdate(until - timedelta(microseconds=1))


def _store(
    emergency: Standing, found: Mapping[str, tuple[StayRow, list[Stayed]]], names: Mapping[str, str]
) -> None:
    key, place = vault(emergency.id), emergency.unlocated
    wanted = {key.token(_reference(row)): (row, told) for row, told in found.values()}
    held = {
        bytes(a.subject_token): a
        for a in Arrival.objects.filter(emergency_id=emergency.id, subject_token__in=list(wanted))
    }
    fresh, changed = [], []
    for token, (row, told) in wanted.items():
        stays = [
            {
                "area": one.area,
                "name": names.get(one.area, one.area),
                "minutes": one.minutes,
                "first": timezone.localdate(one.first_at),
                "last": _last_day(one.last_at),
            }
            for one in told
        ]
        arrival = held.get(token)
        if arrival is None:
            facts = {**facts_of(row), "reference": _reference(row), "person_id": None, "stays": stays}
            fresh.append(
                Arrival(
                    id=new_id(), emergency_id=emergency.id, unit_no=place, subject_token=token,
                    sealed=key.seal_facts(facts), found_at=timezone.now(),
                )
            )  # fmt: skip
        else:
            known = key.unseal_facts(arrival.sealed)
            again = {(s["area"], str(s["last"])): s for s in [*known["stays"], *stays]}
            arrival.sealed = key.seal_facts({**known, "stays": list(again.values())})
            changed.append(arrival)
    Arrival.objects.bulk_create(fresh)
    Arrival.objects.bulk_update(changed, ["sealed"])


@door(writes="arrival", act="link")
def link_arrivals(access: Access, *, links: Iterable[ArrivalLink]) -> int:
    """Say which person of the registry somebody from an affected area is. Returns how many."""
    emergency = standing(access, all_of=(DataSet.ARRIVAL,))
    key = vault(emergency.id)
    wanted = {link.arrival_id: link for link in links}
    rows = {a.id: a for a in Arrival.objects.filter(emergency_id=emergency.id, id__in=list(wanted))}
    for arrival_id, link in wanted.items():
        arrival = rows.get(arrival_id)
        if arrival is None:
            raise NotFound(code="arrival_unknown", zh="没有此人员。", en="There is nobody of that number.")
        facts = key.unseal_facts(arrival.sealed)
        facts["person_id"] = str(link.person_id)
        arrival.sealed, arrival.matched = key.seal_facts(facts), True
        if link.unit_no in access.scope:
            arrival.unit_no = link.unit_no
    Arrival.objects.bulk_update(rows.values(), ["sealed", "matched", "unit_no"])
    return len(wanted)
