"""Line lists: one row for each patient, from canonical text to values, with what is wrong in a row said.

A row is refused only for what makes it useless (no patient number, a day that is none, a day still to come, days
that cannot follow each other). Everything else is kept and noted: published lists state confirmation before onset
where symptoms came late, and leave ages and types open.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from wangge.kernel.problems import BadInput
from wangge.kernel.written import day_of, plain
from wangge.outbreaks.rules.infection_sources import InfectionSource, infection_source
from wangge.outbreaks.states import Severity, Sex

COLUMNS = (
    *("patient_no", "name", "sex", "age", "id_no", "phone", "address"),
    *("onset_on", "confirmed_on", "exposed_from", "exposed_until", "died_on"),
    *("severity", "infection_source", "symptoms", "outcome", "notes"),
)
_WORDS = tomllib.loads(Path(__file__).with_name("words.toml").read_text("utf-8"))
_SEX = {word: Sex(sex) for sex, words in _WORDS["sex"].items() for word in words}
_SEVERITY = {word: Severity(severity) for severity, words in _WORDS["severity"].items() for word in words}


@dataclass(frozen=True, slots=True)
class LineListRow:
    """One patient as the line list states it. `notes_zh`/`notes_en` say what was odd and kept."""

    patient_no: str
    name: str = ""
    sex: Sex = Sex.UNKNOWN
    age: int | None = None
    id_no: str = ""
    phone: str = ""
    address: str = ""
    onset_on: date | None = None
    confirmed_on: date | None = None
    exposed_from: date | None = None
    exposed_until: date | None = None
    died_on: date | None = None
    severity: Severity = Severity.UNKNOWN
    source: InfectionSource = InfectionSource("", (), ())
    symptoms: tuple[str, ...] = ()
    outcome: str = ""
    notes_zh: tuple[str, ...] = ()
    notes_en: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class LineList:
    """Rows that stand and rows refused, each refusal with its place. No row is in both, none is lost."""

    rows: tuple[LineListRow, ...]
    refused: tuple[tuple[int, BadInput], ...]


def read_line_list(
    rows: Iterable[Mapping[str, object]],
    *,
    today: date,
    columns: Mapping[str, str] | None = None,
    file: str = "",
) -> LineList:
    """A line list from rows of cells. `columns` maps headers to canonical names; canonical names need no map.

    A patient number that stands twice is refused the second time. Row numbers count from 2, the line after the header.
    """
    kept: list[LineListRow] = []
    refused: list[tuple[int, BadInput]] = []
    seen: set[str] = set()
    for number, cells in enumerate(rows, start=2):
        named = {
            (columns or {}).get(key.strip().strip("\ufeff"), key.strip()): cells[key] for key in cells if key
        }
        place = f"{file + ', ' if file else ''}row {number}"
        if not any(plain(value) for value in named.values()):
            continue
        try:
            row = line_list_row(named, today=today, place=place)
            if row.patient_no in seen:
                raise BadInput(
                    code="patient_no_twice",
                    zh=f"病例编号“{row.patient_no}”重复出现。",
                    en=f'The patient number "{row.patient_no}" stands twice.',
                    place=place,
                )
        except BadInput as problem:
            refused.append((number, problem))
        else:
            seen.add(row.patient_no)
            kept.append(row)
    return LineList(tuple(kept), tuple(refused))


def line_list_row(cells: Mapping[str, object], *, today: date, place: str = "") -> LineListRow:
    """One row from canonical cells. Raises BadInput with its place."""
    number = plain(cells.get("patient_no"))
    if not number:
        raise BadInput(
            code="patient_no_missing",
            zh="缺少病例编号。",
            en="The patient number is missing.",
            place=place,
        )
    notes: list[tuple[str, str]] = []
    days = {
        name: day_of(cells.get(name), field=name, place=place)
        for name in ("onset_on", "confirmed_on", "exposed_from", "exposed_until", "died_on")
    }
    check_days(days, today=today, place=place, notes=notes)
    severity_text = plain(cells.get("severity")).lower()
    severity = _SEVERITY.get(severity_text, Severity.UNKNOWN)
    if severity_text and severity is Severity.UNKNOWN:
        notes.append(
            (f"临床分型“{severity_text}”未识别。", f'Severity "{severity_text}" was not recognised.')
        )
    return LineListRow(
        patient_no=number,
        name=plain(cells.get("name")),
        sex=_SEX.get(plain(cells.get("sex")).lower(), Sex.UNKNOWN),
        age=_age(plain(cells.get("age")), notes),
        id_no=plain(cells.get("id_no")).upper(),
        phone=plain(cells.get("phone")),
        address=plain(cells.get("address")),
        severity=severity,
        source=infection_source(plain(cells.get("infection_source")), own_no=number),
        symptoms=tuple(
            s for s in (p.strip().lower() for p in re.split(r"[;,；，、]", plain(cells.get("symptoms")))) if s
        ),
        outcome=plain(cells.get("outcome")),
        notes_zh=tuple(zh for zh, _ in notes),
        notes_en=tuple(en for _, en in notes),
        **days,
    )


def check_days(
    days: Mapping[str, date | None], *, today: date, place: str, notes: list[tuple[str, str]] | None = None
) -> None:
    """Days must have happened and be able to follow each other, or BadInput; what is odd but possible goes to notes."""
    for name, day in days.items():
        if day is not None and day > today:
            raise BadInput(
                code="date_in_future",
                zh=f"“{name}”为 {day}，晚于今天 {today}。",
                en=f'"{name}" is {day}, after today ({today}).',
                place=place,
            )
    for first, second in (
        ("exposed_from", "exposed_until"),
        ("onset_on", "died_on"),
        ("exposed_from", "confirmed_on"),
    ):
        one, other = days.get(first), days.get(second)
        if one is not None and other is not None and one > other:
            raise BadInput(
                code="dates_out_of_order",
                zh=f"日期先后有误：“{first}”为 {one}，晚于“{second}”{other}。",
                en=f'Dates out of order: "{first}" is {one}, after "{second}" {other}.',
                place=place,
            )
    onset, confirmed = days.get("onset_on"), days.get("confirmed_on")
    if notes is not None and onset and confirmed and onset > confirmed:
        notes.append(
            (
                f"发病日期 {onset} 晚于确诊日期 {confirmed}。",
                f"Onset {onset} is after confirmation {confirmed}.",
            )
        )


def _age(text: str, notes: list[tuple[str, str]]) -> int | None:
    if not text:
        return None
    found = re.fullmatch(r"(\d{1,3})(?:\.\d+)?\s*(?:岁|周岁|years?)?", text)
    if found and int(found[1]) <= 130:
        return int(found[1])
    notes.append((f"年龄“{text}”未识别。", f'Age "{text}" was not recognised.'))
    return None
