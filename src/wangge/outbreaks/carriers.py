"""Close contacts who could have passed it on, and when: read from their exposures in one go."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.utils import timezone

from wangge.emergencies.types import Standing
from wangge.outbreaks.models import CloseContact, Exposure
from wangge.outbreaks.rules.chains import ChainRule, Period, infectious_period
from wangge.outbreaks.sealed import day, person, unseal
from wangge.outbreaks.states import ContactClass


@dataclass(frozen=True, slots=True)
class Carrier:
    """A close contact, the patient they met first, and when they could have passed it on."""

    contact: CloseContact
    patient_id: UUID
    person_id: UUID | None
    period: Period


def carriers(emergency: Standing, rule: ChainRule, tokens: Iterable[bytes] | None = None) -> list[Carrier]:
    """All close contacts of the emergency that have such a period, or those of `tokens` only, as they were found."""
    rows = CloseContact.objects.filter(emergency_id=emergency.id, contact_class=ContactClass.CLOSE_CONTACT)
    if tokens is not None:
        rows = rows.filter(subject_token__in=list(tokens))
    contacts = {c.id: c for c in rows.order_by("id")}
    met: dict[UUID, tuple[date, date, UUID]] = {}
    exposures = (
        Exposure.objects.filter(emergency_id=emergency.id, contact_class=ContactClass.CLOSE_CONTACT)
        .order_by("id")
        .values_list("contact_id", "patient_id", "sealed")
    )
    for contact_id, patient_id, sealed in exposures:
        if contact_id not in contacts:
            continue
        facts = unseal(emergency.id, sealed)
        last = day(facts["exposed_on"])
        if last is None:
            continue
        first = day(facts.get("exposed_from")) or last
        known = met.get(contact_id)
        if known is None:
            met[contact_id] = first, last, patient_id
        else:
            nearest = patient_id if first < known[0] else known[2]
            met[contact_id] = min(first, known[0]), max(last, known[1]), nearest
    found = []
    for contact_id, (first, last, patient_id) in met.items():
        contact = contacts[contact_id]
        seen = timezone.localdate(contact.found_at)
        period = infectious_period(first, last, seen, rule)
        if period is not None:
            who = person(unseal(emergency.id, contact.sealed)["person_id"])
            found.append(Carrier(contact, patient_id, who, period))
    return found
