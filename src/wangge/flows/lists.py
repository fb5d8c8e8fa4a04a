"""An emergency's lists come in as files of the room `sources`, like any other, and go on to `outbreaks` as rows."""

from __future__ import annotations

from uuid import UUID

from django.db import transaction
from django.utils import timezone

from wangge.access.actions import enter_system
from wangge.outbreaks.actions import import_manifest, import_patients
from wangge.outbreaks.actions import import_stays as import_stay_rows
from wangge.outbreaks.queries import infectious_contacts
from wangge.outbreaks.types import (
    ImportResult,
    LineList,
    ManifestResult,
    StayResult,
    line_list_of,
    passengers_of,
)
from wangge.registry.queries import match_id_numbers
from wangge.sources.actions import spend_batch
from wangge.sources.queries import accepted_rows
from wangge.stays.types import stays_of

PURPOSE = "epidemic_response"


def import_line_list(emergency: UUID, batch: UUID) -> tuple[ImportResult, LineList]:
    """Bring an accepted batch of patients in; rows that cannot stand are told with their place."""
    access = enter_system(name="line-list", purpose=PURPOSE, emergency=emergency)
    rows = accepted_rows(access, batch=batch).frame().to_dicts()
    read = line_list_of(rows, today=timezone.localdate())
    return import_patients(access, rows=read.rows, batch=batch), read


@transaction.atomic
def import_train_manifest(emergency: UUID, batch: UUID) -> ManifestResult:
    """Find who of an accepted manifest met a patient; the others are counted, never stored, and their rows removed.

    The file goes with them, unless rows of it wait in quarantine or neither a patient nor a close contact who could
    have passed it on was found aboard: then the line list may have to come in first, and the manifest be read again.
    """
    access = enter_system(name="manifest", purpose=PURPOSE, emergency=emergency)
    rows = passengers_of(accepted_rows(access, batch=batch).frame().to_dicts())
    numbers = {row.id_no.strip().upper() for row in rows if row.id_no.strip()}
    known = match_id_numbers(access, numbers=tuple(numbers)) if infectious_contacts(access) else {}
    result = import_manifest(access, rows=rows, batch=batch, persons=known)
    if result.patients_aboard or result.contacts_aboard:
        spend_batch(access, batch=batch)
    return result


@transaction.atomic
def import_stays(emergency: UUID, batch: UUID) -> StayResult:
    """Find who of registered stays met a patient or comes from an affected area; the others' rows are removed.

    The file goes with them where anybody was found: till then the line list or the affected areas may come first.
    """
    access = enter_system(name="stays", purpose=PURPOSE, emergency=emergency)
    rows = stays_of(accepted_rows(access, batch=batch).frame().to_dicts())
    result = import_stay_rows(access, rows=rows, batch=batch)
    if result.patients_found or result.arrivals:
        spend_batch(access, batch=batch)
    return result
