"""Rides as a manifest states them, when a patient could pass it on, and the words of a meeting. No database.

Who is a contact is not decided here: that is the rule pack's (`analysis`), one definition for every kind of place.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from wangge.kernel.problems import BadInput
from wangge.kernel.seats import carriage_of, flight_of, seat_of, train_of
from wangge.kernel.written import day_of, plain
from wangge.outbreaks.rules.canonical import PassengerRow

# Where the patient's own seat is unknown, a pack that counts rows has lost its ground, and the wider pack is taken: the
# protocol's own whole carriage (docs/adr/0014).
DEFAULT_RULE = "cn-2020-rows"
WIDER: Mapping[str, str] = {"cn-2020-rows": "cn-2020-carriage"}
_CREW = ("乘务", "列车员", "机组", "空乘", "司机", "CREW", "STAFF")


@dataclass(frozen=True, slots=True)
class Ride:
    """One passenger's ride. `row`: the seat's row; `crew`: the cell that says who works aboard."""

    key: int
    kind: str  # train or flight
    number: str
    travelled_on: date
    carriage: str
    row: str
    crew: str

    @property
    def place(self) -> str:
        """What tells this vehicle on this day from others."""
        return f"{self.number}|{self.travelled_on}"

    @property
    def unseated(self) -> bool:
        """A train's carriage is stated and the row in it is not, and it is nobody who works there."""
        return self.kind == "train" and bool(self.carriage) and not self.row and not self.crew


def ride_of(row: PassengerRow, number: int, today: date) -> Ride:
    """The ride of a manifest's row. Raises BadInput with its place for a row that cannot be used."""
    place = f"row {number}"
    train, flight = train_of(row.train_no), flight_of(row.train_no)
    if not train and not flight:
        raise BadInput(
            code="train_unknown",
            zh=f"车次或航班号“{row.train_no}”无法识别。",
            en=f'The train or flight number "{row.train_no}" cannot be read.',
            place=place,
        )
    travelled_on = day_of(row.travelled_on, field="travelled_on", place=place)
    if travelled_on is None or travelled_on > today:
        raise BadInput(
            code="travel_date_missing" if travelled_on is None else "date_in_future",
            zh="缺少乘车日期。" if travelled_on is None else f"乘车日期 {travelled_on} 晚于今天。",
            en="The day of travel is missing."
            if travelled_on is None
            else f"The day of travel, {travelled_on}, is after today.",
            place=place,
        )
    if not plain(row.name) and not plain(row.id_no):
        raise BadInput(
            code="passenger_without_name",
            zh="乘客既无姓名也无证件号码。",
            en="The passenger has neither a name nor a number.",
            place=place,
        )
    seat = seat_of(row.seat, aloft=not train)
    said = plain(row.seat).upper()
    return Ride(
        key=number,
        kind="train" if train else "flight",
        number=train or flight,
        travelled_on=travelled_on,
        carriage=carriage_of(row.carriage) if train else "",
        row=str(seat.row) if seat else "",
        crew=next((word for word in _CREW if word in said), ""),
    )


@dataclass(frozen=True, slots=True)
class Infectious:
    """The days on which a patient could pass it on, both included; None is open."""

    since: date | None
    until: date | None

    def __contains__(self, day: object) -> bool:
        return (
            isinstance(day, date)
            and (self.since is None or self.since <= day)
            and (self.until is None or day <= self.until)
        )


def infectious(onset_on: date | None, confirmed_on: date | None, before: timedelta) -> Infectious:
    """From `before` the onset (without symptoms: before confirmation) until the day of confirmation.

    A patient without any date is taken to be infectious; one not confirmed still is.
    """
    start = onset_on or confirmed_on
    if start is None:
        return Infectious(None, None)
    until = max(confirmed_on, start) if confirmed_on else None
    return Infectious(start - before, until)


_THING = {
    "carriage": ("乘客车厢不详", "the passenger's carriage is not known"),
    "patient_carriage": ("病例车厢不详", "the patient's carriage is not known"),
    "seat": ("乘客座位不详", "the passenger's seat is not known"),
    "patient_seat": ("病例座位不详", "the patient's seat is not known"),
}
_AT = {
    "train": ("与病例同车次", "On the same train as a patient"),
    "flight": ("与病例同航班", "On the same flight as a patient"),
}


def widened_by(own: Ride, theirs: Ride) -> str:
    """What is unknown that made a meeting count for a wider rule: whose carriage, or whose seat."""
    if own.kind == "train" and not own.carriage:
        return "carriage"
    if theirs.kind == "train" and not theirs.carriage:
        return "patient_carriage"
    return "seat" if theirs.row else "patient_seat"


def ride_words(kind: str, rule: tuple[str, str], rows: int | None, widened: str) -> tuple[str, str]:
    """Why a ride counts, in both languages: where, by which rule, how far apart, and what is not known."""
    (zh, en), (rule_zh, rule_en) = _AT[kind], rule
    zh, en = f"{zh}：{rule_zh}", f"{en}: {rule_en}"
    if widened:
        thing_zh, thing_en = _THING[widened]
        return f"{zh}；{thing_zh}，按较宽的范围判定，补充后重新判定。", (
            f"{en}; {thing_en}, so the wider class applies until it is stated."
        )
    if rows is not None:
        return f"{zh}；相隔 {rows} 排。", f"{en}; {rows} rows apart."
    return f"{zh}。", f"{en}."


def household_words(rule: tuple[str, str], first: date, last: date) -> tuple[str, str]:
    """Why living together counts, in both languages."""
    return (
        f"与病例同住一户：{rule[0]}（{first} 至 {last}）。",
        f"In one household with a patient: {rule[1]} ({first} to {last}).",
    )


def stay_words(rule: tuple[str, str], place: str, minutes: float) -> tuple[str, str]:
    """Why a stay at one place counts, in both languages."""
    shared = round(minutes)
    return (
        f"与病例同时在“{place}”停留 {shared} 分钟：{rule[0]}。",
        f'At "{place}" for {shared} minutes together with a patient: {rule[1]}.',
    )
