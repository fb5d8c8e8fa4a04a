"""Answers: JSON of frozen views, and problems in both languages."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import orjson
from django.http import HttpRequest, HttpResponse
from ninja import Schema

from wangge.kernel.pages import Page
from wangge.kernel.problems import Problem

_OPTIONS = orjson.OPT_UTC_Z | orjson.OPT_NON_STR_KEYS


class ProblemOut(Schema):
    """What went wrong: a code for programs, a sentence in each language for people, and the place."""

    code: str
    zh: str
    en: str
    place: str = ""


def _plain(value: Any) -> Any:
    if isinstance(value, bytes | memoryview):
        return bytes(value).hex()
    if isinstance(value, frozenset | set):
        return sorted(value)
    return str(value)


def answer(value: Any, status: int = 200) -> HttpResponse:
    """`value` as JSON. Views go straight to text: checking what our own code made would cost twice the time."""
    if isinstance(value, Page):
        value = {"rows": value.rows, "next": value.next, "total": value.total}
    return HttpResponse(
        orjson.dumps(value, default=_plain, option=_OPTIONS), content_type="application/json", status=status
    )


def problem(_: HttpRequest, error: Problem) -> HttpResponse:
    return answer({"code": error.code, "zh": error.zh, "en": error.en, "place": error.place}, error.status)


@dataclass(frozen=True, slots=True)
class Listing:
    """How a page of a list looks: rows, the mark to read on with (null at the end), a capped count."""

    rows: list[Any]
    next: str | None
    total: int | None
