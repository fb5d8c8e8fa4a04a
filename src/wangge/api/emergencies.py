"""Emergencies: declare, read what is found, end. Send `X-Wangge-Emergency: <id>` to read its data."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from ninja import Router, Schema

from wangge.api.answers import answer
from wangge.api.entering import access_of
from wangge.emergencies import queries
from wangge.emergencies.states import DataSet, Law, ResponseLevel
from wangge.flows import emergencies as flow
from wangge.flows.response import take_in
from wangge.kernel.access import Access
from wangge.kernel.problems import Refused
from wangge.screening.queries import exposure_counts, exposure_finding, exposure_findings

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


def _under(request: HttpRequest, emergency: UUID) -> Access:
    """The access, if it was made under the emergency that the address names. Raises Refused."""
    access = access_of(request)
    if access.emergency != emergency:
        raise Refused(
            code="emergency_differs",
            zh="此访问不在该应急授权下，请在请求头 X-Wangge-Emergency 中写明该应急编号。",
            en="This access is not under that emergency: name it in the header X-Wangge-Emergency.",
            place="X-Wangge-Emergency",
        )
    return access


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
    taken = take_in(_under(request, emergency), batch=batch)
    return answer({"traced": taken.traced, "screened": taken.screened, "tasks": taken.tasks})


@router.get("/{emergency}/findings", summary="Findings in force, graded, with reasons")
def findings(request: HttpRequest, emergency: UUID, after: str | None = None) -> HttpResponse:
    access = _under(request, emergency)
    page = exposure_findings(access, after=after)
    return answer({"rows": page.rows, "next": page.next, "counts": exposure_counts(access)})


@router.get(
    "/{emergency}/findings/{finding}", summary="Why: rule, version, facts, what would change it, expiry"
)
def finding(request: HttpRequest, emergency: UUID, finding: UUID) -> HttpResponse:
    return answer(exposure_finding(_under(request, emergency), finding_id=finding))
