"""Who on a manifest met a patient, by a versioned rule, and why. Everybody else is nobody's business.

The rule is data (packs/*.toml): circles from near to wide. What a seat cannot tell widens the class and is said so
(`widened`), because an unknown seat is not a safe seat; naming the seat later narrows it again.
"""

from __future__ import annotations

import tomllib
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from pathlib import Path

from wangge.kernel.problems import BadInput
from wangge.kernel.seats import Seat, rows_apart
from wangge.outbreaks.states import ContactClass

FOLDER = Path(__file__).with_name("packs")


@dataclass(frozen=True, slots=True)
class Circle:
    """One circle round a patient: a class, and how many rows apart at most (None: the whole carriage)."""

    rule: str
    contact_class: ContactClass
    rows_apart_at_most: int | None
    reason_zh: str
    reason_en: str


@dataclass(frozen=True, slots=True)
class ManifestRule:
    """A versioned rule for one kind of conveyance."""

    code: str
    version: str
    title_zh: str
    title_en: str
    source: str
    valid_from: date
    infectious_days_before_onset: int
    passenger_seat_unknown: ContactClass
    patient_seat_unknown: ContactClass
    carriage_unknown: ContactClass
    circles: tuple[Circle, ...]


@dataclass(frozen=True, slots=True)
class Ride:
    """One passenger's ride. `key` is the caller's reference to the passenger (a row number), never shown."""

    key: int
    train: str
    travelled_on: date
    carriage: str
    seat: Seat | None


@dataclass(frozen=True, slots=True)
class PatientRide:
    """A patient's ride, with the patient's own dates; `onset_on` empty means no symptoms."""

    ride: Ride
    patient: str
    onset_on: date | None
    confirmed_on: date | None


@dataclass(frozen=True, slots=True)
class Met:
    """A passenger met a patient: class, rule, reason; `widened` when something unknown made the class wider."""

    key: int
    patient: str
    contact_class: ContactClass
    rule: str
    rows: int | None
    widened: str
    reason_zh: str
    reason_en: str


@dataclass(frozen=True, slots=True)
class ManifestOutcome:
    """Contacts of a manifest and what was left out, by count only."""

    met: tuple[Met, ...]
    contacts: int
    non_contacts: int
    patients_aboard: int
    patients_outside_window: int


@lru_cache(maxsize=1)
def manifest_rules() -> dict[str, ManifestRule]:
    """The rules that come with the product, by code."""
    found = (_read(path.read_text("utf-8")) for path in sorted(FOLDER.glob("*.toml")))
    return {rule.code: rule for rule in found}


def manifest_rule(code: str) -> ManifestRule:
    """The rule called `code`. Raises BadInput naming the ones there are."""
    rules = manifest_rules()
    if code not in rules:
        raise BadInput(
            code="manifest_rule_unknown",
            zh=f"没有名为“{code}”的判定规则；可用：{'、'.join(rules)}。",
            en=f'There is no rule "{code}"; there are: {", ".join(rules)}.',
            place="rule",
        )
    return rules[code]


def _read(text: str) -> ManifestRule:
    data = tomllib.loads(text)
    circles = tuple(
        Circle(
            rule=row["rule"],
            contact_class=ContactClass(row["class"]),
            rows_apart_at_most=row.get("rows_apart_at_most"),
            reason_zh=row["reason_zh"],
            reason_en=row["reason_en"],
        )
        for row in data["circle"]
    )
    return ManifestRule(
        code=data["id"],
        version=data["version"],
        title_zh=data["title_zh"],
        title_en=data["title_en"],
        source=data["source"],
        valid_from=data["valid_from"],
        infectious_days_before_onset=data["infectious_days_before_onset"],
        passenger_seat_unknown=ContactClass(data["class_when_passenger_seat_unknown"]),
        patient_seat_unknown=ContactClass(data["class_when_patient_seat_unknown"]),
        carriage_unknown=ContactClass(data["class_when_carriage_unknown"]),
        circles=circles,
    )


