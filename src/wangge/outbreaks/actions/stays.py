"""Registered and declared stays: who shared a place with a patient, and who comes from an affected area."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from uuid import UUID

from django.utils import timezone

from wangge.access.vault import vault
from wangge.emergencies.queries import standing
from wangge.emergencies.states import DataSet
from wangge.emergencies.types import Standing
from wangge.kernel.access import Access
from wangge.kernel.doors import door
from wangge.kernel.ids import new_id
from wangge.kernel.problems import BadInput, Conflict, NotFound
from wangge.kernel.units import interval_of
from wangge.outbreaks.actions.exposures import ContactIn, Met, record_exposures
from wangge.outbreaks.actions.recognising import Ill, facts_of, patients_among, reference_of
from wangge.outbreaks.analysis import (
    Affected,
    ContactPack,
    Source,
    Stay,
    Stayed,
    contact_pack,
    meetings,
    stayed,
)
from wangge.outbreaks.models import AffectedArea, Arrival, Manifest
from wangge.outbreaks.rules.journeys import DEFAULT_RULE
from wangge.outbreaks.rules.stays import StayRow, Visited, affected_by, stay_words, visited
from wangge.outbreaks.sealed import seal, unseal
from wangge.outbreaks.states import ContactClass, ExposureKind
from wangge.outbreaks.types import ContactLink, RefusedRow, StayResult
from wangge.outbreaks.when import day_begins, day_ends, last_day

WINDOW_DAYS, LEAST_HOURS = 15, 2  # 在受影响地区停留两小时以上，十五天内 (Henan 2020)
Rows = Mapping[int, tuple[StayRow, Visited]]


@door(writes="exposure", act="import")
def import_stays(
    access: Access, *, rows: Sequence[StayRow], rule: str = DEFAULT_RULE, batch: UUID | None = None
) -> StayResult:
    """Find who shared a place with a patient (`venue`) and who stayed in an affected area (`arrival`); store no others.

    Each part is done only where the declaration names its data set; Refused where it names neither. The areas are
    those named by `name_affected_area`. The same list again adds nothing. Rows that cannot be read come back.
    """
    emergency = standing(access, any_of=(DataSet.VENUE, DataSet.ARRIVAL))
    named = {DataSet(d) for d in emergency.data_sets} & {DataSet.VENUE, DataSet.ARRIVAL}
    pack, now = contact_pack(rule), timezone.localtime()
    readable: dict[int, tuple[StayRow, Visited]] = {}
    refused: list[RefusedRow] = []
    for number, row in enumerate(rows, start=1):
        try:
            readable[number] = row, visited(row, number, now)
        except BadInput as problem:
            refused.append(RefusedRow(number, problem))
    keys = _keys(readable)
    ill = patients_among(emergency, {n: row for n, (row, _) in readable.items()}, pack)
    met, arrived = set[str](), set[str]()
    nearest: dict[str, ContactClass] = {}
    if DataSet.VENUE in named:
        nearest = _meet(emergency, readable, keys, ill, pack)
        met = set(nearest)
    if DataSet.ARRIVAL in named:
        patients = {keys[number] for number in ill}
        arrived = _arrive(emergency, readable, keys, patients)
    kept = met | arrived
    dropped = sum(keys[n] not in kept and n not in ill for n in readable)
    counts = {"passengers": len(rows), "non_contacts_dropped": dropped, "contacts": len(met)}
    counts["arrivals"] = len(arrived)
    digest = vault(emergency.id).blind("stays", repr((pack.code, pack.version, [*rows])))
    list_, _ = Manifest.objects.update_or_create(
        emergency_id=emergency.id,
        digest=digest,
        defaults={"counts": counts},
        create_defaults={
            "counts": counts, "batch": batch, "rule": pack.code, "rule_version": pack.version,
            "imported_at": timezone.now(), "imported_by": access.actor,
        },
    )  # fmt: skip
    return StayResult(
        list_id=list_.id,
        stays=len(rows),
        patients_found=len({one.patient.id for one in ill.values()}),
        close_contacts=sum(c is ContactClass.CLOSE_CONTACT for c in nearest.values()),
        general_contacts=sum(c is ContactClass.GENERAL_CONTACT for c in nearest.values()),
        arrivals=len(arrived),
        dropped=dropped,
        refused=tuple(refused),
        left_out=tuple(sorted({DataSet.VENUE, DataSet.ARRIVAL} - named)),
    )


def _keys(readable: Rows) -> dict[int, str]:
    """One running key for each person of the list."""
    numbered: dict[str, str] = {}
    return {n: numbered.setdefault(_reference(row), f"s{len(numbered)}") for n, (row, _) in readable.items()}


def _reference(row: StayRow) -> str:
    return reference_of(row, f"{row.place}|{row.start}")


def _meet(
    emergency: Standing, readable: Rows, keys: Mapping[int, str], ill: Mapping[int, Ill], pack: ContactPack
) -> dict[str, ContactClass]:
    """Store who shared a place with a patient; gives the nearest class of each."""
    patient_of = {keys[number]: one for number, one in ill.items()}
    row_of = {keys[number]: row for number, (row, _) in reversed([*readable.items()])}
    stays = [
        Stay(keys[number], f"{one.kind}|{one.place}", one.kind, one.start, one.end)
        for number, (_, one) in readable.items()
        if one.place
    ]
    sources = [
        Source(
            key,
            day_begins(one.infectious.since) if one.infectious.since else None,
            day_ends(one.infectious.until) if one.infectious.until else None,
        )
        for key, one in patient_of.items()
    ]
    found: dict[str, ContactIn] = {}
    for met in meetings(stays, sources, pack):
        if met.key in patient_of:
            continue
        row, place = row_of[met.key], met.place.partition("|")[2]
        zh, en = stay_words((met.zh, met.en), place, met.minutes)
        contact = found.setdefault(met.key, ContactIn(_reference(row), emergency.unlocated, facts_of(row)))
        contact.met.append(
            Met(
                patient_id=patient_of[met.source].patient.id,
                kind=ExposureKind(met.kind),
                contact_class=met.contact_class,
                rule=met.rule,
                rule_version=pack.version,
                exposed_on=last_day(met.last_at),
                occasion=f"{met.place}|{timezone.localdate(met.first_at)}",
                reason_zh=zh,
                reason_en=en,
                details={
                    "place": place,
                    "minutes": met.minutes,
                    "exposed_from": timezone.localdate(met.first_at),
                },
            )
        )
    record_exposures(emergency, found.values())
    return {key: max((m.contact_class for m in c.met), key=lambda one: one.rank) for key, c in found.items()}


def _arrive(emergency: Standing, readable: Rows, keys: Mapping[int, str], patients: set[str]) -> set[str]:
    """Store who stayed long enough in an affected area; patients are no arrivals."""
    areas = list(AffectedArea.objects.filter(emergency_id=emergency.id).order_by("-division", "since"))
    names = [(area.division, area.name) for area in areas]
    stays = [
        Stay(keys[number], code, "", one.start, one.end)
        for number, (_, one) in readable.items()
        if one.area and (code := affected_by(one.area, names))
    ]
    affected = [Affected(area.division, area.since, area.until) for area in areas]
    found: dict[str, list[Stayed]] = defaultdict(list)
    for one in stayed(
        stays, affected, as_of=timezone.localdate(), window_days=WINDOW_DAYS, least_hours=LEAST_HOURS
    ):
        if one.key not in patients:
            found[one.key].append(one)
    row_of = {keys[number]: row for number, (row, _) in reversed([*readable.items()])}
    _store(emergency, {key: (row_of[key], told) for key, told in found.items()}, dict(names))
    return set(found)


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
                "last": last_day(one.last_at),
            }
            for one in told
        ]
        arrival = held.get(token)
        if arrival is None:
            facts = {**facts_of(row), "reference": _reference(row), "person_id": None, "stays": stays}
            fresh.append(
                Arrival(
                    id=new_id(), emergency_id=emergency.id, unit_no=place, subject_token=token,
                    sealed=seal(emergency.id, facts), found_at=timezone.now(),
                )
            )  # fmt: skip
        else:
            known = unseal(emergency.id, arrival.sealed)
            again = {(s["area"], str(s["last"])): s for s in [*known["stays"], *stays]}
            arrival.sealed = seal(emergency.id, {**known, "stays": list(again.values())})
            changed.append(arrival)
    Arrival.objects.bulk_create(fresh)
    Arrival.objects.bulk_update(changed, ["sealed"])


@door(writes="exposure", act="link")
def link_arrivals(access: Access, *, links: Iterable[ContactLink]) -> int:
    """Say which person of the registry somebody from an affected area is. Returns how many."""
    emergency = standing(access, all_of=(DataSet.ARRIVAL,))
    wanted = {link.contact_id: link for link in links}
    rows = {a.id: a for a in Arrival.objects.filter(emergency_id=emergency.id, id__in=list(wanted))}
    for arrival_id, link in wanted.items():
        arrival = rows.get(arrival_id)
        if arrival is None:
            raise NotFound(code="arrival_unknown", zh="没有此人员。", en="There is nobody of that number.")
        facts = unseal(emergency.id, arrival.sealed)
        facts["person_id"] = str(link.person_id)
        arrival.sealed, arrival.matched = seal(emergency.id, facts), True
        if link.unit_no in access.scope:
            arrival.unit_no = link.unit_no
    Arrival.objects.bulk_update(rows.values(), ["sealed", "matched", "unit_no"])
    return len(wanted)


@door(writes="emergency", act="name")
def name_affected_area(
    access: Access,
    *,
    emergency_id: UUID,
    division: str,
    name: str,
    since: date,
    until: date | None = None,
    ground: str = "",
) -> UUID:
    """Name an area where the disease spreads, from when to when and on what ground: stays there are then looked for.

    Lists taken in before are not read again: most of their rows were dropped, as they had to be.
    """
    emergency = standing(access, all_of=(DataSet.ARRIVAL,))
    if emergency.id != emergency_id:
        raise NotFound(code="emergency_unknown", zh="没有此应急事件。", en="There is no such emergency.")
    interval_of(division)
    for field, missing in (("name", not name.strip()), ("ground", not ground.strip())):
        if missing:
            raise BadInput(
                code=f"{field}_missing",
                zh="请填写地区名称和依据的公告。",
                en="Give the area's name and the notice it rests on.",
                place=field,
            )
    if until is not None and until < since:
        raise BadInput(
            code="end_before_start", zh="结束早于开始。", en="The end is before the start.", place="until"
        )
    if AffectedArea.objects.filter(emergency_id=emergency.id, division=division, since=since).exists():
        raise Conflict(
            code="area_named_before",
            zh="该地区自同一天起已列入。",
            en="This area is named from that day already.",
        )
    return AffectedArea.objects.create(
        emergency_id=emergency.id, division=division, name=name.strip(), since=since, until=until,
        ground=ground.strip(), named_at=timezone.now(), named_by=access.actor,
    ).id  # fmt: skip
