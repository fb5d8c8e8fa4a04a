"""现场: the worker's phone. Today's doors in walking order, a task, its visit, what became of it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import NAMESPACE_URL, UUID, uuid5

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import path, reverse
from django.utils import timezone
from django.utils.translation import get_language, gettext_lazy, ngettext
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from wangge.access.queries import may, posts_of
from wangge.cases import actions as case_actions
from wangge.cases.queries import categories
from wangge.cases.states import SourceKind
from wangge.console.ground import ground, place_name
from wangge.console.names import purpose_word
from wangge.console.page import Fault, Figure, Nav, Need, access_of, private, redirect_to, show
from wangge.credentials.actions import ask_apply
from wangge.duty.case_forms import category_choices
from wangge.duty.survey import answers_of, survey_of
from wangge.duty.visit_input import CORRECTED, form_of, key_of, visit_of
from wangge.field import actions, queries
from wangge.field.states import Receipt, VisitState
from wangge.field.types import VisitReceipt
from wangge.flows.collecting import HandedIn, at_the_door, door_of, hand_in
from wangge.flows.visits import submit
from wangge.kernel.access import Access
from wangge.kernel.ids import new_id
from wangge.kernel.problems import BadInput, NotFound, Problem
from wangge.tasks import actions as task_actions
from wangge.tasks import queries as task_queries
from wangge.tasks.states import TaskState
from wangge.tasks.types import TaskView

NAV = Nav("console:field", gettext_lazy("My doors"), "home_visit", actions.sync, order=5, key="f")
TAKEN = frozenset({Receipt.ACCEPTED, Receipt.DUPLICATE, Receipt.TASK_REASSIGNED, Receipt.TASK_CLOSED})
CALLED_OFF_SHOWN = timedelta(days=3)
TIERS = frozenset({"red", "yellow", "blue"})
_CORRECTED_WORDS = {
    "name": gettext_lazy("Name"),
    "phone": gettext_lazy("Phone"),
    "address": gettext_lazy("Address"),
}


def _chinese() -> bool:
    return (get_language() or "").startswith("zh")


def _title(task: TaskView) -> str:
    return task.title_zh if _chinese() else task.title_en[:1].upper() + task.title_en[1:]


def _tier(task: TaskView) -> str:
    return task.grade if task.grade in TIERS else ""


def _doors(tasks: tuple[TaskView, ...], names: Any) -> list[dict[str, Any]]:
    return [
        {
            "task": task,
            "title": _title(task),
            "tier": _tier(task),
            "to": task.address or place_name(names, task.unit_no),
        }
        for task in tasks
    ]


def _called_off(access: Access, names: Any) -> list[dict[str, Any]]:
    """The worker's own tasks that were called off lately, the latest first: each opens to its reason."""
    since = timezone.now() - CALLED_OFF_SHOWN
    rows = task_queries.task_page(
        access, states=[TaskState.CANCELLED], actor=access.actor, size=task_queries.LIST_AT_MOST
    ).rows
    lately = [row for row in rows if row.ended_at and row.ended_at >= since]
    lately.sort(key=lambda row: row.ended_at or since, reverse=True)
    return [
        {"task": row, "title": row.title_zh if _chinese() else row.title_en[:1].upper() + row.title_en[1:],
         "to": place_name(names, row.unit_no)}
        for row in lately[:20]
    ]  # fmt: skip


def field(request: HttpRequest) -> HttpResponse:
    """Today's doors; or what was done today; or what waits for the worker's word."""
    access = access_of(request)
    tab = request.GET.get("show", "")
    tasks = task_queries.my_tasks(access)
    review, held = queries.visits_to_review(access), queries.held_visits(access)
    post = next((p for p in posts_of(UUID(access.actor)) if p.id == access.post), None)
    context: dict[str, Any] = {
        "title": _("My doors"),
        "tab": tab,
        "count": len(tasks),
        "asked": len(review) + len(held),
        "purpose": purpose_word(access.purpose),
        "purposes": [(code, purpose_word(code)) for code in (post.purposes if post else ())],
        "purpose_code": access.purpose,
        "may_report": may(access, case_actions.report),
        "back": "/",
    }
    if tab == "done":
        context["page"] = queries.visit_page(access, cursor=request.GET.get("after"))
    elif tab == "asked":
        context |= {"review": review, "held": held}
    else:
        names = ground(access).names
        context["doors"] = _doors(tasks, names)
        context["called_off"] = _called_off(access, names)
    return show(request, "duty/field/list.html", context)


