"""来源: what departments sent; a file in, its columns confirmed, its rows judged and admitted."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.urls import path, reverse
from django.utils.translation import get_language, gettext_lazy, ngettext
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from wangge.access.queries import may, organisations
from wangge.console.page import Fault, Figure, Nav, Need, access_of, redirect_to, show
from wangge.flows.jobs import ask_to_link
from wangge.kernel.access import Access
from wangge.kernel.problems import BadInput, Problem
from wangge.linkage.actions import ask_linkage
from wangge.linkage.queries import linkage_runs
from wangge.linkage.states import RunState, WhyAnew
from wangge.office.run_words import WHY_ANEW
from wangge.office.source_forms import RegisterForm, UploadForm
from wangge.registry import queries as registry
from wangge.sources import actions, queries
from wangge.sources.states import BatchState
from wangge.sources.types import BatchView, ColumnView, FormView, ResourceView, SheetView

NAV = Nav("console:sources", gettext_lazy("Sources"), "source", queries.batches, order=60, key="s", group=2)
PARTS_AT_ONCE = 4  # of 50,000 rows: some ten seconds, so that the page answers
STEPS = (BatchState.RECEIVED, BatchState.MAPPED, BatchState.VALIDATED, BatchState.ACCEPTED)
EMERGENCY_LISTS = ("patient", "passenger", "stay")


def _chinese() -> bool:
    return (get_language() or "").startswith("zh")


def _word(view: ResourceView | FormView) -> str:
    if isinstance(view, FormView):
        return view.zh if _chinese() else view.en
    return view.name_zh if _chinese() else view.name_en


def _resources(access: Access) -> dict[UUID, ResourceView]:
    return {r.id: r for r in queries.sources(access)} if may(access, queries.sources) else {}


@dataclass(frozen=True, slots=True)
class BatchLine:
    """A batch in a list, with the name of its table."""

    batch: BatchView
    table: str


def _lines(batches: tuple[BatchView, ...], resources: dict[UUID, ResourceView]) -> list[BatchLine]:
    return [
        BatchLine(b, _word(resources[b.resource]) if b.resource in resources else b.resource_code)
        for b in batches
    ]


def _runs(access: Access) -> dict[str, Any]:
    """The latest runs with why each linked everything anew, and what kept the last one from adding."""
    runs = linkage_runs(access) if may(access, linkage_runs) else ()
    done = next((r for r in runs if r.state == RunState.DONE), None)
    return {
        "runs": [(r, WHY_ANEW.get(r.why_anew, "")) for r in runs],
        "namesakes": runs[0].namesakes if runs else True,
        "not_added": done.fault if done and done.why_anew == WhyAnew.ENGINE else "",
    }


def _listing(request: HttpRequest, access: Access) -> dict[str, Any]:
    resources = _resources(access)
    asked = request.GET.get("state", "")
    state = BatchState(asked) if asked in set(BatchState) else None
    wanted = request.GET.get("resource", "")
    own = next((r for r in resources.values() if r.code == wanted), None)
    page = queries.batches(
        access, resource=own.id if own else None, state=state, cursor=request.GET.get("after")
    )
    return {
        "title": _("Sources"),
        "page": page,
        "lines": _lines(page.rows, resources),
        "resources": [(r, _word(r)) for r in resources.values()],
        "states": list(BatchState),
        "may_upload": may(access, actions.receive_file),
        "may_register": may(access, actions.register_source),
        "may_link": may(access, ask_linkage),
        **_runs(access),
    }


def _choices(access: Access) -> list[tuple[str, str]]:
    emergency = access.emergency if access.purpose == "epidemic_response" else None
    own = [(str(r.id), _word(r)) for r in _resources(access).values() if r.emergency == emergency]
    return [("", "—"), *own]


def _list_page(
    request: HttpRequest, access: Access, form: UploadForm, faults: tuple[Fault, ...] = (), status: int = 200
) -> HttpResponse:
    context = {**_listing(request, access), "form": form, "faults": faults}
    return show(
        request,
        "office/sources/list.html",
        context,
        parts={"more": "office/sources/rows.html"},
        status=status,
    )


def sources(request: HttpRequest) -> HttpResponse:
    access = access_of(request)
    start = {"resource": request.GET.get("into", "")}
    return _list_page(request, access, UploadForm(resources=_choices(access), initial=start))


@require_POST
def upload(request: HttpRequest) -> HttpResponse:
    """Take the file in; what came of it stands on the batch's own page."""
    access = access_of(request)
    form = UploadForm(request.POST, request.FILES, resources=_choices(access))
    if not form.is_valid():
        return _list_page(request, access, form, status=400)
    file = form.cleaned_data["file"]
    try:
        batch = actions.receive_file(
            access,
            resource=UUID(form.cleaned_data["resource"]),
            filename=file.name,
            stream=file,
            as_of=form.cleaned_data["as_of"],
            emergency=access.emergency if access.purpose == "epidemic_response" else None,
        )
    except BadInput as problem:
        fault = Fault(problem.text(get_language() or ""), "id_file", problem.place)
        return _list_page(request, access, form, (fault,), problem.status)
    if batch.again:
        messages.info(request, _("This very file was here before. Nothing was changed by sending it again."))
    return redirect_to(request, reverse("console:batch", args=[batch.id]))


