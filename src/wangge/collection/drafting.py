"""A drafted question made into a row: its field found, refused where it may not be asked. Private to the room."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from uuid import UUID

from wangge.collection.analysis import PersonColumn, column_of, forbidden, person_columns
from wangge.collection.models import FormQuestion
from wangge.collection.rules.asking import AGE, CODE, refusal_of
from wangge.collection.states import QuestionKind, Standing
from wangge.collection.types import NewQuestion
from wangge.kernel.problems import BadInput

QUESTIONS_AT_MOST = 60
_KINDS = {"birth": QuestionKind.DATE, "date": QuestionKind.DATE, "presence": QuestionKind.YES_NO,
          "flag": QuestionKind.YES_NO, "alone": QuestionKind.YES_NO}  # fmt: skip


def _columns() -> dict[str, PersonColumn]:
    return {c.name: c for c in person_columns()}


def field_of(question: NewQuestion) -> str:
    """The canonical column (or "age") that a question is about: as picked, else by its words."""
    if question.field == "age" or any(
        w.strip().rstrip("？?：:") in AGE for w in (question.zh, question.en.lower())
    ):
        return "age"
    if question.field:
        if question.field not in _columns():
            raise BadInput(
                code="field_unknown",
                zh=f"标准格式没有字段“{question.field}”。",
                en=f'The canonical form has no field "{question.field}".',
                place=question.place or question.zh,
            )
        return question.field
    return column_of(*(words for words in (question.zh, question.en) if words))


def _shape(question: NewQuestion, field: str) -> tuple[QuestionKind, list[list[str]]]:
    """How it is answered: a canonical field by its own values, another as drafted."""
    if field == "age":
        return QuestionKind.NUMBER, []
    if field:
        column = _columns()[field]
        if kind := _KINDS.get(column.kind):
            return kind, []
        if column.values:
            return QuestionKind.ONE, [[value, word, value.replace("_", " ")] for value, word in column.values]
        return QuestionKind.TEXT, []
    kind = question.kind or (QuestionKind.ONE if question.choices else QuestionKind.TEXT)
    if kind is QuestionKind.ONE and not question.choices:
        kind = QuestionKind.TEXT
    return kind, [list(choice) for choice in question.choices] if kind is QuestionKind.ONE else []


def _code(question: NewQuestion, field: str, number: int, taken: set[str]) -> str:
    plain = re.sub(r"[^a-z0-9]+", "_", question.en.lower()).strip("_")[:30]
    for code in (field, plain, f"q{number}"):
        if CODE.fullmatch(code) and code not in taken:
            return code
    return f"q{number}_{len(taken)}"


def rows_of(
    form_id: UUID, questions: Iterable[NewQuestion], before: Sequence[FormQuestion] = ()
) -> list[FormQuestion]:
    """The rows of new questions, numbered after those before. A field asked twice is refused the second time."""
    taken, fields = {q.code for q in before}, {q.field for q in before if q.field and not q.refused}
    rows: list[FormQuestion] = []
    start = max((q.number for q in before), default=0)
    for number, question in enumerate(questions, start + 1):
        if not question.zh.strip() and not question.en.strip() and not question.field:
            continue
        field = field_of(question)
        column = _columns().get(field)
        zh = question.zh.strip() or (column.zh if column else question.en.strip())
        en = question.en.strip() or (column.en if column else "")
        kind, choices = _shape(question, field)
        row = FormQuestion(
            form_id=form_id,
            number=number,
            code=_code(question, field, number, taken),
            zh=zh[:200],
            en=en[:200],
            kind=kind.value,
            choices=choices,
            field=field,
            purpose=question.purpose.strip()[:300],
            basis=question.basis.strip()[:300],
            place=question.place[:120],
        )
        taken.add(row.code)
        judge(row, twice=field in fields, medium=question.medium)
        if field and not row.refused:
            fields.add(field)
        rows.append(row)
    if start + len(rows) > QUESTIONS_AT_MOST:
        raise BadInput(
            code="too_many_questions",
            zh=f"一份采集表最多 {QUESTIONS_AT_MOST} 题。",
            en=f"A form holds {QUESTIONS_AT_MOST} questions at most.",
        )
    return rows


def judge(row: FormQuestion, *, twice: bool = False, medium: str = "") -> None:
    """Say whether the question may be asked; a refused one stays, with the reason, and goes to nobody."""
    ban = forbidden((row.zh, row.en, row.code), [word for choice in row.choices for word in choice[1:]])
    refusal = refusal_of(row.purpose, row.basis, ban, row.field, medium)
    if refusal is None and twice:
        refusal = (
            "asked_twice",
            "本表已有同一字段的题目，不重复提问。",
            "This form asks for the same field already; it is not asked twice.",
        )
    row.refused, row.refused_zh, row.refused_en = refusal or ("", "", "")
    row.standing = Standing.REFUSED.value if refusal else ""