def field_task(request: HttpRequest, task_id: UUID) -> HttpResponse:
    """Whom to visit, where, why. Opening it says that the worker has seen it."""
    access = access_of(request)
    task = task_queries.task(access, task_id=task_id)
    if task.state is TaskState.ASSIGNED and task.actor == access.actor:
        task_actions.mark_seen(access, task_ids=[task_id])
    mine = task.actor == access.actor and task.state in (
        TaskState.ASSIGNED,
        TaskState.SEEN,
        TaskState.ATTEMPTED,
    )
    context = {
        "title": _title(task),
        "task": task,
        "tier": _tier(task),
        "place": place_name(ground(access).names, task.unit_no),
        "mine": mine,
        "called_off": next((s.reason for s in reversed(task.steps) if s.verb == "cancel"), "")
        if task.state is TaskState.CANCELLED
        else "",
        "visits": queries.visits_of_task(access, task_id=task_id),
        "credential_under": access.emergency
        if task.person_id and task.emergency == access.emergency and may(access, ask_apply)
        else None,
        "back": reverse("console:field"),
    }
    return show(request, "duty/field/task.html", context)


def _visit_page(
    request: HttpRequest, access: Access, task_id: UUID, *, nobody: bool, faults: tuple[Fault, ...] = ()
) -> HttpResponse:
    task = task_queries.task(access, task_id=task_id)
    form = form_of(queries.forms(access), task.form)
    at = reverse("console:field_nobody" if nobody else "console:field_visit", args=[task_id])
    door = door_of(task.origin_key)
    context = {
        "title": task.name or _title(task),
        "task": task,
        "survey": survey_of(at_the_door(access, door_id=door)) if door and not nobody else None,
        "tier": _tier(task),
        "form": form,
        "questions": form.questions,
        "nobody": nobody,
        "action": at,
        "corrected": [(f, _CORRECTED_WORDS[f], getattr(task, f)) for f in CORRECTED],
        "may_report": not nobody and may(access, case_actions.report),
        "categories": category_choices(categories(access)) if not nobody else (),
        "started_at": timezone.now().isoformat(timespec="seconds"),
        "page_key": new_id(),
        "faults": faults,
        "back": reverse("console:field_task", args=[task_id]),
        "done": reverse("console:field"),
    }
    status = 422 if faults else 200
    return show(request, "duty/field/visit.html", context, status=status)


def _wants_json(request: HttpRequest) -> bool:
    return "application/json" in request.headers.get("Accept", "")


def _json(body: dict[str, str], status: int) -> HttpResponse:
    return private(JsonResponse(body, status=status))


def field_visit(request: HttpRequest, task_id: UUID, nobody: bool = False) -> HttpResponse:
    """The visit: its form, and what the phone's outbox hands in."""
    access = access_of(request)
    if request.method != "POST":
        return _visit_page(request, access, task_id, nobody=nobody)
    try:
        receipt = _take(access, request, task_id)
    except Problem as problem:
        if not isinstance(problem, BadInput):
            raise
        return _refused(request, access, task_id, problem.text(get_language() or "zh"), 422, nobody=nobody)
    if receipt.status not in TAKEN:
        status = 410 if receipt.status is Receipt.EMERGENCY_ENDED else 422
        said = receipt.zh if _chinese() else receipt.en
        return _refused(request, access, task_id, said, status, nobody=nobody)
    if _wants_json(request):
        return _json({"receipt": str(receipt.visit_id or receipt.client_id)}, 201)
    messages.success(request, receipt.zh if _chinese() else receipt.en)
    if receipt.visit_id is None:
        return redirect_to(request, reverse("console:field"))
    return redirect_to(request, reverse("console:field_receipt", args=[receipt.visit_id]))


