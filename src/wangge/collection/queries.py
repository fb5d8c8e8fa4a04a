"""Every read that leaves the collection room."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from uuid import UUID

import orjson
from django.db.models import Count, Q, QuerySet, Sum
from django.db.models.functions import TruncDate
from django.utils import timezone

from wangge.access.vault import vault
from wangge.collection.analysis import person_columns
from wangge.collection.finding import find_campaign, find_form, questions_of
from wangge.collection.models import SEALED, AnswerSheet, Campaign, CampaignDoor, CollectionForm, FormQuestion
from wangge.collection.rules.asking import FOLLOWS, NEVER_ASKED
from wangge.collection.states import FORM_TABLE, CampaignState, DoorState, FormState, SheetState
from wangge.collection.types import (
    Answered,
    AskableField,
    CampaignView,
    DayProgress,
    DoorRow,
    DoorSheet,
    FormRow,
    FormView,
    OwnAnswers,
    OwnValue,
    PersonSheet,
    UnitProgress,
)
from wangge.collection.views import campaign_view, door_counts, door_row, form_view, question_views
from wangge.kernel.access import Access
from wangge.kernel.doors import door
from wangge.kernel.pages import PAGE_SIZE, Cursor, Page
from wangge.kernel.problems import NotFound, Refused
from wangge.kernel.units import Interval
from wangge.registry.queries import HELD_COLUMNS


@door(reads="collection_form")
def askable_fields(access: Access) -> tuple[AskableField, ...]:
    """The fields of the canonical person that a form may pick; `kept` ones the register can answer by itself."""
    return tuple(
        AskableField(c.name, c.zh, c.en, c.name in HELD_COLUMNS, FOLLOWS.get(c.name, ()))
        for c in person_columns()
        if c.name not in NEVER_ASKED
    )


@door(reads="collection_form")
def forms(access: Access, *, after: str | None = None, size: int = PAGE_SIZE) -> Page[FormRow]:
    """Forms of all organisations, newest first: who asks what is open to all staff."""
    rows = CollectionForm.objects.order_by("-drafted_at", "-id")
    mark = Cursor.decode(after, 1, UUID)
    if mark is not None:
        last = CollectionForm.objects.filter(id=mark.values[0]).values_list("drafted_at", flat=True).first()
        if last is not None:
            rows = rows.filter(Q(drafted_at__lt=last) | Q(drafted_at=last, id__lt=mark.values[0]))
    found = list(rows[: size + 1])
    numbers = dict(
        FormQuestion.objects.filter(form__in=[f.id for f in found], refused="")
        .values_list("form_id")
        .annotate(n=Count("id"))
    )
    shown = tuple(_form_row(f, numbers.get(f.id, 0)) for f in found[:size])
    follow = Cursor((str(shown[-1].form_id),)).encode() if len(found) > size else None
    return Page(shown, follow)


def _form_row(form: CollectionForm, questions: int) -> FormRow:
    words = FORM_TABLE.states[FormState(form.state)]
    return FormRow(
        form.id, form.title, form.organisation_id, form.area, FormState(form.state), words.zh, words.en,
        form.drafted_at, questions, form.people, form.target_cells, form.asked_cells,
    )  # fmt: skip


@door(reads="collection_form")
def form(access: Access, *, form_id: UUID) -> FormView:
    """A form whole, with what the register answers to each question and every reason for asking again."""
    return form_view(find_form(access, form_id))


def _doors(access: Access, campaigns: list[UUID]) -> QuerySet[CampaignDoor]:
    return CampaignDoor.objects.filter(
        campaign_id__in=campaigns, unit_no__gte=access.scope.lo, unit_no__lte=access.scope.hi
    )


def _sheets(access: Access, campaigns: list[UUID]) -> QuerySet[AnswerSheet]:
    return AnswerSheet.objects.filter(
        campaign_id__in=campaigns, unit_no__gte=access.scope.lo, unit_no__lte=access.scope.hi
    )


def _campaign_views(access: Access, rows: list[Campaign]) -> tuple[CampaignView, ...]:
    ids = [row.id for row in rows]
    by_state: dict[UUID, dict[str, int]] = defaultdict(dict)
    for campaign_id, state, n in (
        _doors(access, ids).values_list("campaign_id", "state").annotate(n=Count("id")).order_by()
    ):
        by_state[campaign_id][state] = n
    answered = {
        campaign_id: (n, gone)
        for campaign_id, n, gone in _sheets(access, ids)
        .filter(state=SheetState.ANSWERED)
        .values_list("campaign_id")
        .annotate(n=Count("id"), gone=Count("sent_at"))
        .order_by()
    }
    return tuple(
        campaign_view(row, door_counts(by_state[row.id]), *answered.get(row.id, (0, 0))) for row in rows
    )


@door(reads="campaign")
def campaigns(
    access: Access, *, form_id: UUID | None = None, state: CampaignState | None = None, size: int = PAGE_SIZE
) -> tuple[CampaignView, ...]:
    """Campaigns, newest first, with their doors in the access's territory. Counts only."""
    rows = Campaign.objects.select_related("form").order_by("-begun_at", "-id")
    if form_id is not None:
        rows = rows.filter(form_id=form_id)
    if state is not None:
        rows = rows.filter(state=state)
    return _campaign_views(access, list(rows[:size]))


