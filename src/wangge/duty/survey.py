"""A door of a campaign on the phone: for each person what is held and what is asked; and the answers."""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass
from uuid import UUID

from django.http import QueryDict
from django.utils.translation import get_language

from wangge.collection.types import PersonAnswers, QuestionView
from wangge.flows.collecting import AtTheDoor
from wangge.kernel.problems import BadInput
from wangge.registry.types import KnownPerson

NEWCOMERS = 2  # rows offered for people the register did not know to live here
_FIELD = re.compile(r"(p|n)_([0-9a-f-]{1,36})_([a-z][a-z0-9_]{0,39})")


@dataclass(frozen=True, slots=True)
class Asked:
    """A question to one person, and the name of its field."""

    view: QuestionView
    name: str
    choices: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class PersonPart:
    """One person behind the door. `known` is None for somebody the register does not know to live here."""

    known: KnownPerson | None
    held: tuple[tuple[str, object], ...]
    asked: tuple[Asked, ...]
    name_field: str = ""


@dataclass(frozen=True, slots=True)
class Survey:
    """The people behind a door with what is asked of each."""

    title: str
    people: tuple[PersonPart, ...]
    newcomers: tuple[PersonPart, ...]


def _chinese() -> bool:
    return (get_language() or "").startswith("zh")


def _asked(question: QuestionView, prefix: str) -> Asked:
    chosen = tuple((code, zh if _chinese() else en or zh) for code, zh, en in question.choices)
    return Asked(question, f"{prefix}_{question.code}", chosen)


def survey_of(door: AtTheDoor) -> Survey:
    """The door as the phone shows it."""
    questions = {q.code: q for q in door.sheet.questions}
    words = {q.field: q.zh if _chinese() else q.en for q in door.sheet.questions if q.field}
    known = {p.person_id: p for p in door.people}
    people = [
        PersonPart(
            known.get(sheet.person_id) if sheet.person_id else None,
            tuple(
                (words.get(v.column, v.column), v.value or v.guarded)
                for v in (known[sheet.person_id].values if sheet.person_id in known else ())
                if v.column != "name" and v.column not in sheet.asked
            ),
            tuple(
                _asked(questions[code], f"p_{sheet.sheet_id}") for code in sheet.asked if code in questions
            ),
        )
        for sheet in door.sheet.sheets
        if not sheet.answered
    ]
    others = [q for q in door.sheet.questions if q.field != "name"]
    newcomers = [
        PersonPart(None, (), tuple(_asked(q, f"n_{n}") for q in others), f"n_{n}_name")
        for n in range(1, NEWCOMERS + 1)
    ]
    return Survey(door.sheet.title, tuple(people), tuple(newcomers))


def answers_of(sent: QueryDict) -> tuple[PersonAnswers, ...]:
    """What was answered, person by person; people of whom nothing was said are left out."""
    said: dict[tuple[str, str], dict[str, str]] = defaultdict(dict)
    for name, value in sent.items():
        found = _FIELD.fullmatch(name)
        if found and str(value).strip():
            said[found[1], found[2]][found[3]] = str(value).strip()
    try:
        return tuple(
            PersonAnswers(values, UUID(key) if kind == "p" else None) for (kind, key), values in said.items()
        )
    except ValueError as error:
        raise BadInput(
            code="id_unreadable", zh="提交内容中的编号无法识别。", en="An id in what was sent cannot be read."
        ) from error