def _refused(
    request: HttpRequest, access: Access, task_id: UUID, said: str, status: int, *, nobody: bool
) -> HttpResponse:
    if _wants_json(request):
        return _json({"problem": said}, status)
    return _visit_page(request, access, task_id, nobody=nobody, faults=(Fault(said),))


def _surveyed_door(access: Access, task_id: UUID) -> UUID | None:
    """The door of a survey's task. A task given to another meanwhile tells none: its visit is kept like any other."""
    try:
        return door_of(task_queries.task(access, task_id=task_id).origin_key)
    except NotFound:
        return None


def _take(access: Access, request: HttpRequest, task_id: UUID) -> VisitReceipt:
    """Hand the visit in; what the worker found to be put right goes with it as a matter of its own."""
    sent = request.POST
    form = form_of(queries.forms(access), sent.get("form", ""))
    door = _surveyed_door(access, task_id)
    visit = visit_of(sent, form, task_id)
    if door:
        (receipt,) = hand_in(access, visits=[HandedIn(visit, door, answers_of(sent))])
    else:
        (receipt,) = submit(access, visits=[visit])
    category = sent.get("matter_category", "")
    if receipt.status in TAKEN and receipt.visit_id is not None and category:
        if not may(access, case_actions.report):  # the words stay on the phone, the visit is here
            raise BadInput(
                code="matter_not_for_purpose",
                zh="走访已收到；以当前目的不能上报事件，请切换目的后另行上报。",
                en="The visit was received. Under this purpose no matter can be reported: change it and report.",
            )
        case_actions.report(
            access,
            category_code=category,
            unit_no=int(sent.get("unit_no", "0") or 0),
            title=sent.get("matter_title", "").strip(),
            place=sent.get("old_address", ""),
            source_kind=SourceKind.GRID_WORKER,
            origin=f"visit:{receipt.visit_id}",
            client_id=uuid5(NAMESPACE_URL, f"visit:{receipt.client_id}:matter"),
        )
    return receipt


def field_receipt(request: HttpRequest, visit_id: UUID) -> HttpResponse:
    """A visit as it was received."""
    access = access_of(request)
    visit = queries.visit(access, visit_id=visit_id)
    context = {
        "title": visit.form_zh if _chinese() else visit.form_en,
        "visit": visit,
        "place": place_name(ground(access).names, visit.unit_no),
        "corrections": [(_CORRECTED_WORDS.get(c.field, c.field), c) for c in visit.corrections],
        "waits_for_me": visit.state is VisitState.FOR_REVIEW and visit.review_actor == access.actor,
        "may_report": may(access, case_actions.report),
        "back": reverse("console:field"),
    }
    return show(request, "duty/field/receipt.html", context)


@require_POST
def field_review(request: HttpRequest, visit_id: UUID) -> HttpResponse:
    """Take a former worker's visit as good, or set it aside with the reason."""
    access = access_of(request)
    if request.POST.get("verdict") == "adopt":
        done = actions.adopt(access, visit_id=visit_id)
    else:
        done = actions.set_aside(access, visit_id=visit_id, reason=request.POST.get("reason", ""))
    messages.success(request, done.zh if _chinese() else done.en)
    return redirect_to(request, reverse("console:field_receipt", args=[visit_id]))


@require_POST
def field_discard(request: HttpRequest, quarantine_id: UUID) -> HttpResponse:
    """Give up a visit that could not be taken in, with the reason."""
    access = access_of(request)
    actions.discard(access, quarantine_id=quarantine_id, reason=request.POST.get("reason", ""))
    messages.success(request, _("Given up, with your reason."))
    return redirect_to(request, f"{reverse('console:field')}?show=asked")


