"""The line list: patients come in, are matched and placed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any
from uuid import UUID

import orjson
from django.utils import timezone

from wangge.access.vault import vault
from wangge.emergencies.queries import standing
from wangge.emergencies.states import DataSet
from wangge.kernel.access import Access
from wangge.kernel.doors import door
from wangge.kernel.ids import new_id
from wangge.kernel.problems import BadInput, NotFound
from wangge.outbreaks.models import Patient
from wangge.outbreaks.rules.line_list import LineListRow, check_days
from wangge.outbreaks.sealed import seal, unseal
from wangge.outbreaks.types import ImportResult, PlacedPatient

DAYS = ("onset_on", "confirmed_on", "exposed_from", "exposed_until", "died_on")


@door(writes="patient", act="import")
def import_patients(
    access: Access, *, rows: Sequence[LineListRow], batch: UUID | None = None
) -> ImportResult:
    """Bring a line list in under the access's emergency. The same list again changes nothing.

    A patient is known by its number; a row that says something new replaces what the list said before and keeps the
    match to the registry. Raises BadInput, with its place, for a row whose days cannot stand: nothing is then stored.
    """
    emergency = standing(access, all_of=(DataSet.LINE_LIST,))
    today = timezone.localdate()
    for number, row in enumerate(rows, start=1):
        check_days({name: getattr(row, name) for name in DAYS}, today=today, place=f"row {number}")
    key = vault(emergency.id)
    held = {bytes(p.no_blind): p for p in Patient.objects.filter(emergency_id=emergency.id)}
    fresh: list[Patient] = []
    changed: list[Patient] = []
    ids: list[UUID] = []
    seen: set[bytes] = set()
    place = emergency.unlocated
    for number, row in enumerate(rows, start=1):
        blind = key.blind("patient_no", row.patient_no)
        if blind in seen:
            raise BadInput(
                code="patient_no_twice",
                zh="同一病例编号在名单中出现两次。",
                en="One patient number stands twice in the list.",
                place=f"row {number}",
            )
        seen.add(blind)
        facts = _facts(row)
        digest = key.blind("patient", orjson.dumps(facts, option=orjson.OPT_SORT_KEYS).decode())
        patient = held.get(blind)
        if patient is not None and bytes(patient.digest) == digest:
            ids.append(patient.id)
            continue
        id_blind = key.blind("id_no", row.id_no) if row.id_no else None
        if patient is None:
            patient = Patient(
                id=new_id(),
                emergency_id=emergency.id,
                position=len(held) + len(fresh) + 1,
                unit_no=place,
                no_blind=blind,
                imported_at=timezone.now(),
            )
            fresh.append(patient)
        else:
            facts["person_id"] = unseal(emergency.id, patient.sealed).get("person_id")
            changed.append(patient)
        patient.id_blind, patient.digest, patient.batch = id_blind, digest, batch
        patient.sealed = seal(emergency.id, facts)
        ids.append(patient.id)
    Patient.objects.bulk_create(fresh)
    Patient.objects.bulk_update(changed, ["id_blind", "digest", "sealed", "batch"])
    return ImportResult(len(fresh), len(changed), len(rows) - len(fresh) - len(changed), tuple(ids))


@door(writes="patient", act="place")
def place_patients(access: Access, *, placed: Sequence[PlacedPatient]) -> int:
    """Say which person of the registry a patient is, and where they live. Returns how many were placed.

    A home outside the access's territory is not written: such a patient stays with the area's unlocated ones.
    """
    emergency = standing(access, all_of=(DataSet.LINE_LIST,))
    key = vault(emergency.id)
    rows = {
        p.id: p
        for p in Patient.objects.filter(emergency_id=emergency.id, id__in=[p.patient_id for p in placed])
    }
    for one in placed:
        patient = _known(rows.get(one.patient_id))
        if one.unit_no in access.scope:
            patient.unit_no = one.unit_no
        if one.person_id is not None:
            facts = unseal(emergency.id, patient.sealed)
            facts["person_id"] = str(one.person_id)
            patient.sealed = seal(emergency.id, facts)
            patient.person_token = key.token(f"person:{one.person_id}")  # as a contact's reference
    Patient.objects.bulk_update(rows.values(), ["unit_no", "sealed", "person_token"])
    return len(placed)


def _known(patient: Patient | None) -> Patient:
    if patient is None:
        raise NotFound(code="patient_unknown", zh="没有此病例。", en="There is no such patient.")
    return patient


def _facts(row: LineListRow) -> dict[str, Any]:
    facts = asdict(row)
    source = facts.pop("source")
    facts["infection_source"] = source["text"]
    facts["source_patient_nos"] = source["patient_nos"]
    facts["source_kinds"] = source["kinds"]
    return facts
