"""Cases (事件): report, list, read and carry on."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from ninja import Field, Query, Router, Schema

from wangge.api.answers import answer
from wangge.api.entering import access_of
from wangge.cases import actions, queries
from wangge.cases.states import CaseState, SourceKind
from wangge.kernel.problems import NotFound
from wangge.kernel.units import interval_of

router = Router()

PLAIN = {
    "request_precheck": actions.request_precheck,
    "precheck": actions.precheck,
    "accept": actions.accept,
    "send_back": actions.send_back,
    "resolve": actions.resolve,
    "verify": actions.verify,
    "rework": actions.rework,
    "close": actions.close,
    "reopen": actions.reopen,
    "cancel": actions.cancel,
}


class ReportIn(Schema):
    """A matter as it is reported. `unit_no` is the grid it lies in; `client_id` makes sending again safe."""

    category_code: str
    unit_no: int
    title: str = ""
    description: str = ""
    place: str = ""
    lon: float | None = None
    lat: float | None = None
    source_kind: SourceKind = SourceKind.GRID_WORKER
    reporter_name: str = ""
    reporter_phone: str = ""
    client_id: UUID | None = None
    deadline_at: datetime | None = None
    origin: str = ""
    taxonomy: str = ""


class StepIn(Schema):
    """What a step may need: words, a handling organisation, a deadline, a score."""

    note: str = ""
    organisation: UUID | None = None
    actor: str = ""
    deadline_at: datetime | None = None
    score: int = 0


@router.post("", summary="Report a matter")
def report(request: HttpRequest, body: ReportIn) -> HttpResponse:
    return answer(actions.report(access_of(request), **body.model_dump()), 201)


class ListingIn(Schema):
    """What narrows a list of cases."""

    state: list[CaseState] = Field(default_factory=list)
    category: str = ""
    division: str = ""
    overdue: bool = False
    number: str = ""
    after: str | None = None


@router.get("", summary="Cases of the territory, newest first")
def listing(request: HttpRequest, wanted: Query[ListingIn]) -> HttpResponse:
    page = queries.case_page(
        access_of(request),
        states=tuple(wanted.state),
        category_code=wanted.category,
        unit=interval_of(wanted.division) if wanted.division else None,
        overdue=wanted.overdue,
        number=wanted.number,
        cursor=wanted.after,
    )
    return answer(page)


@router.get("/{case_id}", summary="One case with its steps, clock and next steps")
def one(request: HttpRequest, case_id: UUID) -> HttpResponse:
    return answer(queries.case(access_of(request), case_id=case_id))


@router.post("/{case_id}/{verb}", summary="Take a step: accept, dispatch, resolve, verify, close ...")
def step(request: HttpRequest, case_id: UUID, verb: str, body: StepIn) -> HttpResponse:
    access = access_of(request)
    if verb == "dispatch":
        return answer(
            actions.dispatch(
                access,
                case_id=case_id,
                organisation=body.organisation,
                actor=body.actor,
                deadline_at=body.deadline_at,
                note=body.note,
            )
        )
    if verb == "evaluate":
        return answer(actions.evaluate(access, case_id=case_id, score=body.score, note=body.note))
    if verb not in PLAIN:
        raise NotFound(
            code="step_unknown", zh=f"没有步骤“{verb}”。", en=f'There is no step "{verb}".', place="verb"
        )
    return answer(PLAIN[verb](access, case_id=case_id, note=body.note))
