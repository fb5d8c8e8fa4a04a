"""The room's port to the engine: files of questions, the canonical column a question is about, what nobody may ask."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import BinaryIO

from wangge.kernel.problems import BadInput
from wangge_engine.columns import load_schema, propose, refuse_by_cells, refuse_by_header, vocabulary
from wangge_engine.frame.problems import Refused
from wangge_engine.reading import open_file

ROWS_AT_MOST = 2_000
SURE = 0.9
_ASIDE = re.compile(
    r"^(请问|请填写|请输入|请选择|填写)?(您|你|本人|其)?(家庭|个人)?的?|(是多少|是什么|是哪里|是哪天|为何|情况如何|吗|呢)*[？?：:。]*$"
    r"|^(what is|please give|please enter|enter) (your |the )?|[?:.]+$",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class FileSheet:
    """One sheet of an uploaded file: its name and its rows as text, each with its number in the file."""

    name: str
    rows: tuple[tuple[int, tuple[str, ...]], ...]


@contextmanager
def _house_words() -> Iterator[None]:
    try:
        yield
    except Refused as refused:
        told = refused.problems[0]
        raise BadInput(code=told.code, zh=told.zh, en=told.en, place=told.place) from refused


def sheets_of(stream: BinaryIO, filename: str) -> tuple[FileSheet, ...]:
    """All sheets of an xlsx, xls or csv file. Raises BadInput for a file that holds no table, or too many rows."""
    found = []
    with _house_words():
        for sheet in open_file(stream, filename).sheets:
            rows: list[tuple[int, tuple[str, ...]]] = []
            for row in sheet.rows():
                if len(rows) > ROWS_AT_MOST:
                    raise BadInput(
                        code="form_too_long",
                        zh=f"采集表最多 {ROWS_AT_MOST} 行。",
                        en=f"A form holds {ROWS_AT_MOST} rows at most.",
                        place=f"{filename}, {sheet.name}",
                    )
                rows.append((row.no, tuple(cell.strip() for cell in row.cells)))
            found.append(FileSheet(sheet.name, tuple(rows)))
    return tuple(found)


def column_of(*labels: str) -> str:
    """The canonical column that a question is about, by its words; empty where none is surely meant."""
    schema = load_schema("person")
    for label in labels:
        if label in schema.column_names:
            return label
    for label in labels:
        for words in (label.strip(), _ASIDE.sub("", label.strip())):
            proposal = propose([words], [()], schema)[0] if words else None
            if proposal is not None and proposal.column and proposal.confidence >= SURE:
                return proposal.column
    return ""


def forbidden(labels: Sequence[str], answers: Sequence[str] = ()) -> tuple[str, str] | None:
    """What a question asks that nobody may ask (in both languages), by its words or by its choices."""
    for label in labels:
        if label and (refusal := refuse_by_header(0, label)):
            return refusal.zh, refusal.en
    if answers and (refusal := refuse_by_cells(0, "", list(answers))):
        return refusal.zh, refusal.en
    return None


@dataclass(frozen=True, slots=True)
class PersonColumn:
    """A column of the canonical person: its words, how it is answered, and the values it may take with their word."""

    name: str
    zh: str
    en: str
    kind: str
    privacy: str
    values: tuple[tuple[str, str], ...]


def person_columns() -> tuple[PersonColumn, ...]:
    """The columns of the canonical person that a form may ask, in their order."""
    found = []
    for column in load_schema("person").columns:
        try:
            first: dict[str, str] = {}
            for word, value in vocabulary(column.kind).items():
                first.setdefault(value, word)
            values = tuple(first.items())
        except KeyError:
            values = ()
        found.append(PersonColumn(column.name, column.zh, column.en, column.kind, column.privacy, values))
    return tuple(found)