def infectious_on(patient: PatientRide, day: date, rule: ManifestRule) -> bool:
    """Whether the patient could infect on `day`: from some days before onset (without symptoms: before
    confirmation) until the day of confirmation. A patient without any date is taken to be infectious."""
    start = patient.onset_on or patient.confirmed_on
    if start is None:
        return True
    last = max(patient.confirmed_on or date.max, start)
    return start - timedelta(days=rule.infectious_days_before_onset) <= day <= last


def who_met(rides: Sequence[Ride], patients: Iterable[PatientRide], rule: ManifestRule) -> ManifestOutcome:
    """Who of `rides` met one of `patients` under `rule`. The patients' own rides are not counted as contacts."""
    aboard: dict[tuple[str, date], list[PatientRide]] = defaultdict(list)
    outside, own = 0, set()
    for patient in patients:
        own.add(patient.ride.key)
        if infectious_on(patient, patient.ride.travelled_on, rule):
            aboard[patient.ride.train, patient.ride.travelled_on].append(patient)
        else:
            outside += 1
    met: list[Met] = []
    contacts = 0
    for ride in rides:
        if ride.key in own:
            continue
        found = [
            one
            for patient in aboard.get((ride.train, ride.travelled_on), ())
            if (one := met_by(ride, patient, rule)) is not None
        ]
        contacts += bool(found)
        met += found
    return ManifestOutcome(
        met=tuple(met),
        contacts=contacts,
        non_contacts=len(rides) - contacts - sum(ride.key in own for ride in rides),
        patients_aboard=sum(map(len, aboard.values())),
        patients_outside_window=outside,
    )


_CARRIAGE, _SEAT = ("车厢", "carriage"), ("座位", "seat")
_PASSENGER, _PATIENT = ("乘客", "the passenger"), ("病例", "the patient")


def met_by(ride: Ride, patient: PatientRide, rule: ManifestRule) -> Met | None:
    """How `ride` met `patient` on the same train and day; None when it did not, under `rule`."""
    theirs = patient.ride
    if not ride.carriage or not theirs.carriage:
        unknown = _Unknown(
            "carriage", _CARRIAGE, _PATIENT if ride.carriage else _PASSENGER, rule.carriage_unknown
        )
        return _widened(ride, patient, rule, unknown)
    if ride.carriage != theirs.carriage:
        return None
    apart = rows_apart(ride.seat, theirs.seat)
    if apart is None and any(circle.rows_apart_at_most is not None for circle in rule.circles):
        unknown = (
            _Unknown("patient_seat", _SEAT, _PATIENT, rule.patient_seat_unknown)
            if theirs.seat is None
            else _Unknown("seat", _SEAT, _PASSENGER, rule.passenger_seat_unknown)
        )
        return _widened(ride, patient, rule, unknown)
    for circle in rule.circles:
        limit = circle.rows_apart_at_most
        if limit is None or (apart is not None and apart <= limit):
            words: Mapping[str, object] = {"rows": "?" if apart is None else apart}
            return Met(
                key=ride.key,
                patient=patient.patient,
                contact_class=circle.contact_class,
                rule=circle.rule,
                rows=apart,
                widened="",
                reason_zh=circle.reason_zh.format_map(words),
                reason_en=circle.reason_en.format_map(words),
            )
    return None


@dataclass(frozen=True, slots=True)
class _Unknown:
    """What is not known, in words, whose it is, and the class that follows."""

    code: str
    thing: tuple[str, str]
    whose: tuple[str, str]
    contact_class: ContactClass


def _widened(ride: Ride, patient: PatientRide, rule: ManifestRule, unknown: _Unknown) -> Met:
    (thing_zh, thing_en), (whose_zh, whose_en) = unknown.thing, unknown.whose
    return Met(
        key=ride.key,
        patient=patient.patient,
        contact_class=unknown.contact_class,
        rule=f"{rule.code}.{unknown.code}_unknown",
        rows=None,
        widened=unknown.code,
        reason_zh=f"与病例同车次；{whose_zh}{thing_zh}不详，按较宽的范围判定，补充{thing_zh}后重新判定。",
        reason_en=f"On the same train as a patient; {whose_en}'s {thing_en} is not known, so the wider class applies "
        f"until the {thing_en} is stated.",
    )
