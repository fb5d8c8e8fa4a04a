"""Every read that leaves the room."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from typing import Any, TypeVar
from uuid import UUID

from django.db.models import Model, QuerySet

from wangge.emergencies.queries import standing
from wangge.emergencies.types import Standing
from wangge.kernel.access import Access
from wangge.kernel.doors import door
from wangge.kernel.pages import PAGE_SIZE, Cursor, Page, number
from wangge.kernel.problems import NotFound
from wangge.outbreaks.analysis import Reached, chain, contact_pack, contact_packs
from wangge.outbreaks.carriers import carriers
from wangge.outbreaks.models import (
    CloseContact,
    Exposure,
    Manifest,
    Patient,
)
from wangge.outbreaks.network import Network, network
from wangge.outbreaks.rules.chains import chain_rule
from wangge.outbreaks.rules.joining import Arrival, joined
from wangge.outbreaks.rules.journeys import DEFAULT_RULE
from wangge.outbreaks.sealed import day, person, unseal
from wangge.outbreaks.states import ContactClass, ExposureKind
from wangge.outbreaks.types import (
    ChainNode,
    CloseContactView,
    ContactDetail,
    ContactRuleView,
    DayCount,
    EmergencySummary,
    ExposureFacts,
    ExposureView,
    InfectiousContact,
    PatientView,
    PlacedCase,
    SourceKind,
    TravellerView,
    YieldRow,
)
from wangge.stays.queries import arrival_count, arrival_facts

R = TypeVar("R", bound=Model)
T = TypeVar("T")


def _here(access: Access, e: Standing) -> dict[str, Any]:
    """The access's territory in its emergency, as a filter of rows that have a place."""
    return {"emergency_id": e.id, "unit_no__range": (access.scope.lo, access.scope.hi)}


def _page(rows: QuerySet[R], size: int, view: Callable[[R], T], mark: Callable[[R], int | str]) -> Page[T]:
    found = list(rows[: size + 1])
    more = Cursor((mark(found[size - 1]),)).encode() if len(found) > size else None
    return Page(tuple(map(view, found[:size])), more)


@door(reads="patient")
def patients(access: Access, *, after: str | None = None, size: int = PAGE_SIZE) -> Page[PatientView]:
    """The line list of the access's emergency, in the order it came in."""
    e = standing(access)
    rows = Patient.objects.filter(**_here(access, e))
    if cursor := Cursor.decode(after, 1, number):
        rows = rows.filter(position__gt=cursor.values[0])
    return _page(rows.order_by("position"), size, lambda p: _patient(e.id, p), lambda p: p.position)


@door(reads="patient")
def patient(access: Access, *, patient_id: UUID) -> PatientView:
    """One patient of the access's emergency."""
    e = standing(access)
    found = Patient.objects.filter(id=patient_id, **_here(access, e)).first()
    if found is None:
        raise NotFound(code="patient_unknown", zh="没有此病例。", en="There is no such patient.")
    return _patient(e.id, found)


def _patient(emergency_id: UUID, p: Patient) -> PatientView:
    facts = unseal(emergency_id, p.sealed)
    plain = {
        name: facts[name]
        for name in ("patient_no", "name", "sex", "age", "id_no", "phone", "address", "severity", "outcome")
    }
    return PatientView(
        id=p.id,
        person_id=person(facts.get("person_id")),
        unit_no=p.unit_no,
        onset_on=day(facts["onset_on"]),
        confirmed_on=day(facts["confirmed_on"]),
        exposed_from=day(facts["exposed_from"]),
        exposed_until=day(facts["exposed_until"]),
        died_on=day(facts["died_on"]),
        infection_source=facts["infection_source"],
        source_patient_nos=tuple(facts["source_patient_nos"]),
        source_kinds=tuple(facts["source_kinds"]),
        symptoms=tuple(facts["symptoms"]),
        notes_zh=tuple(facts["notes_zh"]),
        notes_en=tuple(facts["notes_en"]),
        **plain,
    )


