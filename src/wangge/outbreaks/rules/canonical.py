"""From the canonical rows of the sources room to the room's own: patients of a line list, passengers of a manifest."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from wangge.kernel.written import plain
from wangge.outbreaks.rules.line_list import LineList, read_line_list

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
            travelled_on=day if isinstance(day := row.get("date"), date) else plain(day),
            **{
                name: plain(row.get(name))
                for name in ("train_no", "carriage", "seat", "name", "id_no", "phone")
            },
        )
        for row in rows
    ]
