"""Registered and declared stays: who shared a place with a patient."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from uuid import UUID

from django.utils import timezone

from wangge.access.vault import vault
from wangge.emergencies.queries import standing
from wangge.emergencies.states import DataSet
from wangge.emergencies.types import Standing
from wangge.kernel.access import Access
from wangge.kernel.doors import door
from wangge.kernel.listed import facts_of, reference_of
from wangge.kernel.problems import BadInput
from wangge.outbreaks.actions.exposures import ContactIn, Met, record_exposures
from wangge.outbreaks.actions.recognising import Ill, patients_among
from wangge.outbreaks.analysis import ContactPack, Source, Stay, contact_pack, meetings
from wangge.outbreaks.models import Manifest
from wangge.outbreaks.rules.journeys import DEFAULT_RULE, stay_words
from wangge.outbreaks.states import ContactClass, ExposureKind
from wangge.outbreaks.types import RefusedRow, StayResult
from wangge.outbreaks.when import day_begins, day_ends, last_day
from wangge.stays.actions import import_arrivals
from wangge.stays.types import ArrivalResult, StayRow, Visited, visited

Rows = Mapping[int, tuple[StayRow, Visited]]


@door(writes="exposure", act="import")
def import_stays(
    access: Access, *, rows: Sequence[StayRow], rule: str = DEFAULT_RULE, batch: UUID | None = None
) -> StayResult:
    """Find who shared a place with a patient (`venue`); `stays` finds who comes from an affected area (`arrival`).

    Nobody else is stored. Each part is done only where the declaration names its data set; Refused where it names
    neither. The same list again adds nothing. Rows that cannot be read come back.
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
    met, arrived = set[str](), ArrivalResult(0, ())
    nearest: dict[str, ContactClass] = {}
    if DataSet.VENUE in named:
        nearest = _meet(emergency, readable, keys, ill, pack)
        met = set(nearest)
    if DataSet.ARRIVAL in named:
        listed = {number: row for number, (row, _) in readable.items()}
        arrived = import_arrivals(access, rows=listed, leave_out=tuple(ill))
    kept = met | {keys[number] for number in arrived.rows}
    dropped = sum(keys[n] not in kept and n not in ill for n in readable)
    counts = {"passengers": len(rows), "non_contacts_dropped": dropped, "contacts": len(met)}
    counts["arrivals"] = arrived.people
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
        arrivals=arrived.people,
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
