"""The next link of the chain: who met a close contact while that contact could have passed it on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from uuid import UUID

from django.utils import timezone

from wangge.access.vault import vault
from wangge.emergencies.queries import standing
from wangge.emergencies.states import DataSet
from wangge.emergencies.types import Standing
from wangge.kernel.access import Access
from wangge.kernel.doors import door
from wangge.outbreaks.actions.exposures import ContactIn, Met, record_exposures
from wangge.outbreaks.analysis import Source, Stay, contact_pack, meetings
from wangge.outbreaks.carriers import Carrier, carriers
from wangge.outbreaks.models import CloseContact, Patient
from wangge.outbreaks.rules.chains import ChainRule, Link, chain_rule, observed_until
from wangge.outbreaks.rules.journeys import DEFAULT_RULE
from wangge.outbreaks.states import ContactClass, ExposureKind
from wangge.outbreaks.types import ContactHousehold, PersonRef
from wangge.outbreaks.when import day_begins, day_ends, last_day


@door(writes="exposure", act="record")
def record_contacts_of_contacts(access: Access, *, households: Sequence[ContactHousehold]) -> int:
    """Everybody in a close contact's household is a contact of a contact, while that contact could have passed it on.

    The members come from the registry and are handed in; the period and what is said come from the versioned rule.
    Patients and close contacts are left out: they are nearer already. A contact who is not on record as close, or was
    found before they could have passed it on, adds nobody. Returns how many exposures were new.
    """
    emergency = standing(access, all_of=(DataSet.HOUSEHOLD,))
    rule = chain_rule()
    by_id = {carrier.contact.id: carrier for carrier in carriers(emergency, rule)}
    nearer = already_nearer(emergency)
    key = vault(emergency.id)
    today = timezone.localdate()
    pack = contact_pack(DEFAULT_RULE)
    stays: list[Stay] = []
    sources: list[Source] = []
    at_home: dict[str, PersonRef] = {}
    carrier_of: dict[str, Carrier] = {}
    for number, household in enumerate(households):
        carrier = by_id.get(household.contact_id)
        if carrier is None:
            continue
        span = day_begins(carrier.period.since), day_ends(min(carrier.period.until, today))
        members = {
            f"m{m.person_id}": m
            for m in household.members
            if key.token(f"person:{m.person_id}") not in nearer and m.person_id != carrier.person_id
        }
        at_home |= members
        carrier_of[f"c{number}"] = carrier
        sources.append(Source(f"c{number}", *span))
        stays += [Stay(who, f"h{number}", "household", *span) for who in (f"c{number}", *members)]
    found: dict[UUID, ContactIn] = {}
    for met in meetings(stays, sources, pack):
        member, on = at_home[met.key], last_day(met.last_at)
        contact = found.setdefault(
            member.person_id,
            ContactIn(f"person:{member.person_id}", member.unit_no, {"name": ""}, member.person_id),
        )
        details = {"minutes": met.minutes, "pack": met.rule}
        contact.met.append(
            met_carrier(carrier_of[met.source], ExposureKind.HOUSEHOLD, rule, rule.household, on, **details)
        )
    return record_exposures(emergency, found.values())


def already_nearer(emergency: Standing) -> frozenset[bytes]:
    """References, as tokens, of everybody who is a patient or a close contact."""
    close = CloseContact.objects.filter(
        emergency_id=emergency.id, contact_class=ContactClass.CLOSE_CONTACT
    ).values_list("subject_token", flat=True)
    ill = Patient.objects.filter(emergency_id=emergency.id).values_list("person_token", flat=True)
    return frozenset(bytes(token) for token in (*close, *ill) if token is not None)


def met_carrier(
    carrier: Carrier, kind: ExposureKind, rule: ChainRule, link: Link, on: date, **details: object
) -> Met:
    """The meeting with a close contact, in the rule's words, until the day `on`."""
    words: Mapping[str, object] = {
        "first": carrier.period.first,
        "since": carrier.period.since,
        "until": on,
        "on": on,
    }
    return Met(
        patient_id=carrier.patient_id,
        kind=kind,
        contact_class=ContactClass.CONTACT_OF_CONTACT,
        rule=link.rule,
        rule_version=rule.version,
        via=carrier.contact.id,
        exposed_on=on,
        occasion=f"via:{carrier.contact.id}:{link.rule}:{details.get('ride', '')}",
        reason_zh=link.reason_zh.format_map(words),
        reason_en=link.reason_en.format_map(words),
        details={
            "contact_met_patient_on": carrier.period.first,
            "exposed_from": carrier.period.since if kind is ExposureKind.HOUSEHOLD else on,
            "counts_until": observed_until(on, rule),
            **details,
        },
    )