def field_report(request: HttpRequest) -> HttpResponse:
    """Report a matter from the phone: what, where, in one's own grid."""
    access = access_of(request)
    if request.method == "POST":
        sent = request.POST
        try:
            unit = sent.get("unit_no", "")
            done = case_actions.report(
                access,
                category_code=sent.get("category", ""),
                unit_no=int(unit) if unit.isdigit() else 0,
                title=sent.get("title", "").strip(),
                description=sent.get("description", "").strip(),
                place=sent.get("place", "").strip(),
                source_kind=SourceKind.GRID_WORKER,
                origin=sent.get("origin", ""),
                client_id=key_of(sent),
            )
        except BadInput as problem:
            said = problem.text(get_language() or "zh")
            if _wants_json(request):
                return _json({"problem": said}, 422)
            return _report_page(request, access, (Fault(said),))
        if _wants_json(request):
            return _json({"receipt": done.number}, 201)
        messages.success(request, _("Reported as %(number)s.") % {"number": done.number})
        return redirect_to(request, reverse("console:field"))
    return _report_page(request, access)


def _report_page(request: HttpRequest, access: Access, faults: tuple[Fault, ...] = ()) -> HttpResponse:
    names = ground(access).names
    mine = sorted({task.unit_no for task in task_queries.my_tasks(access)})
    units = mine or sorted(unit for unit in names if unit % 1000)[:60]
    origin = request.GET.get("origin", "")
    context = {
        "title": _("Report a matter"),
        "categories": category_choices(categories(access)),
        "units": [(unit, place_name(names, unit)) for unit in units],
        "unit": request.GET.get("unit", ""),
        "place": request.GET.get("place", ""),
        "origin": origin if origin.startswith("visit:") else "",
        "page_key": new_id(),
        "faults": faults,
        "back": reverse("console:field"),
        "done": reverse("console:field"),
    }
    return show(request, "duty/field/report.html", context, status=422 if faults else 200)


EACH = 5


def needs(access: Access) -> list[Need]:
    """The worker's next doors, and visits that wait for the worker's word."""
    if access.role != "grid_worker" or not may(access, task_queries.my_tasks):
        return []
    names = ground(access).names
    found = [
        Need(
            title=task.address or _title(task),
            href=reverse("console:field_task", args=[task.task_id]),
            action=_("Visit"),
            reasons=(_title(task), *([task.name] if task.name else []), place_name(names, task.unit_no)),
            due_at=task.deadline_at,
            urgency="late" if task.overdue else "soon" if task.urgent else "plain",
        )
        for task in task_queries.my_tasks(access)[:EACH]
    ]
    asked = len(queries.visits_to_review(access)) + len(queries.held_visits(access))
    if asked:
        said = ngettext("%(n)s visit to confirm", "%(n)s visits to confirm", asked) % {"n": asked}
        href = f"{reverse('console:field')}?show=asked"
        found.append(Need(said, href, _("Look"), (_("waits for your word"),), urgency="soon"))
    return found


def figures(access: Access) -> list[Figure]:
    """The worker's own day."""
    if access.role != "grid_worker" or not may(access, queries.counts):
        return []
    at, counts = reverse("console:field"), queries.counts(access)
    return [
        Figure(_("doors to visit"), str(len(task_queries.my_tasks(access))), at),
        Figure(_("visits complete today"), str(counts.complete), f"{at}?show=done"),
        Figure(_("nobody met today"), str(counts.nobody), f"{at}?show=done"),
    ]


urlpatterns = [
    path("field/", field, name="field"),
    path("field/report/", field_report, name="field_report"),
    path("field/tasks/<uuid:task_id>/", field_task, name="field_task"),
    path("field/tasks/<uuid:task_id>/visit/", field_visit, name="field_visit"),
    path("field/tasks/<uuid:task_id>/nobody/", field_visit, {"nobody": True}, name="field_nobody"),
    path("field/visits/<uuid:visit_id>/", field_receipt, name="field_receipt"),
    path("field/visits/<uuid:visit_id>/review/", field_review, name="field_review"),
    path("field/held/<uuid:quarantine_id>/discard/", field_discard, name="field_discard"),
]