def register(request: HttpRequest) -> HttpResponse:
    """Register a table before its first file comes."""
    access = access_of(request)
    named = [(str(o.id), o.name_zh if _chinese() else o.name_en) for o in organisations(access)]
    schemas = [(f.schema, _word(f)) for f in queries.forms(access) if f.emergency_only is False]
    first = str(access.organisation) if access.organisation else ""
    form = RegisterForm(
        request.POST if request.method == "POST" else None,
        organisations=[("", "—"), *named],
        schemas=schemas,
        initial={"organisation": first, "division": f"{access.scope.lo:015d}"[:6], "schema": "person"},
    )
    faults: tuple[Fault, ...] = ()
    if request.method == "POST" and form.is_valid():
        told = dict(form.cleaned_data, organisation=UUID(form.cleaned_data["organisation"]))
        try:
            made = actions.register_source(access, **told)
            return redirect_to(request, f"{reverse('console:sources')}?into={made}")
        except Problem as problem:
            field = problem.place if problem.place in form.fields else "code"
            faults = (Fault(problem.text(get_language() or ""), f"id_{field}"),)
    status = 400 if faults or (form.is_bound and form.errors) else 200
    context = {"title": _("Register a table"), "form": form, "faults": faults}
    return show(request, "office/sources/register.html", context, status=status)


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a sheet on the mapping page."""

    view: ColumnView
    field: str
    chosen: str
    level: str  # sure, unsure or none


@dataclass(frozen=True, slots=True)
class Table:
    """Sheets of one header, mapped together."""

    sheet: SheetView
    also: tuple[str, ...]
    rows: int
    columns: tuple[Column, ...]


def _tables(sheets: tuple[SheetView, ...], given: dict[str, str]) -> list[Table]:
    groups: dict[tuple[str, ...], list[SheetView]] = {}
    for sheet in sheets:
        if sheet.table:
            groups.setdefault(tuple(c.header for c in sheet.columns), []).append(sheet)
    return [
        Table(
            group[0],
            tuple(s.name for s in group[1:]),
            sum(s.rows for s in group),
            tuple(_column(group[0], c, given) for c in group[0].columns),
        )
        for group in groups.values()
    ]


def _column(sheet: SheetView, view: ColumnView, given: dict[str, str]) -> Column:
    field = f"c-{sheet.number}-{view.index}"
    level = "none" if view.column is None else "sure" if view.confidence >= 0.8 else "unsure"
    return Column(view, field, given.get(field, view.column or ""), level)


def _batch_page(
    request: HttpRequest, access: Access, batch: UUID, fault: Problem | None = None, *, field: str = ""
) -> HttpResponse:
    found = queries.batch(access, batch=batch)
    given = {k: str(v) for k, v in request.POST.items() if k.startswith("c-")} if fault else {}
    tables = _tables(queries.sheets(access, batch=batch), given)
    forms = {f.schema: f for f in queries.forms(access)} if may(access, queries.forms) else {}
    resources = _resources(access)
    here = STEPS.index(found.state) if found.state in STEPS else -1
    language = get_language() or ""
    context = {
        "title": _("Found on visits") if found.media == "corrections" else found.filename,
        "batch": found,
        "table_name": next(line.table for line in _lines((found,), resources)),
        "form": forms.get(found.schema),
        "tables": tables,
        "notes": [s for s in queries.sheets(access, batch=batch) if not s.table] if tables else [],
        "here": here,
        "judged": found.rows_accepted + found.rows_quarantined + found.rows_repeated,
        "may_map": may(access, actions.confirm_mapping) and found.state is not BatchState.REFUSED,
        "may_admit": may(access, actions.admit),
        "may_refuse": may(access, actions.refuse_batch),
        "may_quarantine": may(access, queries.quarantine),
        "to_take_in": found.state is BatchState.ACCEPTED
        and found.schema in EMERGENCY_LISTS
        and found.emergency is not None
        and found.emergency == access.emergency,
        "faults": (Fault(fault.text(language), field, fault.place),) if fault else (),
    }
    return show(request, "office/sources/batch.html", context, status=fault.status if fault else 200)


def batch(request: HttpRequest, batch: UUID) -> HttpResponse:
    return _batch_page(request, access_of(request), batch)


@require_POST
def mapping(request: HttpRequest, batch: UUID) -> HttpResponse:
    """Confirm the columns, or correct them after judging; and go on to the rows when asked to."""
    access = access_of(request)
    found = queries.batch(access, batch=batch)
    for table in _tables(queries.sheets(access, batch=batch), {}):
        said = {c.view.index: request.POST.get(c.field) or None for c in table.columns}
        try:
            if found.state is BatchState.RECEIVED:
                actions.confirm_mapping(access, batch=batch, sheet=table.sheet.number, columns=said)
            elif said != {c.view.index: c.view.column for c in table.columns}:
                actions.correct_mapping(access, batch=batch, sheet=table.sheet.number, columns=said)
        except Problem as problem:
            at = next(
                (c.field for c in table.columns if c.view.header == problem.place), table.columns[0].field
            )
            return _batch_page(request, access, batch, problem, field=at)
    if queries.batch(access, batch=batch).state is BatchState.MAPPED and request.POST.get("then") == "admit":
        return admit(request, batch)
    messages.success(request, _("The columns are confirmed and remembered for this form."))
    return redirect_to(request, reverse("console:batch", args=[batch]))


@require_POST
def admit(request: HttpRequest, batch: UUID) -> HttpResponse:
    """Judge the rows, as many as a page can wait for, and admit them."""
    access = access_of(request)
    try:
        done = actions.admit(
            access, batch=batch, parts=PARTS_AT_ONCE, despite=request.POST.get("despite", "").strip()
        )
    except Problem as problem:
        return _batch_page(request, access, batch, problem)
    if done.state is BatchState.ACCEPTED:
        text = ngettext("%(n)s row admitted.", "%(n)s rows admitted.", done.rows_accepted)
        messages.success(request, text % {"n": f"{done.rows_accepted:,}"})
    return redirect_to(request, reverse("console:batch", args=[batch]))


@require_POST
def refuse(request: HttpRequest, batch: UUID) -> HttpResponse:
    """Send the whole file back."""
    access = access_of(request)
    try:
        actions.refuse_batch(access, batch=batch, reason=request.POST.get("reason", "").strip())
    except Problem as problem:
        return _batch_page(request, access, batch, problem, field="refuse-reason")
    return redirect_to(request, reverse("console:batch", args=[batch]))


@require_POST
def link(request: HttpRequest) -> HttpResponse:
    """Ask for the register to be linked anew."""
    wish = {"yes": True, "no": False}.get(request.POST.get("namesakes", ""))
    ask_to_link(access_of(request), wish)
    messages.success(request, _("Linking was asked for. You can leave this page; it goes on by itself."))
    return redirect_to(request, reverse("console:sources"))


def needs(access: Access) -> list[Need]:
    """Files that wait for a word from the steward."""
    if not may(access, actions.admit):
        return []
    found: list[Need] = []
    if fault := _runs(access)["not_added"]:
        said = _("The last linking could not add the new rows: %(fault)s") % {"fault": fault}
        found.append(Need(_("Linking"), reverse("console:sources"), _("Look"), (said,), None, "soon"))
    resources = _resources(access)
    asks = (
        (BatchState.RECEIVED, _("Say what its columns are"), _("Columns"), "soon"),
        (BatchState.MAPPED, _("Its rows have not been checked yet"), _("Check"), "plain"),
        (
            BatchState.VALIDATED,
            _("Too many rows were kept aside: look at the columns, or say why"),
            _("Decide"),
            "soon",
        ),
    )
    for state, reason, action, urgency in asks:
        for line in _lines(queries.batches(access, state=state, size=5).rows, resources):
            href = reverse("console:batch", args=[line.batch.id])
            found.append(
                Need(f"{line.table} · {line.batch.filename}", href, action, (reason,), None, urgency)
            )
    accepted = queries.batches(access, state=BatchState.ACCEPTED, size=20).rows
    doubtful = [b for b in accepted if b.rows_quarantined][:5]
    for line in _lines(tuple(doubtful), resources):
        if held := line.batch.rows_quarantined:
            text = ngettext("%(n)s row is kept aside", "%(n)s rows are kept aside", held) % {"n": f"{held:,}"}
            href = reverse("console:quarantine", args=[line.batch.id])
            found.append(Need(f"{line.table} · {line.batch.filename}", href, _("Put right"), (text,)))
    return found


def figures(access: Access) -> list[Figure]:
    """How much stands in the register, for those who keep it."""
    if access.role != "data_steward" or not may(access, registry.counts):
        return []
    n = registry.counts(access)
    href = reverse("console:sources")
    return [
        Figure(_("people in the register"), f"{n.persons:,}", href),
        Figure(_("source records behind them"), f"{n.records:,}", reverse("console:sources")),
        Figure(_("households"), f"{n.households:,}", href),
    ]


urlpatterns = [
    path("sources/", sources, name="sources"),
    path("sources/upload/", upload, name="source_upload"),
    path("sources/register/", register, name="source_register"),
    path("sources/link/", link, name="source_link"),
    path("sources/batches/<uuid:batch>/", batch, name="batch"),
    path("sources/batches/<uuid:batch>/columns/", mapping, name="batch_mapping"),
    path("sources/batches/<uuid:batch>/admit/", admit, name="batch_admit"),
    path("sources/batches/<uuid:batch>/refuse/", refuse, name="batch_refuse"),
]
