"""The ledger, for auditors."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from ninja import Query, Router, Schema

from wangge.api.answers import answer
from wangge.api.entering import access_of
from wangge.ledger import queries

router = Router()


class EntriesIn(Schema):
    """What narrows a list of entries."""

    door: str = ""
    actor: str = ""
    purpose: str = ""
    kind: str = ""
    after: str | None = None


@router.get("/entries", summary="Entries, newest first")
def entries(request: HttpRequest, wanted: Query[EntriesIn]) -> HttpResponse:
    return answer(queries.entries(access_of(request), **wanted.model_dump()))


@router.get("/verification", summary="Check the whole chain now")
def verification(request: HttpRequest) -> HttpResponse:
    found = queries.verify(access_of(request))
    return answer(
        {
            "verified": found.verified,
            "entries": found.entries,
            "sealed": found.sealed,
            "unsealed": found.unsealed,
            "checkpoints": found.checkpoints,
            "unwitnessed": found.unwitnessed,
            "head": found.head,
            "key": found.key,
            "findings": found.findings,
        }
    )
