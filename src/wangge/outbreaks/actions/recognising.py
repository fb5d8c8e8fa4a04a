"""Who on a list is a patient."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from wangge.access.vault import vault
from wangge.emergencies.types import Standing
from wangge.kernel.listed import Listed, id_of
from wangge.kernel.written import plain
from wangge.outbreaks.analysis import ContactPack
from wangge.outbreaks.models import Patient
from wangge.outbreaks.rules.journeys import Infectious, infectious
from wangge.outbreaks.sealed import day, unseal


@dataclass(frozen=True, slots=True)
class Ill:
    """A patient found on a list, and the days on which they could pass it on."""

    patient: Patient
    infectious: Infectious


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
