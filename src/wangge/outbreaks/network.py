"""Who met whom under an emergency, as dated links between people: what chains are traced over."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from wangge.emergencies.types import Standing
from wangge.outbreaks.analysis import Link
from wangge.outbreaks.models import CloseContact, Exposure, Patient
from wangge.outbreaks.sealed import day, unseal


@dataclass(slots=True)
class Network:
    """Links between nodes; a node is a patient, a contact, or both: a contact who fell ill is one."""

    links: list[Link] = field(default_factory=list)
    patients: dict[str, tuple[Patient, dict[str, Any]]] = field(default_factory=dict)
    contacts: dict[str, tuple[CloseContact, dict[str, Any]]] = field(default_factory=dict)


def network(emergency: Standing) -> Network:
    """Every exposure, and every source that the line list states for a patient on it.

    Row-level security shows an access only those who live in its territory: others stay as nodes without a name, and
    that one of them fell ill, or what the line list states of them, is not known here.
    """
    net = Network()
    by_person: dict[str, str] = {}
    by_number: dict[str, str] = {}
    by_no: dict[str, str] = {}
    for patient in Patient.objects.filter(emergency_id=emergency.id).order_by("position"):
        facts, node = unseal(emergency.id, patient.sealed), str(patient.id)
        net.patients[node] = patient, facts
        by_no[facts["patient_no"]] = node
        by_person |= {facts["person_id"]: node} if facts.get("person_id") else {}
        by_number |= {facts["id_no"]: node} if facts["id_no"] else {}
    node_of: dict[UUID, str] = {}
    for contact in CloseContact.objects.filter(emergency_id=emergency.id).order_by("id"):
        facts = unseal(emergency.id, contact.sealed)
        ill = by_person.get(facts["person_id"] or "") or by_number.get(facts.get("id_no") or "")
        node_of[contact.id] = node = ill or str(contact.id)
        net.contacts[node] = contact, facts
    for met in Exposure.objects.filter(emergency_id=emergency.id).order_by("id"):
        facts = unseal(emergency.id, met.sealed)
        node = node_of.get(met.contact_id, str(met.contact_id))
        source = node_of.get(met.via_id, str(met.via_id)) if met.via_id else str(met.patient_id)
        last = day(facts["exposed_on"])
        for on in {day(facts.get("exposed_from")) or last, last}:
            if on is not None and source != node:
                net.links.append(Link(source, node, on))
    for node, (_, facts) in net.patients.items():
        on = day(facts["exposed_until"]) or day(facts["exposed_from"]) or day(facts["onset_on"])
        for number in facts["source_patient_nos"]:
            if on is not None and number in by_no and by_no[number] != node:
                net.links.append(Link(by_no[number], node, on))
    return net