@door(reads="patient")
def epidemic_curve(access: Access) -> tuple[DayCount, ...]:
    """Patients in the access's territory by day of onset and of confirmation, every day from the first to the last."""
    e = standing(access)
    onset: Counter[date] = Counter()
    confirmed: Counter[date] = Counter()
    for p in Patient.objects.filter(**_here(access, e)):
        facts = unseal(e.id, p.sealed)
        if began := day(facts["onset_on"]):
            onset[began] += 1
        if sure := day(facts["confirmed_on"]):
            confirmed[sure] += 1
    if not onset and not confirmed:
        return ()
    days = (*onset, *confirmed)
    first, last = min(days).toordinal(), max(days).toordinal()
    every = (date.fromordinal(n) for n in range(first, last + 1))
    return tuple(DayCount(d, onset[d], confirmed[d]) for d in every)


@door(reads="patient", act="place")
def cases_by_place(access: Access) -> tuple[PlacedCase, ...]:
    """Cases of the access's emergency for the colours of areas. Onset counts, or confirmation where there is none.

    Imported is who is said to have travelled and names no local source. A cluster is patients joined by exposures or
    by stated sources; one alone is none.
    """
    e = standing(access)
    net = network(e)
    group = {node: node for node in net.patients}

    def first(node: str) -> str:
        while group[node] != node:
            node = group[node]
        return node

    for link in net.links:
        if link.source in group and link.destination in group:
            group[first(link.destination)] = first(link.source)
    sizes = Counter(map(first, group))
    found = []
    for node, (p, facts) in net.patients.items():
        began = day(facts["onset_on"]) or day(facts["confirmed_on"])
        if began is not None:
            away = SourceKind.TRAVEL in facts["source_kinds"] and not facts["source_patient_nos"]
            cluster = first(node) if sizes[first(node)] > 1 else ""
            found.append(PlacedCase(p.unit_no, began, not away, cluster))
    return tuple(found)


@door(reads="exposure")
def close_contacts(
    access: Access,
    *,
    contact_class: ContactClass | None = None,
    matched: bool | None = None,
    after: str | None = None,
    size: int = PAGE_SIZE,
) -> Page[CloseContactView]:
    """Contacts of the access's emergency, in the order they were found."""
    e = standing(access)
    rows = CloseContact.objects.filter(**_here(access, e))
    if contact_class is not None:
        rows = rows.filter(contact_class=contact_class)
    if matched is not None:
        rows = rows.filter(matched=matched)
    if cursor := Cursor.decode(after, 1, UUID):
        rows = rows.filter(id__gt=cursor.values[0])
    return _page(rows.order_by("id"), size, lambda c: _contact(e.id, c), lambda c: str(c.id))


@door(reads="exposure")
def close_contact(access: Access, *, contact_id: UUID) -> ContactDetail:
    """One contact with every exposure and its reason, nearest first."""
    e = standing(access)
    found = CloseContact.objects.filter(id=contact_id, **_here(access, e)).first()
    if found is None:
        raise NotFound(code="contact_unknown", zh="没有此接触者。", en="There is no such contact.")
    met = Exposure.objects.filter(emergency_id=e.id, contact=found).select_related("patient").order_by("id")
    exposures = [_exposure(e.id, x) for x in met]
    exposures.sort(key=lambda x: -ContactClass(x.contact_class).rank)
    return ContactDetail(_contact(e.id, found), tuple(exposures))


def _contact(emergency_id: UUID, c: CloseContact) -> CloseContactView:
    facts = unseal(emergency_id, c.sealed)
    return CloseContactView(
        id=c.id,
        person_id=person(facts["person_id"]),
        unit_no=c.unit_no,
        name=facts.get("name", ""),
        phone=facts.get("phone", ""),
        contact_class=c.contact_class,
        matched=c.matched,
        last_exposed_on=day(facts["last_exposed_on"]),
        found_at=c.found_at,
    )


def _exposure(emergency_id: UUID, x: Exposure) -> ExposureView:
    facts = unseal(emergency_id, x.sealed)
    return ExposureView(
        id=x.id,
        patient_id=x.patient_id,
        patient_no=unseal(emergency_id, x.patient.sealed)["patient_no"],
        kind=x.kind,
        contact_class=x.contact_class,
        rule=x.rule,
        rule_version=x.rule_version,
        widened=x.widened,
        exposed_on=day(facts["exposed_on"]),
        reason_zh=facts["reason_zh"],
        reason_en=facts["reason_en"],
        via=x.via_id,
        counts_until=day(facts.get("counts_until")),
        overlap_minutes=facts.get("minutes"),
        rows_apart=facts.get("rows"),
    )


