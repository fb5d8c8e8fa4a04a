"""From the canonical rows of the sources room to the room's own: patients of a line list, passengers of a manifest."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from wangge.outbreaks.rules.line_list import LineList, plain, read_line_list

# names in contracts/schemas/patient.toml -> names here, where they differ
PATIENT = {
    "record_id": "patient_no",
    "exposure_from_on": "exposed_from",
    "exposure_to_on": "exposed_until",
    "symptom": "symptoms",
    "source": "infection_source",
    "cluster": "notes",
}


@dataclass(frozen=True, slots=True)
class PassengerRow:
    """A passenger as the operator's manifest states it; text as written."""

    train_no: str
    travelled_on: date | str
    carriage: str
    seat: str
    name: str
    id_no: str = ""
    phone: str = ""


def line_list_of(rows: Iterable[Mapping[str, object]], *, today: date) -> LineList:
    """A line list from accepted rows of the form `patient`; what cannot stand comes back with its row."""
    return read_line_list(rows, today=today, columns=PATIENT)


def passengers_of(rows: Iterable[Mapping[str, object]]) -> list[PassengerRow]:
    """Passengers from accepted rows of the form `passenger`; nothing is judged here."""
    return [
        PassengerRow(
            train_no=plain(row.get("train_no")),
            travelled_on=day if isinstance(day := row.get("date"), date) else plain(day),
            carriage=plain(row.get("carriage")),
            seat=plain(row.get("seat")),
            name=plain(row.get("name")),
            id_no=plain(row.get("id_no")),
            phone=plain(row.get("phone")),
        )
        for row in rows
    ]
