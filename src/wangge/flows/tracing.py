"""Under an emergency: who on the lists is who in the register, who lives with them, and whom contacts met in turn."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from wangge.access.actions import enter_system
from wangge.emergencies import queries as emergency_queries
from wangge.emergencies.states import DataSet
from wangge.kernel.access import Access
from wangge.outbreaks import actions, queries
from wangge.outbreaks.types import (
    ContactHousehold,
    ContactLink,
    HouseholdExposure,
    PatientView,
    PersonRef,
    PlacedPatient,
)
from wangge.registry.queries import households_of, match_id_numbers, reach
from wangge.stays.actions import link_arrivals
from wangge.stays.queries import arrivals_to_match
from wangge.stays.types import ArrivalLink

PURPOSE = "epidemic_response"


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A step that was not taken, because the declaration does not name the data it needs."""

    data_set: str
    zh: str
    en: str


NO_MANIFEST = LeftOut(
    DataSet.MANIFEST,
    "宣布时未列入“乘客名单”，未将同行旅客与底册比对。",
    "The declaration does not name passenger manifests: travellers were not looked up in the register.",
)
NO_HOUSEHOLD = LeftOut(
    DataSet.HOUSEHOLD,
    "宣布时未列入“同住人员”，未查找病例和密切接触者的同住人。",
    "The declaration does not name households: nobody who lives with a patient or a close contact was looked for.",
)


@dataclass(frozen=True, slots=True)
class Traced:
    """What tracing found: patients and travellers recognised, household contacts added, contacts of contacts too.

    `left_out` names the steps for which the declaration gives no ground, and why; they found nothing.
    """

    patients: int
    patients_placed: int
    travellers_linked: int
    household_contacts: int
    contacts_of_contacts: int
    left_out: tuple[LeftOut, ...] = ()


def tracer(emergency: UUID) -> Access:
    """The system's access under an emergency in force."""
    return enter_system(name="tracing", purpose=PURPOSE, emergency=emergency)


def trace(emergency: UUID) -> Traced:
    """Recognise patients and travellers by identity number, place them, and record their households' exposure.

    Then the next link: who lives with a close contact, while that contact could have passed it on by the rule pack.
    Run after each import; what is known already is not added again. A step that needs data which the declaration
    does not name is left out and said, before the register is asked for it.
    """
    access = tracer(emergency)
    named = emergency_queries.emergency(access, emergency_id=emergency).data_sets
    patients = all_patients(access)
    known = match_id_numbers(access, numbers=tuple(p.id_no for p in patients if p.id_no))
    units = {r.person_id: r.unit_no for r in reach(access, ids=tuple(set(known.values())))}
    placed = [
        PlacedPatient(p.id, units[known[p.id_no]], known[p.id_no])
        for p in patients
        if p.id_no in known and known[p.id_no] in units
    ]
    actions.place_patients(access, placed=placed)
    if DataSet.ARRIVAL in named:
        _link_arrivals(access)
    left_out = tuple(step for step in (NO_MANIFEST, NO_HOUSEHOLD) if step.data_set not in named)
    linked = at_home = further = 0
    if {DataSet.MANIFEST, DataSet.VENUE} & set(named):
        linked = _link_travellers(access)
    if NO_HOUSEHOLD not in left_out:
        at_home = _record_households(access, placed)
        further = _record_contacts_of_contacts(access)
    return Traced(len(patients), len(placed), linked, at_home, further, left_out)


def all_patients(access: Access) -> list[PatientView]:
    """Every patient of the access's emergency."""
    found: list[PatientView] = []
    mark: str | None = None
    while True:
        page = queries.patients(access, after=mark, size=500)
        found.extend(page.rows)
        if page.next is None:
            return found
        mark = page.next


def _link_travellers(access: Access) -> int:
    travellers = queries.contacts_to_match(access)
    known = match_id_numbers(access, numbers=tuple(t.id_no for t in travellers if t.id_no))
    units = {r.person_id: r.unit_no for r in reach(access, ids=tuple(set(known.values())))}
    links = [
        ContactLink(t.contact_id, known[t.id_no], units[known[t.id_no]])
        for t in travellers
        if t.id_no in known and known[t.id_no] in units
    ]
    actions.link_contacts(access, links=links)
    return len(links)


def _link_arrivals(access: Access) -> None:
    people = arrivals_to_match(access)
    known = match_id_numbers(access, numbers=tuple(a.id_no for a in people if a.id_no))
    units = {r.person_id: r.unit_no for r in reach(access, ids=tuple(set(known.values())))}
    links = [
        ArrivalLink(a.arrival_id, known[a.id_no], units[known[a.id_no]])
        for a in people
        if a.id_no in known and known[a.id_no] in units
    ]
    link_arrivals(access, links=links)


def _record_households(access: Access, placed: list[PlacedPatient]) -> int:
    by_person = {p.person_id: p.patient_id for p in placed if p.person_id is not None}
    pairs = households_of(access, ids=tuple(by_person))
    units = {r.person_id: r.unit_no for r in reach(access, ids=tuple({p.other_id for p in pairs}))}
    members: dict[UUID, list[PersonRef]] = {}
    for pair in pairs:
        if pair.other_id in units:
            members.setdefault(by_person[pair.person_id], []).append(
                PersonRef(pair.other_id, units[pair.other_id])
            )
    return actions.record_household_exposures(
        access,
        households=[HouseholdExposure(patient, tuple(refs)) for patient, refs in sorted(members.items())],
    )


def _record_contacts_of_contacts(access: Access) -> int:
    contacts = {c.person_id: c.contact_id for c in queries.infectious_contacts(access)}
    pairs = households_of(access, ids=tuple(contacts))
    units = {r.person_id: r.unit_no for r in reach(access, ids=tuple({p.other_id for p in pairs}))}
    members: dict[UUID, list[PersonRef]] = {}
    for pair in pairs:
        if pair.other_id in units:
            members.setdefault(contacts[pair.person_id], []).append(
                PersonRef(pair.other_id, units[pair.other_id])
            )
    return actions.record_contacts_of_contacts(
        access, households=[ContactHousehold(contact, tuple(refs)) for contact, refs in members.items()]
    )