@door(reads="exposure", act="match")
def contacts_to_match(access: Access) -> tuple[TravellerView, ...]:
    """Contacts from manifests that are not yet found in the registry, with what is needed to find them."""
    e = standing(access)
    rows = CloseContact.objects.filter(emergency_id=e.id, matched=False).order_by("id")
    told = ((row.id, unseal(e.id, row.sealed)) for row in rows)
    return tuple(TravellerView(i, f["name"], f.get("id_no", ""), f.get("phone", "")) for i, f in told)


@door(reads="exposure", act="match")
def infectious_contacts(access: Access) -> tuple[InfectiousContact, ...]:
    """Close contacts known to the registry who could have passed it on, and when: whose households are to be found."""
    e = standing(access)
    return tuple(
        InfectiousContact(c.contact.id, c.person_id, c.period.since, c.period.until)
        for c in carriers(e, chain_rule())
        if c.person_id is not None
    )


_FACT_OF = {
    ContactClass.CLOSE_CONTACT: "close_contact_on",
    ContactClass.GENERAL_CONTACT: "general_contact_on",
    ContactClass.CONTACT_OF_CONTACT: "contact_of_contact_on",
}


@door(reads="exposure", act="screen")
def exposure_facts(access: Access) -> tuple[ExposureFacts, ...]:
    """For everybody of the registry who is a patient or met one: the latest day of each kind of exposure."""
    e = standing(access)
    days: dict[UUID, dict[str, date]] = {}
    units: dict[UUID, int] = {}

    def note(who: UUID, unit: int, fact: str, on: date | None) -> None:
        units.setdefault(who, unit)
        facts = days.setdefault(who, {})
        if on is not None:
            facts[fact] = max(on, facts.get(fact, on))

    for p in Patient.objects.filter(emergency_id=e.id).exclude(person_token=None):
        facts = unseal(e.id, p.sealed)
        note(UUID(facts["person_id"]), p.unit_no, "patient_confirmed_on", day(facts["confirmed_on"]))
    who_is = {}
    for c in CloseContact.objects.filter(emergency_id=e.id, matched=True):
        facts = unseal(e.id, c.sealed)
        who_is[c.id] = UUID(facts["person_id"])
        units.setdefault(who_is[c.id], c.unit_no)
    for x in Exposure.objects.filter(emergency_id=e.id, contact_id__in=list(who_is)):
        near = ContactClass(x.contact_class)
        at_home = x.kind == ExposureKind.HOUSEHOLD and near is ContactClass.CLOSE_CONTACT
        fact = "household_contact_on" if at_home else _FACT_OF[near]
        who = who_is[x.contact_id]
        note(who, units[who], fact, day(unseal(e.id, x.sealed)["exposed_on"]))
    hours: dict[UUID, float] = {}
    for arrival in arrival_facts(access):
        note(arrival.person_id, arrival.unit_no, "affected_area_left_on", arrival.left_on)
        hours[arrival.person_id] = arrival.hours
    names = (
        "patient_confirmed_on", "household_contact_on", *_FACT_OF.values(), "affected_area_left_on",
    )  # fmt: skip
    return tuple(
        ExposureFacts(
            who, units[who], **{name: facts.get(name) for name in names}, affected_area_hours=hours.get(who)
        )
        for who, facts in days.items()
    )


@door(reads="exposure")
def contact_chain(access: Access, *, patient_id: UUID, back: bool = False) -> tuple[ChainNode, ...]:
    """Whom a patient's chain reaches in time, the nearest first; `back`: who could have infected the patient.

    Contacts, contacts of contacts and the sources that the line list states; a contact who fell ill is one node with
    their own contacts. Of a meeting that lasted days the first and the last day are told to the engine.
    """
    e = standing(access)
    if not Patient.objects.filter(id=patient_id, **_here(access, e)).exists():
        raise NotFound(code="patient_unknown", zh="没有此病例。", en="There is no such patient.")
    net = network(e)
    found = chain(net.links, str(patient_id), back=back)
    arrived = {one.node: Arrival(one.first_on if back else one.last_on, one.distance) for one in found}
    links = ((link.source, link.destination, link.on) for link in net.links)
    beside = joined(str(patient_id), arrived, links, back=back)
    nodes = sorted(((one.node, _node(access, net, one)) for one in found), key=lambda pair: _order(pair[1]))
    place = {key: n for n, (key, _) in enumerate(nodes)}
    return tuple(
        replace(node, joined=key in beside, through=place.get(beside.get(key, ""))) for key, node in nodes
    )


