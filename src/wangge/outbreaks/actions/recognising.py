"""Who on a list is a patient, and what tells its other people apart until the registry knows them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from wangge.access.vault import vault
from wangge.emergencies.types import Standing
from wangge.kernel.written import plain
from wangge.outbreaks.analysis import ContactPack
from wangge.outbreaks.models import Patient
from wangge.outbreaks.rules.journeys import Infectious, infectious
from wangge.outbreaks.sealed import day, unseal


class Listed(Protocol):
    """A row that names somebody."""

    @property
    def name(self) -> str: ...
    @property
    def id_no(self) -> str: ...
    @property
    def phone(self) -> str: ...


@dataclass(frozen=True, slots=True)
class Ill:
    """A patient found on a list, and the days on which they could pass it on."""

    patient: Patient
    infectious: Infectious


def id_of(row: Listed) -> str:
    """The identity number in capitals; empty where there is none."""
    return plain(row.id_no).upper()


def reference_of(row: Listed, otherwise: str) -> str:
    """What tells somebody from others until the registry knows them: the number, else name and phone or `otherwise`."""
    if number := id_of(row):
        return f"id_no:{number}"
    return f"traveller:{plain(row.name)}|{plain(row.phone) or otherwise}"


def facts_of(row: Listed) -> dict[str, str]:
    """What is kept of somebody whom the registry does not know yet."""
    return {"name": plain(row.name), "id_no": id_of(row), "phone": plain(row.phone)}


def patients_among(emergency: Standing, rows: Mapping[int, Listed], pack: ContactPack) -> dict[int, Ill]:
    """Rows of patients: by identity number, or by name and phone where the row has no number."""
    key = vault(emergency.id)
    patients = list(Patient.objects.filter(emergency_id=emergency.id))
    facts = {p.id: unseal(emergency.id, p.sealed) for p in patients}
    by_id = {bytes(p.id_blind): p for p in patients if p.id_blind is not None}
    by_name = {
        (facts[p.id]["name"], facts[p.id]["phone"]): p
        for p in patients
        if facts[p.id]["name"] and facts[p.id]["phone"]
    }
    found: dict[int, Ill] = {}
    for number, row in rows.items():
        patient = by_id.get(key.blind("id_no", id_of(row))) if id_of(row) else None
        if patient is None and not id_of(row):
            patient = by_name.get((plain(row.name), plain(row.phone)))
        if patient is not None:
            known = facts[patient.id]
            dates = day(known["onset_on"]), day(known["confirmed_on"])
            found[number] = Ill(patient, infectious(*dates, pack.before_onset))
    return found
