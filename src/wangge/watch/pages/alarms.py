"""预警: alarms over counted series; judged with a reason, issued, acknowledged by every department linked."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.urls import path, reverse
from django.utils.translation import get_language, gettext_lazy, ngettext
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from wangge.access import queries as access_queries
from wangge.access.queries import may
from wangge.cases import queries as cases
from wangge.console.ground import ground, place_name
from wangge.console.page import Fault, Nav, Need, access_of, redirect_to, show
from wangge.console.people import staff_names
from wangge.insight import actions, queries
from wangge.insight.states import AlarmState
from wangge.kernel.access import Access
from wangge.kernel.problems import Problem

NAV = Nav("console:alarms", gettext_lazy("Alarms"), "emergency", queries.alarms, order=25)
STATE_WORDS = {
    AlarmState.RAISED: ("waiting", gettext_lazy("waits for a judgement")),
    AlarmState.ISSUED: ("active", gettext_lazy("issued")),
    AlarmState.DISMISSED: ("closed", gettext_lazy("dismissed")),
}


def _words(access: Access) -> dict[str, str]:
    """What each series counts, in the language of the page."""
    chinese = (get_language() or "").startswith("zh")
    return {f"case:{c.code}": c.zh if chinese else c.en for c in cases.categories(access)}


def alarms(
    request: HttpRequest, alarm: UUID | None = None, faults: tuple[Fault, ...] = (), status: int = 200
) -> HttpResponse:
    """The latest first; beside them the one that was opened."""
    access = access_of(request)
    asked = request.GET.get("state", "")
    page = queries.alarms(
        access, state=AlarmState(asked) if asked in set(AlarmState) else None, after=request.GET.get("after")
    )
    words, names = _words(access), ground(access).names
    context = {
        "title": _("Alarms"),
        "page": page,
        "rows": [
            (a, words.get(a.series, a.series), place_name(names, a.unit_no), *STATE_WORDS[a.state])
            for a in page.rows
        ],
        "states": [(state.value, word) for state, (_tone, word) in STATE_WORDS.items()],
        "faults": faults,
    }
    if alarm is not None:
        record = queries.alarm(access, alarm_id=alarm)
        chinese = (get_language() or "").startswith("zh")
        known = {o.id: o.name_zh if chinese else o.name_en for o in access_queries.organisations(access)}
        noted = dict(record.acknowledged)
        context |= {
            "record": record,
            "what": words.get(record.series, record.series),
            "place": place_name(names, record.unit_no),
            "tone": STATE_WORDS[record.state][0],
            "word": STATE_WORDS[record.state][1],
            "departments": [(known.get(o, str(o)), noted.get(o)) for o in record.organisations],
            "judged_by": staff_names(access, [record.judged_by]).get(record.judged_by, ""),
            "may_judge": record.state is AlarmState.RAISED and may(access, actions.judge_alarm),
            "may_acknowledge": record.state is AlarmState.ISSUED
            and access.organisation in record.organisations
            and access.organisation not in noted
            and may(access, actions.acknowledge_alarm),
        }
    parts = {"record": "watch/alarms/record.html", "more": "watch/alarms/rows.html"}
    return show(request, "watch/alarms/page.html", context, parts=parts, status=status)


@require_POST
def judge(request: HttpRequest, alarm: UUID) -> HttpResponse:
    """Issue or dismiss, with the reason."""
    access = access_of(request)
    issue = request.POST.get("decision") == "issue"
    try:
        actions.judge_alarm(access, alarm=alarm, issue=issue, reason=request.POST.get("reason", ""))
    except Problem as problem:
        fault = Fault(problem.text(get_language() or ""), "alarm-reason")
        return alarms(request, alarm, (fault,), problem.status)
    messages.success(
        request, _("Issued to every department linked.") if issue else _("Dismissed. The reason stays.")
    )
    return redirect_to(request, reverse("console:alarm", args=[alarm]))


@require_POST
def acknowledge(request: HttpRequest, alarm: UUID) -> HttpResponse:
    """The reader's department takes note."""
    actions.acknowledge_alarm(access_of(request), alarm=alarm)
    messages.success(request, _("Acknowledged."))
    return redirect_to(request, reverse("console:alarm", args=[alarm]))


def needs(access: Access) -> list[Need]:
    """Alarms that wait: for a judgement at the centre, for a word from a department."""
    if may(access, actions.judge_alarm):
        waiting = len(queries.alarms(access, state=AlarmState.RAISED).rows)
        text = ngettext("%(n)s alarm waits for a judgement", "%(n)s alarms wait for a judgement", waiting)
        href = reverse("console:alarms") + "?state=raised"
    elif may(access, actions.acknowledge_alarm):
        issued = queries.alarms(access, state=AlarmState.ISSUED).rows
        waiting = sum(access.organisation not in dict(a.acknowledged) for a in issued)
        text = ngettext("%(n)s alarm is to be acknowledged", "%(n)s alarms are to be acknowledged", waiting)
        href = reverse("console:alarms") + "?state=issued"
    else:
        return []
    if not waiting:
        return []
    return [
        Need(
            text % {"n": waiting},
            href,
            _("Look"),
            (_("A count is above what its past lets expect"),),
            None,
            "soon",
        )
    ]


urlpatterns = [
    path("alarms/", alarms, name="alarms"),
    path("alarms/<uuid:alarm>/", alarms, name="alarm"),
    path("alarms/<uuid:alarm>/judge/", judge, name="alarm_judge"),
    path("alarms/<uuid:alarm>/acknowledge/", acknowledge, name="alarm_acknowledge"),
]
