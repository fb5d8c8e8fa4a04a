"""Emergencies: declare, read what is found, end. Send `X-Wangge-Emergency: <id>` to read its data."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from ninja import Router, Schema

from wangge.api.answers import answer
from wangge.api.entering import access_of
from wangge.flows import emergencies as flow
from wangge.flows import lists, screening, tasking, tracing
from wangge.kernel.problems import BadInput
from wangge.outbreaks import queries
from wangge.outbreaks.states import DataSet, Law, ResponseLevel
from wangge.screening.queries import exposure_counts, exposure_finding, exposure_findings
from wangge.sources.queries import batch as batch_of

router = Router()


class DeclarationIn(Schema):
    """What an emergency needs: basis, areas (division code -> level), purposes, data sets and its END."""

    name: str
    law: Law
    article: str
    areas: dict[str, ResponseLevel]
    data_sets: list[DataSet]
    ends_at: datetime
    purposes: list[str] = ["epidemic_response"]
    instrument: str = ""


class EndIn(Schema):
    """Why it ends now."""

    reason: str = ""


@router.get("", summary="Emergencies, standing and past")
def listing(request: HttpRequest) -> HttpResponse:
    return answer(queries.emergencies(access_of(request)))


@router.post("", summary="Declare an emergency")
def declare(request: HttpRequest, body: DeclarationIn) -> HttpResponse:
    return answer(flow.declare(access_of(request), **body.model_dump()), 201)


@router.get("/{emergency}", summary="One emergency")
def one(request: HttpRequest, emergency: UUID) -> HttpResponse:
    return answer(queries.emergency(access_of(request), emergency_id=emergency))


@router.post("/{emergency}/end", summary="End it, destroy what it gathered, certify that")
def end(request: HttpRequest, emergency: UUID, body: EndIn) -> HttpResponse:
    return answer(flow.end(access_of(request), emergency_id=emergency, reason=body.reason))


@router.post(
    "/{emergency}/lists/{batch}", summary="Take an accepted line list or manifest on; trace, grade, task"
)
def take_on(request: HttpRequest, emergency: UUID, batch: UUID) -> HttpResponse:
    held = batch_of(access_of(request), batch=batch)
    if held.schema == "patient":
        lists.import_line_list(emergency, batch)
    elif held.schema == "passenger":
        lists.import_train_manifest(emergency, batch)
    else:
        raise BadInput(
            code="not_a_list",
            zh="此批次不是病例名单或旅客名单。",
            en="This batch is neither a line list nor a manifest.",
        )
    traced = tracing.trace(emergency)
    run = screening.screen_emergency(emergency)
    return answer({"traced": traced, "screened": run, "tasks": tasking.task_emergency(emergency)})


@router.get("/{emergency}/findings", summary="Findings in force, graded, with reasons")
def findings(request: HttpRequest, emergency: UUID, after: str | None = None) -> HttpResponse:
    access = access_of(request)
    page = exposure_findings(access, after=after)
    return answer({"rows": page.rows, "next": page.next, "counts": exposure_counts(access)})


@router.get(
    "/{emergency}/findings/{finding}", summary="Why: rule, version, facts, what would change it, expiry"
)
def finding(request: HttpRequest, emergency: UUID, finding: UUID) -> HttpResponse:
    return answer(exposure_finding(access_of(request), finding_id=finding))
