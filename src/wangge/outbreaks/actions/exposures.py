"""Exposures and the contacts they make: from households, and from whatever else found that people met."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from uuid import UUID

from django.utils import timezone

from wangge.access.vault import vault
from wangge.emergencies.queries import standing
from wangge.emergencies.states import DataSet
from wangge.emergencies.types import Standing
from wangge.kernel.access import Access
from wangge.kernel.doors import door
from wangge.kernel.ids import new_id
from wangge.kernel.problems import NotFound
from wangge.outbreaks.analysis import Source, Stay, contact_pack, meetings
from wangge.outbreaks.models import CloseContact, Exposure, Patient
from wangge.outbreaks.rules.journeys import DEFAULT_RULE, household_words, infectious
from wangge.outbreaks.sealed import day, seal, unseal
from wangge.outbreaks.states import ContactClass, ExposureKind
from wangge.outbreaks.types import ContactLink, HouseholdExposure, PersonRef
from wangge.outbreaks.when import day_begins, day_ends, last_day

_OF_ITS_DAY = ("sealed", "rule", "rule_version")  # what an exposure found again on a later day takes from it


@dataclass(slots=True)
class Met:
    """One occasion with one patient, ready to be stored."""

    patient_id: UUID
    kind: ExposureKind
    contact_class: ContactClass
    rule: str
    rule_version: str
    exposed_on: date
    occasion: str
    reason_zh: str
    reason_en: str
    widened: str = ""
    via: UUID | None = None  # the close contact met, where it was not the patient
    details: Mapping[str, Any] = field(default_factory=dict)


@dataclass(slots=True)
class ContactIn:
    """A contact, ready to be stored: `reference` is what makes them the same again (a person id, else a number)."""

    reference: str
    unit_no: int
    facts: dict[str, Any]
    person_id: UUID | None = None
    met: list[Met] = field(default_factory=list)


def record_exposures(emergency: Standing, contacts: Iterable[ContactIn]) -> int:
    """Store contacts and their exposures, each once; a contact keeps its nearest class. Returns new exposures.

    An exposure that is on record and lasted longer than was known then gets its later day.
    """
    key = vault(emergency.id)
    wanted = {key.token(contact.reference): contact for contact in contacts}
    held = {
        bytes(c.subject_token): c
        for c in CloseContact.objects.select_for_update().filter(
            emergency_id=emergency.id, subject_token__in=list(wanted)
        )
    }
    now = timezone.now()
    fresh: list[CloseContact] = []
    changed: list[CloseContact] = []
    exposures: list[Exposure] = []
    for token, contact in wanted.items():
        row = held.get(token)
        last = max(m.exposed_on for m in contact.met)
        nearest = max((m.contact_class for m in contact.met), key=lambda c: c.rank)
        if row is None:
            facts = {**contact.facts, "reference": contact.reference, "last_exposed_on": last}
            facts["person_id"] = str(contact.person_id) if contact.person_id else None
            row = CloseContact(
                id=new_id(),
                emergency_id=emergency.id,
                unit_no=contact.unit_no,
                subject_token=token,
                contact_class=nearest,
                id_blind=key.blind("id_no", number) if (number := contact.facts.get("id_no")) else None,
                matched=contact.person_id is not None,
                sealed=seal(emergency.id, facts),
                found_at=now,
            )
            fresh.append(row)
        else:
            facts = unseal(emergency.id, row.sealed)
            before = day(facts["last_exposed_on"]) or last
            nearest = max(nearest, ContactClass(row.contact_class), key=lambda c: c.rank)
            if nearest != row.contact_class or last > before:
                facts["last_exposed_on"] = max(last, before)
                row.contact_class, row.sealed = nearest, seal(emergency.id, facts)
                changed.append(row)
        exposures += [
            _exposure(emergency, row, met, key.blind("occasion", met.occasion)) for met in contact.met
        ]
    CloseContact.objects.bulk_create(fresh)
    CloseContact.objects.bulk_update(changed, ["contact_class", "sealed"])
    return _store(emergency, exposures, [c.id for c in held.values()])


def _store(emergency: Standing, exposures: Iterable[Exposure], held: list[UUID]) -> int:
    """Add exposures that are not on record, and move those that are to a later day. Returns how many were new."""
    known = {
        (e.contact_id, e.patient_id, bytes(e.occasion)): e
        for e in Exposure.objects.filter(emergency_id=emergency.id, contact_id__in=held)
    }
    fresh: dict[tuple[UUID, UUID, bytes], Exposure] = {}
    later: list[Exposure] = []
    for exposure in exposures:
        where = exposure.contact_id, exposure.patient_id, bytes(exposure.occasion)
        before = known.get(where)
        if before is None:
            fresh.setdefault(where, exposure)
        elif _until(emergency, exposure) > _until(emergency, before):
            for name in _OF_ITS_DAY:
                setattr(before, name, getattr(exposure, name))
            later.append(before)
    Exposure.objects.bulk_create(fresh.values())
    Exposure.objects.bulk_update(later, _OF_ITS_DAY, batch_size=1_000)
    return len(fresh)


def _until(emergency: Standing, exposure: Exposure) -> str:
    return str(unseal(emergency.id, exposure.sealed)["exposed_on"])


def _exposure(emergency: Standing, contact: CloseContact, met: Met, occasion: bytes) -> Exposure:
    facts: dict[str, Any] = {
        **met.details,
        "exposed_on": met.exposed_on,
        "reason_zh": met.reason_zh,
        "reason_en": met.reason_en,
    }
    return Exposure(
        id=new_id(),
        emergency_id=emergency.id,
        contact=contact,
        patient_id=met.patient_id,
        via_id=met.via,
        kind=met.kind,
        contact_class=met.contact_class,
        rule=met.rule,
        rule_version=met.rule_version,
        widened=met.widened,
        occasion=occasion,
        sealed=seal(emergency.id, facts),
        recorded_at=timezone.now(),
    )


@door(writes="exposure", act="record")
def record_household_exposures(access: Access, *, households: Sequence[HouseholdExposure]) -> int:
    """Everybody in a patient's household meets them, by the rule pack, until the day the patient was confirmed.

    The members come from the registry and are handed in. Returns how many exposures were new. A patient who is
    already on the line list is not made a contact of another member's.
    """
    emergency = standing(access, all_of=(DataSet.HOUSEHOLD,))
    key = vault(emergency.id)
    patients = {
        p.id: p
        for p in Patient.objects.filter(emergency_id=emergency.id, id__in=[h.patient_id for h in households])
    }
    ill = {
        bytes(p.person_token)
        for p in Patient.objects.filter(emergency_id=emergency.id)
        if p.person_token is not None
    }
    pack = contact_pack(DEFAULT_RULE)
    stays: list[Stay] = []
    sources: list[Source] = []
    members: dict[str, PersonRef] = {}
    for number, household in enumerate(households):
        patient = patients.get(household.patient_id)
        if patient is None:
            raise NotFound(code="patient_unknown", zh="没有此病例。", en="There is no such patient.")
        known = unseal(emergency.id, patient.sealed)
        days = infectious(day(known["onset_on"]), day(known["confirmed_on"]), pack.before_onset)
        until = days.until or timezone.localdate()
        since = min(days.since or until - pack.before_onset, until)
        span = day_begins(since), day_ends(until)
        at_home = {
            f"m{m.person_id}": m for m in household.members if key.token(f"person:{m.person_id}") not in ill
        }
        members |= at_home
        sources.append(Source(f"p{number}", *span))
        stays += [Stay(who, f"h{number}", "household", *span) for who in (f"p{number}", *at_home)]
    contacts: dict[UUID, ContactIn] = {}
    for met in meetings(stays, sources, pack):
        if met.key not in members:
            continue
        member = members[met.key]
        first, last = timezone.localdate(met.first_at), last_day(met.last_at)
        zh, en = household_words((met.zh, met.en), first, last)
        contacts.setdefault(
            member.person_id,
            ContactIn(f"person:{member.person_id}", member.unit_no, {"name": ""}, member.person_id),
        ).met.append(
            Met(
                patient_id=households[int(met.source[1:])].patient_id,
                kind=ExposureKind.HOUSEHOLD,
                contact_class=met.contact_class,
                rule=met.rule,
                rule_version=pack.version,
                exposed_on=last,
                occasion="household",
                reason_zh=zh,
                reason_en=en,
                details={"exposed_from": first, "minutes": met.minutes},
            )
        )
    return record_exposures(emergency, contacts.values())


@door(writes="exposure", act="link")
def link_contacts(access: Access, *, links: Sequence[ContactLink]) -> int:
    """Say which person of the registry a traveller is. One person met twice becomes one contact. Returns how many."""
    emergency = standing(access, any_of=(DataSet.MANIFEST, DataSet.VENUE))
    key = vault(emergency.id)
    rows = {
        c.id: c
        for c in CloseContact.objects.select_for_update().filter(
            emergency_id=emergency.id, id__in=[link.contact_id for link in links]
        )
    }
    for link in links:
        row = rows.get(link.contact_id)
        if row is None:
            raise NotFound(code="contact_unknown", zh="没有此接触者。", en="There is no such contact.")
        reference = f"person:{link.person_id}"
        token = key.token(reference)
        facts = unseal(emergency.id, row.sealed)
        facts["person_id"] = str(link.person_id)
        other = (
            CloseContact.objects.filter(emergency_id=emergency.id, subject_token=token)
            .exclude(id=row.id)
            .first()
        )
        if other is not None:
            facts = _merge(emergency, row, other, facts)
        row.sealed = seal(emergency.id, facts)
        row.subject_token, row.matched = token, True
        if link.unit_no in access.scope:
            row.unit_no = link.unit_no
        row.save(update_fields=["sealed", "subject_token", "id_blind", "unit_no", "matched", "contact_class"])
    return len(links)


def _merge(
    emergency: Standing, row: CloseContact, other: CloseContact, facts: dict[str, Any]
) -> dict[str, Any]:
    """Two contacts turn out to be one person: `row` takes the exposures and the nearest class of `other`."""
    theirs = unseal(emergency.id, other.sealed)
    row.id_blind = row.id_blind or other.id_blind
    row.contact_class = max(
        ContactClass(row.contact_class), ContactClass(other.contact_class), key=lambda c: c.rank
    )
    days = [d for d in (facts["last_exposed_on"], theirs["last_exposed_on"]) if d]
    mine = {
        (e.patient_id, bytes(e.occasion))
        for e in Exposure.objects.filter(emergency_id=emergency.id, contact=row)
    }
    for exposure in Exposure.objects.filter(emergency_id=emergency.id, contact=other):
        if (exposure.patient_id, bytes(exposure.occasion)) not in mine:
            exposure.contact = row
            exposure.save(update_fields=["contact"])
    Exposure.objects.filter(emergency_id=emergency.id, via=other).update(via=row)
    other.delete()
    Exposure.objects.filter(emergency_id=emergency.id, via=row, contact=row).delete()
    return {**theirs, **{k: v for k, v in facts.items() if v}, "last_exposed_on": max(days)}
