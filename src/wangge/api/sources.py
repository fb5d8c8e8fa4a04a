"""Departments' files: hand in, see the mapping, confirm, admit, put rows right."""

from __future__ import annotations

from datetime import date
from typing import BinaryIO, cast
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from ninja import File, Router, Schema
from ninja.files import UploadedFile

from wangge.api.answers import answer
from wangge.api.entering import access_of
from wangge.sources import actions, queries

router = Router()


class ResourceIn(Schema):
    """A department's table: code, names, whose it is, canonical form, division covered."""

    code: str
    name_zh: str
    name_en: str
    organisation: UUID
    canonical: str
    division: str


class MappingIn(Schema):
    """Column index -> canonical column, or null for "not taken over"; an empty object confirms the proposal."""

    sheet: int | None = None
    columns: dict[int, str | None] = {}


class CellsIn(Schema):
    """Header -> corrected text of a row kept aside."""

    cells: dict[str, str]


class AdmitIn(Schema):
    """`despite` says why a batch is admitted though more than a fifth of its rows would be kept aside."""

    despite: str = ""


@router.get("", summary="Data resources")
def resources(request: HttpRequest) -> HttpResponse:
    return answer(queries.sources(access_of(request)))


@router.post("", summary="Register a data resource")
def register(request: HttpRequest, body: ResourceIn) -> HttpResponse:
    access = access_of(request)
    made = actions.register_source(
        access,
        code=body.code,
        name_zh=body.name_zh,
        name_en=body.name_en,
        organisation=body.organisation,
        schema=body.canonical,
        division=body.division,
        emergency=access.emergency,
    )
    return answer({"id": made}, 201)


@router.post("/{resource}/batches", summary="Hand in a file")
def hand_in(
    request: HttpRequest, resource: str, file: File[UploadedFile], as_of: date | None = None
) -> HttpResponse:
    access = access_of(request)
    batch = actions.receive_file(
        access,
        resource=resource,
        filename=file.name or "",
        stream=cast(BinaryIO, file.file),
        as_of=as_of,
        emergency=access.emergency,
    )
    return answer(batch, 200 if batch.again else 201)


@router.get("/{resource}/batches", summary="Batches of a resource, newest first")
def batches(request: HttpRequest, resource: str, after: str | None = None) -> HttpResponse:
    return answer(queries.batches(access_of(request), resource=resource, cursor=after))


@router.get("/batches/{batch}/sheets", summary="The sheets of a batch and what each column is taken to be")
def sheets(request: HttpRequest, batch: UUID) -> HttpResponse:
    return answer(queries.sheets(access_of(request), batch=batch))


@router.post("/batches/{batch}/mapping", summary="Confirm or change the mapping")
def mapping(request: HttpRequest, batch: UUID, body: MappingIn) -> HttpResponse:
    return answer(
        actions.confirm_mapping(
            access_of(request), batch=batch, sheet=body.sheet, columns=body.columns or None
        )
    )


@router.post("/batches/{batch}/admission", summary="Judge the rows and accept them")
def admission(request: HttpRequest, batch: UUID, body: AdmitIn) -> HttpResponse:
    return answer(actions.admit(access_of(request), batch=batch, despite=body.despite))


@router.get("/batches/{batch}/quarantine", summary="Rows kept aside, with their reasons")
def quarantine(request: HttpRequest, batch: UUID, reason: str = "", after: str | None = None) -> HttpResponse:
    return answer(queries.quarantine(access_of(request), batch=batch, reason=reason, cursor=after))


@router.post("/quarantine/{row}", summary="Correct a row kept aside and admit it")
def correct(request: HttpRequest, row: UUID, body: CellsIn) -> HttpResponse:
    return answer(actions.correct_quarantined(access_of(request), row=row, cells=body.cells))
