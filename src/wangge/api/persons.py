"""Persons of the registry."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from ninja import Router

from wangge.api.answers import answer
from wangge.api.entering import access_of
from wangge.registry import queries

router = Router()


@router.get("", summary="Search by name, pinyin, identity number or phone")
def search(request: HttpRequest, q: str, after: str | None = None) -> HttpResponse:
    return answer(queries.search_persons(access_of(request), text=q, after=after))


@router.get("/{person_id}", summary="One person with the source of every field")
def person(request: HttpRequest, person_id: UUID) -> HttpResponse:
    return answer(queries.person(access_of(request), person_id=person_id))