@door(reads="campaign")
def campaign(access: Access, *, campaign_id: UUID) -> CampaignView:
    """One campaign with its doors in the access's territory, by how they ended."""
    return _campaign_views(access, [find_campaign(access, campaign_id)])[0]


@door(reads="campaign")
def progress(access: Access, *, campaign_id: UUID) -> tuple[UnitProgress, ...]:
    """How far a campaign is, grid by grid, in the order of the unit numbers."""
    find_campaign(access, campaign_id)
    by_unit: dict[int, dict[str, int]] = defaultdict(dict)
    attempts: dict[int, int] = defaultdict(int)
    for unit, state, n, tried in (
        _doors(access, [campaign_id])
        .values_list("unit_no", "state")
        .annotate(n=Count("id"), tried=Sum("attempts"))
        .order_by()
    ):
        by_unit[unit][state] = n
        attempts[unit] += tried or 0
    people = {
        unit: (asked, said)
        for unit, asked, said in _sheets(access, [campaign_id])
        .values_list("unit_no")
        .annotate(
            asked=Count("id", filter=Q(person_id__isnull=False)),
            said=Count("id", filter=Q(state=SheetState.ANSWERED)),
        )
        .order_by()
    }
    return tuple(
        UnitProgress(unit, door_counts(states), *people.get(unit, (0, 0)), attempts[unit])
        for unit, states in sorted(by_unit.items())
    )


@door(reads="campaign")
def progress_by_day(access: Access, *, campaign_id: UUID) -> tuple[DayProgress, ...]:
    """Doors that ended and sheets that were answered, day by day."""
    find_campaign(access, campaign_id)
    ended: Mapping[object, int] = dict(
        _doors(access, [campaign_id])
        .filter(ended_at__isnull=False)
        .values_list(TruncDate("ended_at"))
        .annotate(n=Count("id"))
        .order_by()
    )
    said: Mapping[object, int] = dict(
        _sheets(access, [campaign_id])
        .filter(answered_at__isnull=False)
        .values_list(TruncDate("answered_at"))
        .annotate(n=Count("id"))
        .order_by()
    )
    return tuple(DayProgress(day, n, said.get(day, 0)) for day, n in sorted(ended.items()))  # type: ignore[arg-type]


@door(reads="campaign_door", act="list")
def campaign_doors(
    access: Access,
    *,
    campaign_id: UUID,
    state: DoorState | None = None,
    unit: Interval | None = None,
    after: str | None = None,
    size: int = PAGE_SIZE,
) -> Page[DoorRow]:
    """The doors of a campaign by grid, with how each ended and the evidence; not who lives behind them."""
    rows = _doors(access, [campaign_id]).order_by("unit_no", "id")
    if state is not None:
        rows = rows.filter(state=state)
    if unit is not None:
        rows = rows.filter(unit_no__gte=unit.lo, unit_no__lte=unit.hi)
    mark = Cursor.decode(after, 2, int, UUID)
    if mark is not None:
        unit_no, last = mark.values
        rows = rows.filter(Q(unit_no__gt=unit_no) | Q(unit_no=unit_no, id__gt=last))
    found = list(rows[: size + 1])
    follow = (
        Cursor((found[size - 1].unit_no, str(found[size - 1].id))).encode() if len(found) > size else None
    )
    return Page(tuple(map(door_row, found[:size])), follow)


