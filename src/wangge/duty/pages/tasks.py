"""任务: what is to be done, where and until when; who has it, and giving it to another."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.urls import path, reverse
from django.utils.translation import get_language, gettext_lazy, ngettext
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from wangge.access.queries import may, staff_in
from wangge.access.states import Role
from wangge.console.ground import areas, ground, place_name
from wangge.console.page import Figure, Nav, Need, access_of, geojson, redirect_to, show, wants
from wangge.console.people import staff_names
from wangge.duty.pages.responsible import grid_card
from wangge.duty.task_forms import CancelForm, ReassignForm
from wangge.kernel.access import Access
from wangge.kernel.pages import COUNT_CAP
from wangge.kernel.problems import BadInput, Conflict, NotFound
from wangge.kernel.units import Interval, interval_of, unit_code
from wangge.tasks import actions, queries
from wangge.tasks.states import TASK_TABLE, WAITING, TaskState
from wangge.tasks.types import TaskRow

NAV = Nav("console:tasks", gettext_lazy("Tasks"), "task", queries.task_page, order=20, key="t")
PARTS = {"record": "duty/tasks/record.html", "more": "duty/tasks/rows.html"}
TIERS = frozenset({"red", "yellow", "blue"})


def _chinese() -> bool:
    return (get_language() or "").startswith("zh")


def _unit_of(request: HttpRequest) -> Interval | None:
    code = request.GET.get("unit", "")
    return interval_of(code) if code else None


@dataclass(frozen=True, slots=True)
class Line:
    """A row of the list with the names of place and worker."""

    task: TaskRow
    place: str
    who: str

    @property
    def title(self) -> str:
        return self.task.title_zh if _chinese() else self.task.title_en[:1].upper() + self.task.title_en[1:]

    @property
    def tier(self) -> str:
        return self.task.grade if self.task.grade in TIERS else ""


def _lines(access: Access, rows: Iterable[TaskRow]) -> list[Line]:
    kept = list(rows)
    names, people = ground(access).names, staff_names(access, [row.actor for row in kept])
    return [Line(row, place_name(names, row.unit_no), people.get(row.actor, "")) for row in kept]


def _listing(request: HttpRequest, access: Access) -> dict[str, Any]:
    if wants(request) == "record":
        return {}
    asked, known = request.GET, {state.value for state in TaskState}
    unit = _unit_of(request)
    page = queries.task_page(
        access,
        states=[TaskState(s) for s in asked.getlist("state") if s in known],
        unit=unit,
        actor=asked.get("actor", ""),
        overdue=asked.get("overdue") == "1",
        cursor=asked.get("after"),
    )
    return {
        "page": page,
        "lines": _lines(access, page.rows),
        "open_states": [TASK_TABLE.states[s] for s in WAITING],
        "other_states": [TASK_TABLE.states[s] for s in TaskState if s not in WAITING],
        "unit": asked.get("unit", ""),
        "unit_name": place_name(ground(access).names, unit.lo) if unit else "",
        "map": {
            "areas": reverse("console:task_areas"),
            "bounds": ground(access).bounds,
            "no_tiers": True,
        },
    }


def _workers(access: Access, unit_no: int, holder: str) -> list[tuple[str, str]]:
    """Grid workers whose ground the task may be given to: those of its community first, the holder left out."""
    near = staff_in(
        access, role=Role.GRID_WORKER, scope=Interval(unit_no // 1000 * 1000, unit_no // 1000 * 1000 + 999)
    )
    all_ = [*near, *staff_in(access, role=Role.GRID_WORKER)]
    named = {
        str(p.id): (p.display_zh if _chinese() else p.display_en) or p.display_zh or p.username for p in all_
    }
    named.pop(holder, None)
    return list(named.items())


def _record(
    request: HttpRequest, access: Access, task_id: UUID, *, form: forms.Form | None = None
) -> dict[str, Any]:
    whole = may(access, queries.task)
    view: Any = (
        queries.task(access, task_id=task_id) if whole else queries.task_outline(access, task_id=task_id)
    )
    steps = view.steps if whole else ()
    people = staff_names(access, [view.actor, *(s.actor for s in steps), *(s.to_actor for s in steps)])
    act = request.GET.get("act", "")
    waits = view.state in WAITING
    if form is None and waits and act == "reassign" and may(access, actions.reassign):
        form = ReassignForm(workers=_workers(access, view.unit_no, view.actor))
    elif form is None and waits and act == "cancel" and may(access, actions.cancel):
        form = CancelForm()
    title = view.title_zh if _chinese() else view.title_en[:1].upper() + view.title_en[1:]
    return {
        "title": title,
        "record": view,
        "whole": whole,
        "place": place_name(ground(access).names, view.unit_no),
        "grid_code": unit_code(view.unit_no),
        "who": people.get(view.actor, ""),
        "tier": view.grade if view.grade in TIERS else "",
        "steps": [
            {"view": s, "by": people.get(s.actor, ""), "to": people.get(s.to_actor, "")} for s in steps
        ],
        "form": form,
        "act": "reassign" if isinstance(form, ReassignForm) else "cancel",
        "may_reassign": waits and may(access, actions.reassign),
        "may_cancel": waits and may(access, actions.cancel),
        "reads": whole,
    }


def tasks(request: HttpRequest, task_id: UUID | None = None) -> HttpResponse:
    """The map with the load of each grid, the list, and one task if it is open."""
    access = access_of(request)
    context: dict[str, Any] = {"title": _("Tasks")} | _listing(request, access)
    if task_id is not None:
        context |= _record(request, access, task_id)
    return show(request, "duty/tasks/page.html", context, parts=PARTS)


def task_grid(request: HttpRequest, code: str) -> HttpResponse:
    """A grid opened from the map of the tasks: who answers for it, and its work."""
    access = access_of(request)
    context = {"title": _("Tasks")} | _listing(request, access) | grid_card(access, code)
    context |= {"card": True, "shut": reverse("console:tasks")}
    parts = PARTS | {"record": "duty/responsible/grid.html"}
    return show(request, "duty/tasks/page.html", context, parts=parts)


def task_areas(request: HttpRequest) -> HttpResponse:
    """The ground, each grid with its open and overdue tasks."""
    access = access_of(request)
    notes = {load.unit_no: _load(load.waiting, load.overdue) for load in queries.load_by_unit(access)}
    href = reverse("console:task_grid", args=["000000000000000"]).replace("0" * 15, "{code}")
    return geojson(areas(access, hrefs=href, notes=notes))


def _load(waiting: int, overdue: int) -> str:
    said = ngettext("%(n)s task to do", "%(n)s tasks to do", waiting) % {"n": waiting}
    return said if not overdue else said + _(", %(n)s overdue") % {"n": overdue}


@require_POST
def task_reassign(request: HttpRequest, task_id: UUID) -> HttpResponse:
    """Give a task to another worker, with the reason."""
    access = access_of(request)
    view = queries.task(access, task_id=task_id)
    form = ReassignForm(request.POST, workers=_workers(access, view.unit_no, view.actor))
    if form.is_valid():
        given = form.cleaned_data
        try:
            actions.reassign(access, task_ids=[task_id], actor=given["actor"], reason=given["reason"])
        except (BadInput, Conflict) as problem:
            form.add_error(None, problem.text(get_language() or "zh"))
    return _after(request, access, task_id, form, _("The task was given to another worker."))


@require_POST
def task_cancel(request: HttpRequest, task_id: UUID) -> HttpResponse:
    """Call a task off, with the reason."""
    access = access_of(request)
    form = CancelForm(request.POST)
    if form.is_valid() and not actions.cancel(access, task_ids=[task_id], reason=form.cleaned_data["reason"]):
        raise NotFound(
            code="task_not_open",
            zh="没有此任务，或已经办结。",
            en="There is no such task, or it has ended already.",
        )
    return _after(request, access, task_id, form, _("The task was called off."))


def _after(request: HttpRequest, access: Access, task_id: UUID, form: forms.Form, said: str) -> HttpResponse:
    if form.errors:
        context = _listing(request, access) | _record(request, access, task_id, form=form)
        return show(request, "duty/tasks/page.html", context, parts=PARTS, status=400)
    if wants(request) != "record":
        messages.success(request, said)
        return redirect_to(request, reverse("console:task", args=[task_id]))
    context = _record(request, access, task_id)
    row = queries.task_outline(access, task_id=task_id)
    context["moved"] = _lines(access, [row])
    response = show(request, "duty/tasks/page.html", context, parts=PARTS, notice=(said, "good"))
    response.headers["HX-Push-Url"] = reverse("console:task", args=[task_id])
    return response


EACH = 5


def needs(access: Access) -> list[Need]:
    """Tasks that nobody has yet, for who gives them out; late ones, for who oversees."""
    if access.role not in ("dispatcher", "leader", "emergency_lead") or not may(access, queries.task_page):
        return []
    found: list[Need] = []
    names = ground(access).names
    if may(access, actions.reassign):
        rows = queries.task_page(access, states=[TaskState.UNASSIGNED], size=EACH).rows
        found += [_need(row, _("Assign"), _("nobody answers for this place"), names) for row in rows]
    late = queries.task_page(access, overdue=True, size=EACH).rows
    taken = {need.href for need in found}
    people = staff_names(access, [row.actor for row in late])
    more = [_need(row, _("Look"), people.get(row.actor, ""), names) for row in late]
    return found + [need for need in more if need.href not in taken]


def _need(row: TaskRow, action: str, reason: str, names: Mapping[int, str]) -> Need:
    late = row.overdue
    return Need(
        title=row.title_zh if _chinese() else row.title_en[:1].upper() + row.title_en[1:],
        href=reverse("console:task", args=[row.task_id]),
        action=action,
        reasons=tuple(part for part in (place_name(names, row.unit_no), reason) if part),
        due_at=row.deadline_at,
        urgency="late" if late else "soon",
    )


def figures(access: Access) -> list[Figure]:
    """How many tasks wait, and how many are late."""
    if access.role not in ("dispatcher", "leader", "emergency_lead") or not may(access, queries.counts):
        return []
    counts, at = queries.counts(access), reverse("console:tasks")
    done = f"{COUNT_CAP:,}+" if counts.done_capped else f"{counts.done:,}"
    return [
        Figure(_("tasks to do"), f"{counts.waiting:,}", at),
        Figure(_("tasks overdue"), f"{counts.overdue:,}", f"{at}?overdue=1"),
        Figure(_("tasks without a worker"), f"{counts.unassigned:,}", f"{at}?state=unassigned"),
        Figure(_("tasks done"), done, f"{at}?state=done"),
    ]


urlpatterns = [
    path("tasks/", tasks, name="tasks"),
    path("tasks/areas.geojson", task_areas, name="task_areas"),
    path("tasks/grid/<slug:code>/", task_grid, name="task_grid"),
    path("tasks/<uuid:task_id>/", tasks, name="task"),
    path("tasks/<uuid:task_id>/reassign/", task_reassign, name="task_reassign"),
    path("tasks/<uuid:task_id>/cancel/", task_cancel, name="task_cancel"),
]
