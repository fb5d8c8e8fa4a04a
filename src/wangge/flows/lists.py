"""An emergency's lists come in as files of the room `sources`, like any other, and go on to `outbreaks` as rows."""

from __future__ import annotations

from uuid import UUID

from django.utils import timezone

from wangge.access.actions import enter_system
from wangge.outbreaks.actions import import_manifest, import_patients
from wangge.outbreaks.types import ImportResult, LineList, ManifestResult, PassengerRow, read_line_list
from wangge.sources.queries import accepted_rows

PURPOSE = "epidemic_response"
# canonical columns of `patient` -> what the line list calls them
PATIENT_COLUMNS = {
    "record_id": "patient_no",
    "exposure_from_on": "exposed_from",
    "exposure_to_on": "exposed_until",
    "symptom": "symptoms",
    "source": "infection_source",
}


def import_line_list(emergency: UUID, batch: UUID) -> tuple[ImportResult, LineList]:
    """Bring an accepted batch of patients in; rows that cannot stand are told with their place."""
    access = enter_system(name="line-list", purpose=PURPOSE, emergency=emergency)
    rows = accepted_rows(access, batch=batch).frame().to_dicts()
    read = read_line_list(rows, today=timezone.localdate(), columns=PATIENT_COLUMNS)
    return import_patients(access, rows=read.rows, batch=batch), read


def import_train_manifest(emergency: UUID, batch: UUID) -> ManifestResult:
    """Find who of an accepted manifest met a patient; the others are counted and never stored."""
    access = enter_system(name="manifest", purpose=PURPOSE, emergency=emergency)
    rows = [
        PassengerRow(
            train_no=row["train_no"] or "",
            travelled_on=row["date"] or "",
            carriage=row["carriage"] or "",
            seat=row["seat"] or "",
            name=row["name"] or "",
            id_no=row["id_no"] or "",
            phone=row["phone"] or "",
        )
        for row in accepted_rows(access, batch=batch).frame().to_dicts()
    ]
    return import_manifest(access, rows=rows, batch=batch)