def _order(node: ChainNode) -> tuple[int, bool, int, date]:
    """The nearest first; of one step patients, then close contacts, then the others."""
    rank = ContactClass(node.contact_class).rank if node.contact_class else 0
    return node.distance, node.patient_id is None, -rank, node.first_on


def _node(access: Access, net: Network, one: Reached) -> ChainNode:
    ill, met = net.patients.get(one.node), net.contacts.get(one.node)
    if not any(row and row[0].unit_no in access.scope for row in (ill, met)):
        return ChainNode(one.distance, one.first_on, one.last_on, None, "", None, None, "", None, "")
    told = ill[1] if ill else {}
    also = met[1] if met else {}
    return ChainNode(
        distance=one.distance,
        first_on=one.first_on,
        last_on=one.last_on,
        patient_id=ill[0].id if ill else None,
        patient_no=told.get("patient_no", ""),
        onset_on=day(told.get("onset_on")),
        contact_id=met[0].id if met else None,
        contact_class=met[0].contact_class if met else "",
        person_id=person(told.get("person_id") or also.get("person_id")),
        name=told.get("name") or also.get("name", ""),
    )


@door(reads="exposure", act="count")
def contact_yield(access: Access) -> tuple[YieldRow, ...]:
    """For each kind of contact: how many people it found, and how many of them are on the line list now.

    Recognised by references alone: nothing is unsealed.
    """
    e = standing(access)
    on_list = list(Patient.objects.filter(emergency_id=e.id).values_list("person_token", "id_blind"))
    known = {bytes(token) for pair in on_list for token in pair if token is not None}
    references = CloseContact.objects.filter(**_here(access, e)).values_list(
        "id", "subject_token", "id_blind"
    )
    ill = {c: any(t is not None and bytes(t) in known for t in told) for c, *told in references}
    met = Exposure.objects.filter(emergency_id=e.id).values_list("kind", "contact_class", "contact_id")
    found = [(kind, near, ill[contact]) for kind, near, contact in met.distinct() if contact in ill]
    counts = Counter((kind, near) for kind, near, _ in found)
    later = Counter((kind, near) for kind, near, fell_ill in found if fell_ill)
    order = sorted(counts, key=lambda k: (-ContactClass(k[1]).rank, -counts[k], k[0]))
    return tuple(YieldRow(kind, near, counts[kind, near], later[kind, near]) for kind, near in order)


@door(reads="exposure", act="count")
def emergency_summary(access: Access) -> EmergencySummary:
    """Counts of the access's emergency in its territory; a manifest has no place and counts for all."""
    e = standing(access)
    here = _here(access, e)
    contacts = CloseContact.objects.filter(**here)
    classes = Counter(contacts.values_list("contact_class", flat=True))
    manifests = list(Manifest.objects.filter(emergency_id=e.id).values_list("counts", flat=True))
    return EmergencySummary(
        patients=Patient.objects.filter(**here).count(),
        manifests=len(manifests),
        close_contacts=classes[ContactClass.CLOSE_CONTACT],
        general_contacts=classes[ContactClass.GENERAL_CONTACT],
        contacts_of_contacts=classes[ContactClass.CONTACT_OF_CONTACT],
        unmatched=contacts.filter(matched=False).count(),
        arrivals=arrival_count(access),
        non_contacts_dropped=sum(int(c["non_contacts_dropped"]) for c in manifests),
    )


@door(reads="contact_rule")
def contact_rules(access: Access) -> tuple[ContactRuleView, ...]:
    """The rule packs by which a contact is found, with version and source; the first is the one in use."""
    packs = [contact_pack(code) for code in sorted(contact_packs(), key=lambda code: code != DEFAULT_RULE)]
    return tuple(ContactRuleView(p.code, p.version, p.title_zh, p.title_en, p.source) for p in packs)