@door(reads="campaign_door", act="open")
def door_sheet(access: Access, *, door_id: UUID) -> DoorSheet:
    """A door for the worker who stands before it: the questions, and who is still asked which of them."""
    row = CampaignDoor.objects.filter(
        id=door_id, unit_no__gte=access.scope.lo, unit_no__lte=access.scope.hi
    ).first()
    if row is None:
        raise NotFound(code="door_unknown", zh="没有此采集户。", en="There is no such door.")
    campaign_row = find_campaign(access, row.campaign_id)
    sheets = AnswerSheet.objects.filter(door_id=door_id, person_id__isnull=False).order_by("id")
    questions = [q for q in questions_of(campaign_row.form_id) if not q.refused]
    return DoorSheet(
        door_row(row),
        campaign_row.form.title,
        question_views(questions, campaign_row.form),
        tuple(PersonSheet(s.id, s.person_id, tuple(s.asked), s.state == SheetState.ANSWERED) for s in sheets),
    )


@door(reads="answer_sheet", act="collect")
def answers_to_send(access: Access, *, limit: int | None = 10_000) -> tuple[Answered, ...]:
    """Answers that have not gone back to the sources yet, oldest first: canonical columns, as text that they read."""
    rows = (
        AnswerSheet.objects.filter(
            state=SheetState.ANSWERED,
            sent_at__isnull=True,
            unit_no__gte=access.scope.lo,
            unit_no__lte=access.scope.hi,
        )
        .select_related("campaign__form")
        .order_by("id")
    )
    found = []
    fields: dict[UUID, dict[str, FormQuestion]] = {}
    words = {c.name: dict(c.values) for c in person_columns()}
    for row in rows[:limit]:
        form_id = row.campaign.form_id
        if form_id not in fields:
            fields[form_id] = {q.code: q for q in questions_of(form_id) if q.field}
        said: dict[str, str] = orjson.loads(vault(SEALED).unseal_bytes(row.answers_sealed or b""))
        values = {}
        for code, value in said.items():
            question = fields[form_id].get(code)
            column = question.field if question else code if code == "name" else ""
            if column in words:
                plain = {"yes": "是", "no": "否"} if question and question.kind == "yes_no" else words[column]
                values[column] = plain.get(value, value)
        if values and row.answered_at is not None:
            found.append(
                Answered(
                    row.id, row.campaign_id, row.campaign.form.organisation_id, row.campaign.form.area, row.person_id,
                    timezone.localdate(row.answered_at), values,
                )
            )  # fmt: skip
    return tuple(found)


@door(reads="answer_sheet", act="study")
def own_answers(
    access: Access, *, campaign_id: UUID, after: str | None = None, size: int = PAGE_SIZE
) -> Page[OwnAnswers]:
    """What people of the territory answered to the questions of the form's own, for the organisation that asked them
    and nobody else: they were given for its stated purpose. Answers about fields of the register go there instead."""
    campaign = find_campaign(access, campaign_id)
    if access.organisation is None or campaign.form.organisation_id != access.organisation:
        raise Refused(
            code="not_your_form",
            zh="自有题目的答复只供发起单位按所述用途使用。",
            en="Answers to a form's own questions are for the organisation that asked, for the purpose it gave.",
        )
    own = {q.code: q for q in questions_of(campaign.form_id) if not q.field and not q.refused}
    rows = AnswerSheet.objects.filter(
        campaign=campaign,
        state=SheetState.ANSWERED,
        unit_no__gte=access.scope.lo,
        unit_no__lte=access.scope.hi,
    ).order_by("id")
    mark = Cursor.decode(after, 1, UUID)
    if mark is not None:
        rows = rows.filter(id__gt=mark.values[0])
    found = list(rows[: size + 1])
    shown = []
    for row in found[:size]:
        said: dict[str, str] = orjson.loads(vault(SEALED).unseal_bytes(row.answers_sealed or b""))
        values = tuple(_own_value(q, said[code]) for code, q in own.items() if said.get(code))
        if row.answered_at is not None:
            day = timezone.localdate(row.answered_at)
            shown.append(OwnAnswers(row.id, row.person_id, row.unit_no, day, values))
    follow = Cursor((str(found[size - 1].id),)).encode() if len(found) > size else None
    return Page(tuple(shown), follow)


_SAID = {"yes": ("是", "yes"), "no": ("否", "no")}


def _own_value(question: FormQuestion, value: str) -> OwnValue:
    words = {str(code): (str(zh), str(en)) for code, zh, en in question.choices}
    zh, en = words.get(value) or (_SAID.get(value) if question.kind == "yes_no" else None) or (value, value)
    return OwnValue(question.code, question.zh, question.en or question.zh, zh, en)
