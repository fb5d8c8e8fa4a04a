"""数据质量: how good each source's data is, what changed, what is worth mending first; every figure opens to rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.urls import path, reverse
from django.utils.translation import get_language, gettext_lazy, ngettext
from django.utils.translation import gettext as _

from wangge.access.queries import may
from wangge.console.page import Nav, access_of, show
from wangge.console.people import organisation_names
from wangge.insight import queries
from wangge.insight.types import ItemView, MeasureView, Mend, Point, SourceQuality
from wangge.registry.queries import source_records
from wangge.sources import queries as sources

NAV = Nav(
    "console:quality", gettext_lazy("Data quality"), "chart", queries.data_quality, order=65, key="q", group=2
)
LINE = ("completeness", "validity", "conflict", "timeliness")
LATE = 1.0
WIDTH, HEIGHT, ROOM = 88, 26, 3  # of a course, in its own units
SMALLEST_SPAN = 0.04  # a course of less change than this is drawn as nearly level


@dataclass(frozen=True, slots=True)
class MeasureCell:
    """A measure in plain words: value, what it is of, whether it got better, its course as points of a line."""

    code: str
    word: str
    value: str
    of: str
    turn: str
    turn_word: str
    tone: str
    course: str
    course_word: str
    end: tuple[float, float] | None
    current: bool


@dataclass(frozen=True, slots=True)
class Line:
    """One source on the page."""

    source: SourceQuality
    name: str
    department: str
    cells: tuple[MeasureCell, ...]
    changes: tuple[str, ...]
    late: int


@dataclass(frozen=True, slots=True)
class ToMend:
    """Something worth mending, as a sentence, and where to begin."""

    sentence: str
    source: str
    href: str
    action: str


@dataclass(frozen=True, slots=True)
class Row:
    """A figure in the tables of one source."""

    item: ItemView
    word: str
    share: str
    before: str
    href: str
    places: tuple[tuple[int, int], ...]


def _chinese() -> bool:
    return (get_language() or "").startswith("zh")


def _name(view: SourceQuality) -> str:
    return view.name_zh if _chinese() else view.name_en


def _percent(share: float) -> str:
    """A share with one digit where it tells something: 98.6 %, 100 %; never 100 % for what is not whole."""
    text = f"{share * 100:.1f}"
    if text in ("100.0", "0.0") and share not in (0.0, 1.0):
        return "99.9 %" if share > 0.5 else "0.1 %"
    return f"{text.removesuffix('.0')} %"


def _shown(measure: MeasureView, point: Point) -> float:
    """What a reader sees of a share: of conflicts, what agrees."""
    return 1 - point.share if measure.formula == "conflict" else point.share


def _course(values: Sequence[float]) -> list[tuple[float, float]]:
    """Points of a line from left to right; its height is the span of the values, a small change stays small."""
    low, high = min(values), max(values)
    spare = max(SMALLEST_SPAN - (high - low), 0) / 2
    low, high = low - spare, high + spare
    step = (WIDTH - 2 * ROOM) / (len(values) - 1)
    return [
        (round(ROOM + n * step, 1), round(HEIGHT - ROOM - (v - low) / (high - low) * (HEIGHT - 2 * ROOM), 1))
        for n, v in enumerate(values)
    ]


def _words() -> dict[str, str]:
    return {
        "completeness": _("Filled in"),
        "validity": _("Rows without fault"),
        "conflict": _("Agrees with other sources"),
        "timeliness": _("Age of the data"),
        "uniqueness": _("Stands more than once"),
    }


def _cell(measure: MeasureView) -> MeasureCell:
    now = measure.now
    values = [_shown(measure, p) for p in measure.trend]
    counted = {"n": f"{now.counted:,}", "of": f"{now.of:,}"}
    if measure.formula == "timeliness":
        value = ngettext("%(n)s day", "%(n)s days", now.counted) % counted
        of = ngettext("promised every %(of)s day", "promised every %(of)s days", now.of) % counted
        first, last = (str(p.counted) for p in (measure.trend[0], now))
    else:
        value, first, last = _percent(_shown(measure, now)), _percent(values[0]), _percent(values[-1])
        shown = now.of - now.counted if measure.formula == "conflict" else now.counted
        of = _("%(n)s of %(of)s") % {**counted, "n": f"{shown:,}"}
    points = _course(values) if len(values) > 1 else []
    turns = {"better": _("better"), "worse": _("worse"), "same": _("as before"), "first": _("first time")}
    return MeasureCell(
        code=measure.formula,
        word=_words()[measure.formula],
        value=value,
        of=of,
        turn=measure.turn,
        turn_word=turns[measure.turn],
        tone="late" if measure.formula == "timeliness" and now.share > LATE else "",
        course=" ".join(f"{x},{y}" for x, y in points),
        course_word=_("course of %(n)s measurements, from %(first)s to %(last)s")
        % {"n": len(values), "first": first, "last": last},
        end=points[-1] if points else None,
        current=measure.current,
    )


def _change(item: ItemView) -> str:
    told = {
        "word": _word(item.zh, item.en),
        "now": _percent(item.share),
        "before": _percent(item.before or 0.0),
    }
    if item.formula == "completeness":
        return _("%(word)s filled in: %(before)s → %(now)s") % told
    if item.formula == "conflict":
        return _("%(word)s differs from the register: %(before)s → %(now)s") % told
    return _("%(word)s: %(before)s → %(now)s of the rows") % told


def _word(zh: str, en: str) -> str:
    word = zh if _chinese() else en
    return word[:1].upper() + word[1:]


def _sentence(mend: Mend) -> str:
    told = {"n": f"{mend.records:,}", "word": _word(mend.zh, mend.en)}
    if mend.formula == "kept_aside":
        text = ngettext(
            "%(n)s row is kept aside: %(word)s", "%(n)s rows are kept aside: %(word)s", mend.records
        )
    elif mend.formula == "fault":
        text = ngettext("%(n)s row. %(word)s", "%(n)s rows. %(word)s", mend.records)
    elif mend.formula == "completeness":
        text = ngettext("%(word)s is empty in %(n)s row", "%(word)s is empty in %(n)s rows", mend.records)
    elif mend.formula == "conflict":
        text = ngettext(
            "%(word)s differs from the register in %(n)s record",
            "%(word)s differs from the register in %(n)s records",
            mend.records,
        )
    elif mend.formula == "timeliness":
        text = ngettext("A new file is %(n)s day late", "A new file is %(n)s days late", mend.records)
    else:
        text = ngettext(
            "%(n)s record repeats another of this table",
            "%(n)s records repeat another of this table",
            mend.records,
        )
    return str(text % told)


def _aside(batch: UUID, reason: str) -> str:
    return f"{reverse('console:quarantine', args=[batch])}?reason={reason}"


def _to_mend(mend: Mend, names: dict[UUID, str], *, may_aside: bool) -> ToMend:
    detail = f"{reverse('console:source_quality', args=[mend.code])}#{mend.formula}"
    if mend.formula == "kept_aside" and may_aside:
        return ToMend(
            _sentence(mend), names[mend.resource], _aside(mend.batch, mend.item), _("Put these rows right")
        )
    action = _("See this table") if mend.formula == "timeliness" else _("See the rows")
    return ToMend(_sentence(mend), names[mend.resource], detail, action)


def _line(source: SourceQuality, departments: dict[UUID, str]) -> Line:
    cells = tuple(_cell(m) for code in LINE if (m := source.measure(code)) is not None)
    age = source.measure("timeliness")
    late = max(age.now.counted - age.now.of, 0) if age else 0
    changes = tuple(_change(item) for item in source.changes)
    return Line(source, _name(source), departments.get(source.organisation, ""), cells, changes, late)


def quality(request: HttpRequest) -> HttpResponse:
    access = access_of(request)
    found = queries.data_quality(access)
    departments = organisation_names(access)
    names = {s.resource: _name(s) for s in found.sources}
    may_aside = may(access, sources.quarantine)
    context = {
        "title": _("Data quality"),
        "lines": [_line(s, departments) for s in found.sources],
        "first": [_to_mend(m, names, may_aside=may_aside) for m in found.first],
        "unmeasured": [zh if _chinese() else en for _code, zh, en in found.unmeasured],
        "may_sources": may(access, sources.batches),
        "may_trust": may(access, source_records),
        "late": sum(1 for s in found.sources if (m := s.measure("timeliness")) and m.now.share > LATE),
    }
    return show(request, "office/quality/list.html", context)


def _rows(items: Sequence[ItemView], formula: str, batch: UUID, *, may_aside: bool) -> list[Row]:
    found = []
    for item in items:
        if item.formula != formula:
            continue
        bad = item.of - item.counted if formula == "completeness" else item.counted
        before = item.before if formula != "completeness" or item.before is None else 1 - item.before
        href = _aside(batch, item.item) if formula == "kept_aside" and may_aside else ""
        found.append(
            Row(
                ItemView(item.formula, item.version, item.item, item.zh, item.en, bad, item.of, before),
                _word(item.zh, item.en) if item.item else _words()["uniqueness"],
                _percent(bad / item.of),
                "–" if before is None else _percent(before),
                href,
                item.places,
            )
        )
    return sorted(found, key=lambda row: (-row.item.counted, row.word))


def _history(source: SourceQuality) -> list[tuple[date, list[str]]]:
    """The course as figures, newest first: what a reader without the lines reads."""
    days: dict[date, dict[str, str]] = {}
    for measure in source.measures:
        for point in measure.trend:
            text = (
                ngettext("%(n)s day", "%(n)s days", point.counted) % {"n": point.counted}
                if measure.formula == "timeliness"
                else _percent(_shown(measure, point))
            )
            days.setdefault(point.measured_on, {})[measure.formula] = text
    return [(day, [told.get(code, "–") for code in LINE]) for day, told in sorted(days.items(), reverse=True)]


def source_quality(request: HttpRequest, code: str) -> HttpResponse:
    access = access_of(request)
    detail = queries.source_quality(access, resource=code)
    source = detail.source
    may_aside = may(access, sources.quarantine)
    titles = (
        (
            "kept_aside",
            _("Rows kept aside"),
            _("They cannot stand and are in no register until they are put right."),
        ),
        (
            "fault",
            _("Faults in rows that stand"),
            _("The row is used; the cell that is wrong is not relied on."),
        ),
        ("completeness", _("Empty cells"), _("Only columns that this table has.")),
        (
            "conflict",
            _("Differs from the register"),
            _("What this source says beside what all sources together say."),
        ),
        ("uniqueness", _("Records that repeat another"), _("Same number; or same name, birth and phone.")),
        ("remark", _("How cells were read"), _("Told for completeness. Nothing has to be mended.")),
    )
    formulas = {f.code: f for f in detail.formulas}
    sections = [
        (formula, title, text, rows, formulas.get(formula))
        for formula, title, text in titles
        if (
            rows := [
                r for r in _rows(detail.items, formula, source.batch, may_aside=may_aside) if r.item.counted
            ]
        )
    ]
    names = {source.resource: _name(source)}
    context = {
        "title": _name(source),
        "line": _line(source, organisation_names(access)),
        "source": source,
        "first": [_to_mend(m, names, may_aside=may_aside) for m in source.mend],
        "sections": sections,
        "formulas": [formulas[code] for code in (*LINE, "uniqueness") if code in formulas],
        "words": _words(),
        "history": _history(source),
        "heads": [_words()[code] for code in LINE],
        "may_rows": may(access, sources.original_row),
        "may_sources": may(access, sources.batch),
    }
    return show(request, "office/quality/source.html", context)


urlpatterns = [
    path("quality/", quality, name="quality"),
    path("quality/<slug:code>/", source_quality, name="source_quality"),
]
