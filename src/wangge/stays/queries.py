"""Every read that leaves the room."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from wangge.access.vault import vault
from wangge.emergencies.queries import standing
from wangge.emergencies.states import DataSet
from wangge.kernel.access import Access
from wangge.kernel.doors import door
from wangge.kernel.pages import PAGE_SIZE, Cursor, Page
from wangge.kernel.sealing import Sealer
from wangge.stays.models import AffectedArea, Arrival
from wangge.stays.types import AffectedAreaView, ArrivalFacts, ArrivalView, StayedIn, UnknownArrival


@door(reads="affected_area")
def affected_areas(access: Access, *, emergency_id: UUID) -> tuple[AffectedAreaView, ...]:
    """Areas from which people come, as the emergency's lead named them."""
    rows = AffectedArea.objects.filter(emergency_id=emergency_id).order_by("division", "since")
    return tuple(AffectedAreaView(a.id, a.division, a.name, a.since, a.until, a.ground) for a in rows)


@door(reads="arrival")
def arrivals(
    access: Access, *, matched: bool | None = None, after: str | None = None, size: int = PAGE_SIZE
) -> Page[ArrivalView]:
    """Who stayed two hours or more in an affected area within fifteen days, in the order they were found."""
    emergency = standing(access, all_of=(DataSet.ARRIVAL,))
    rows = Arrival.objects.filter(
        emergency_id=emergency.id, unit_no__range=(access.scope.lo, access.scope.hi)
    )
    if matched is not None:
        rows = rows.filter(matched=matched)
    if cursor := Cursor.decode(after, 1, UUID):
        rows = rows.filter(id__gt=cursor.values[0])
    found, key = list(rows.order_by("id")[: size + 1]), vault(emergency.id)
    more = Cursor((str(found[size - 1].id),)).encode() if len(found) > size else None
    return Page(tuple(_view(key, a) for a in found[:size]), more)


@door(reads="arrival", act="count")
def arrival_count(access: Access) -> int:
    """How many people come from affected areas, in the access's territory."""
    emergency = standing(access)
    return Arrival.objects.filter(
        emergency_id=emergency.id, unit_no__range=(access.scope.lo, access.scope.hi)
    ).count()


@door(reads="arrival", act="match")
def arrivals_to_match(access: Access) -> tuple[UnknownArrival, ...]:
    """People from affected areas who are not yet found in the registry, with what is needed to find them."""
    emergency = standing(access, all_of=(DataSet.ARRIVAL,))
    key = vault(emergency.id)
    rows = Arrival.objects.filter(emergency_id=emergency.id, matched=False).order_by("id")
    told = ((a.id, key.unseal_facts(a.sealed)) for a in rows)
    return tuple(UnknownArrival(i, f["name"], f["id_no"], f["phone"]) for i, f in told)


@door(reads="arrival", act="screen")
def arrival_facts(access: Access) -> tuple[ArrivalFacts, ...]:
    """When each person of the registry among them left the affected areas, and how many hours they stayed."""
    emergency = standing(access)
    key, found = vault(emergency.id), []
    for a in Arrival.objects.filter(emergency_id=emergency.id, matched=True).order_by("id"):
        facts = key.unseal_facts(a.sealed)
        left_on = date.fromisoformat(max(s["last"] for s in facts["stays"]))
        hours = round(sum(s["minutes"] for s in facts["stays"]) / 60, 1)
        found.append(ArrivalFacts(UUID(facts["person_id"]), a.unit_no, left_on, hours))
    return tuple(found)


def _view(key: Sealer, a: Arrival) -> ArrivalView:
    facts = key.unseal_facts(a.sealed)
    return ArrivalView(
        id=a.id,
        person_id=UUID(facts["person_id"]) if facts["person_id"] else None,
        unit_no=a.unit_no,
        name=facts["name"],
        id_no=facts["id_no"],
        phone=facts["phone"],
        matched=a.matched,
        stays=tuple(
            StayedIn(
                s["area"],
                s["name"],
                s["minutes"],
                date.fromisoformat(s["first"]),
                date.fromisoformat(s["last"]),
            )
            for s in facts["stays"]
        ),
        found_at=a.found_at,
    )
