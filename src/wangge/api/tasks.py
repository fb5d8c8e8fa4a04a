"""A worker's tasks and visits; visits are safe to send again."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from ninja import Router, Schema

from wangge.api.answers import answer
from wangge.api.entering import access_of
from wangge.field.queries import forms
from wangge.field.types import FoundDifferent, SubmittedVisit
from wangge.flows.visits import submit
from wangge.tasks import queries

router = Router()


class DifferenceIn(Schema):
    """A fact found different at the door."""

    field: str
    new: str
    old: str = ""


class VisitIn(Schema):
    """A visit as the phone sends it; `client_id` is made on the phone, and the same one counts once."""

    client_id: UUID
    form: str
    started_at: datetime
    ended_at: datetime
    saw_person: bool
    saw_dwelling: bool
    saw_state: bool
    form_version: str = ""
    task_id: UUID | None = None
    unit_no: int | None = None
    emergency: UUID | None = None
    person_id: UUID | None = None
    dwelling_id: UUID | None = None
    answers: dict[str, Any] = {}
    observations: str = ""
    corrections: list[DifferenceIn] = []
    device: str = ""


@router.get("/tasks", summary="My tasks in walking order")
def mine(request: HttpRequest) -> HttpResponse:
    return answer(queries.my_tasks(access_of(request)))


@router.get("/forms", summary="The forms of visits")
def all_forms(request: HttpRequest) -> HttpResponse:
    return answer(forms(access_of(request)))


@router.post("/visits", summary="Hand visits in; one receipt each, in order")
def hand_in(request: HttpRequest, body: list[VisitIn]) -> HttpResponse:
    visits = [
        SubmittedVisit(
            **v.model_dump(exclude={"corrections"}),
            corrections=tuple(FoundDifferent(c.field, c.new, c.old) for c in v.corrections),
        )
        for v in body
    ]
    return answer(submit(access_of(request), visits=visits))
