"""Persons of the registry."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from ninja import Field, Router, Schema

from wangge.api.answers import answer
from wangge.api.entering import access_of
from wangge.kernel.pages import PAGE_SIZE
from wangge.registry import queries

router = Router()


class SearchIn(Schema):
    """Whom to look for: in the body, so that no name or number stands in an address or its logs."""

    text: str = Field(max_length=100)
    after: str | None = None
    size: int = Field(PAGE_SIZE, ge=1, le=200)


@router.post("/search", summary="Search by name, pinyin, identity number or phone")
def search(request: HttpRequest, body: SearchIn) -> HttpResponse:
    """The words go in the body; a page's `next` goes back as `after`."""
    return answer(
        queries.search_persons(access_of(request), text=body.text, after=body.after, size=body.size)
    )


@router.get("/{person_id}", summary="One person with the source of every field")
def person(request: HttpRequest, person_id: UUID) -> HttpResponse:
    return answer(queries.person(access_of(request), person_id=person_id))
