"""What visits found at the doors, and which answers have gone back to the sources."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Any
from uuid import UUID

import orjson
from django.db import connection
from django.db.models import F
from django.utils import timezone

from wangge.access.bulk import insert_rows
from wangge.access.vault import vault
from wangge.collection.finding import asked_questions
from wangge.collection.models import SEALED, AnswerSheet, Campaign, CampaignDoor, FormQuestion
from wangge.collection.rules.asking import answer_fault
from wangge.collection.rules.visiting import verb_of
from wangge.collection.states import DOOR_TABLE, DoorState, SheetState
from wangge.collection.types import DoorEnd, DoorVisit, PersonAnswers
from wangge.kernel.access import Access
from wangge.kernel.doors import door
from wangge.kernel.ids import new_id
from wangge.kernel.problems import BadInput, NotFound

NEW_PEOPLE_AT_MOST = 20
EVIDENCE_MOST = 2_000
NEWCOMER = (
    "name",
)  # what is asked of somebody the register did not know to live here, besides the form's questions
_LACKING = {
    "person": ("见人", "the person seen"),
    "dwelling": ("见居", "the dwelling seen"),
    "state": ("见状态", "the state seen"),
    "evidence": ("依据说明", "the evidence written down"),
}
_END = """
UPDATE collection_campaigndoor AS door
SET state = seen.state, attempts = door.attempts + 1, saw_person = seen.person, saw_dwelling = seen.dwelling,
    saw_state = seen.shown, visit_id = seen.visit, ended_at = seen.at, actor = seen.actor,
    evidence_sealed = seen.evidence
FROM unnest(%s::uuid[], %s::text[], %s::boolean[], %s::boolean[], %s::boolean[], %s::uuid[], %s::timestamptz[],
            %s::text[], %s::bytea[])
  AS seen(id, state, person, dwelling, shown, visit, at, actor, evidence)
WHERE door.id = seen.id
"""
_ANSWER = """
UPDATE collection_answersheet AS sheet
SET state = 'answered', answers_sealed = said.answers, answered_at = said.at, visit_id = said.visit
FROM unnest(%s::uuid[], %s::bytea[], %s::timestamptz[], %s::uuid[]) AS said(id, answers, at, visit)
WHERE sheet.id = said.id
"""
_CLOSE = """
UPDATE collection_answersheet SET state = 'closed'
WHERE state = 'open' AND door_id = ANY(%s) AND NOT id = ANY(%s)
"""
_SHEET = ("id", "campaign_id", "door_id", "unit_no", "person_id", "asked", "state", "answers_sealed", "answered_at",
          "visit_id")  # fmt: skip


@door(writes="campaign_door", act="note")
def note_visits(access: Access, *, visits: Sequence[DoorVisit]) -> tuple[DoorEnd, ...]:
    """Enter what visits found: how each door ended, with its evidence, and what its people answered.

    A door is surveyed when person, dwelling and state were each seen; refused, empty and not found need evidence;
    anything else is an attempt and somebody goes again. Once ended it stays as it ended. Nothing is noted when one of
    the visits cannot stand: BadInput says which, and what is lacking.
    """
    ids = [v.door_id for v in visits]
    doors = {
        d.id: d
        for d in CampaignDoor.objects.select_for_update()
        .filter(id__in=ids, unit_no__gte=access.scope.lo, unit_no__lte=access.scope.hi)
        .order_by("id")
    }
    desk = _Desk(doors)
    results = [desk.note(visit) for visit in visits]
    desk.write()
    return tuple(results)


class _Desk:
    """A set of visits while it is read: what each is about is fetched once, what came of it is written in a few
    statements however many they are."""

    def __init__(self, doors: dict[UUID, CampaignDoor]) -> None:
        self.doors = doors
        forms = dict(
            Campaign.objects.filter(id__in={d.campaign_id for d in doors.values()}).values_list(
                "id", "form_id"
            )
        )
        by_form = {form: {q.code: q for q in asked_questions(form)} for form in set(forms.values())}
        self.questions: dict[UUID, dict[str, FormQuestion]] = {c: by_form[f] for c, f in forms.items()}
        self.sheets: dict[UUID, dict[UUID, AnswerSheet]] = defaultdict(dict)
        for sheet in AnswerSheet.objects.filter(door_id__in=list(doors), state=SheetState.OPEN):
            self.sheets[sheet.door_id][sheet.id] = sheet
        self.ended: list[tuple[Any, ...]] = []
        self.tried: list[UUID] = []
        self.answered: list[tuple[Any, ...]] = []
        self.newcomers: list[tuple[Any, ...]] = []

    def note(self, visit: DoorVisit) -> DoorEnd:
        door = self.doors.get(visit.door_id)
        if door is None:
            raise NotFound(
                code="door_unknown",
                zh="没有此采集户，或不在您的辖区内。",
                en="There is no such door, or it lies outside your territory.",
            )
        evidence = visit.evidence.strip()[:EVIDENCE_MOST]
        try:
            verb = verb_of(
                visit.result,
                saw_person=visit.saw_person,
                saw_dwelling=visit.saw_dwelling,
                saw_state=visit.saw_state,
                evidence=evidence,
            )
        except ValueError as lacking:
            raise _not_borne_out(visit, tuple(map(str, lacking.args))) from None
        if DoorState(door.state) is not DoorState.WAITING:
            return DoorEnd(door.id, visit.visit_id, "already", 0)
        answers = visit.answers if verb == "survey" else ()
        said = [self._read(door, part, visit) for part in answers]
        if verb == "attempt":
            self.tried.append(door.id)
            return DoorEnd(door.id, visit.visit_id, verb, 0)
        door.state = DOOR_TABLE.apply(DoorState(door.state), verb, reason=evidence).value
        sealed = vault(SEALED).seal(evidence) if evidence else None
        self.ended.append(
            (
                door.id, door.state, visit.saw_person, visit.saw_dwelling, visit.saw_state, visit.visit_id, visit.at,
                visit.actor, sealed,
            )
        )  # fmt: skip
        for sheet_id, values in said:
            if not values:
                continue
            sealed_answers = vault(SEALED).seal(orjson.dumps(values))
            if sheet_id is not None:
                self.answered.append((sheet_id, sealed_answers, visit.at, visit.visit_id))
            else:
                self.newcomers.append(
                    (
                        new_id(), door.campaign_id, door.id, door.unit_no, None, list(values),
                        SheetState.ANSWERED.value, sealed_answers, visit.at, visit.visit_id,
                    )
                )  # fmt: skip
        return DoorEnd(door.id, visit.visit_id, verb, sum(bool(values) for _, values in said))

    def _read(
        self, door: CampaignDoor, part: PersonAnswers, visit: DoorVisit
    ) -> tuple[UUID | None, dict[str, str]]:
        """One person's answers as they are kept, empty ones left out. Raises BadInput for what was not asked."""
        questions = self.questions[door.campaign_id]
        values = {code: value.strip() for code, value in part.values.items() if value.strip()}
        if part.sheet_id is not None:
            sheet = self.sheets[door.id].get(part.sheet_id)
            if sheet is None:
                raise NotFound(
                    code="sheet_unknown", zh="没有此采集单。", en="There is no such sheet at this door."
                )
            allowed = set(sheet.asked)
        else:
            allowed = {*questions, *NEWCOMER}
            if values and not values.get("name"):
                raise _wrong(visit, "姓名", "name")
        for code, value in values.items():
            question = questions.get(code)
            if code not in allowed:
                raise BadInput(
                    code="not_asked",
                    zh=f"“{question.zh if question else code}”已掌握，不向此人提问。",
                    en=f'"{(question.en or question.zh) if question else code}" is not asked of this person.',
                    place=str(visit.visit_id),
                )
            choices = tuple(str(c[0]) for c in question.choices) if question else ()
            if answer_fault(question.kind if question else "text", choices, value):
                raise _wrong(
                    visit, question.zh if question else code, (question.en if question else "") or code
                )
        return part.sheet_id, values

    def write(self) -> None:
        if self.tried:
            CampaignDoor.objects.filter(id__in=self.tried).update(attempts=F("attempts") + 1)
        if self.ended:
            columns = [list(column) for column in zip(*self.ended, strict=True)]
            with connection.cursor() as cursor:
                cursor.execute(_END, columns)
        if self.answered:
            columns = [list(column) for column in zip(*self.answered, strict=True)]
            with connection.cursor() as cursor:
                cursor.execute(_ANSWER, columns)
        if self.newcomers:
            insert_rows(AnswerSheet, _SHEET, self.newcomers)
        if self.ended:
            with connection.cursor() as cursor:
                cursor.execute(_CLOSE, [[row[0] for row in self.ended], [row[0] for row in self.answered]])


def _not_borne_out(visit: DoorVisit, lacking: tuple[str, ...]) -> BadInput:
    zh = "、".join(_LACKING[word][0] for word in lacking)
    en = ", ".join(_LACKING[word][1] for word in lacking)
    return BadInput(
        code="end_not_borne_out",
        zh=f"此结果还缺：{zh}。请补记，或记为未遇。",
        en=f"This result still lacks {en}. Add it, or record an attempt.",
        place=str(visit.visit_id),
    )


def _wrong(visit: DoorVisit, zh: str, en: str) -> BadInput:
    return BadInput(
        code="answer_unreadable",
        zh=f"“{zh}”的回答无法识别，请重填。",
        en=f'The answer to "{en}" cannot be read; enter it again.',
        place=str(visit.visit_id),
    )


@door(writes="answer_sheet", act="send")
def mark_answers_sent(access: Access, *, sheet_ids: Sequence[UUID], batch_id: UUID) -> int:
    """Note that answers have gone back to the sources with a batch; gives how many had not before."""
    return AnswerSheet.objects.filter(
        id__in=sheet_ids,
        unit_no__gte=access.scope.lo,
        unit_no__lte=access.scope.hi,
        state=SheetState.ANSWERED,
        sent_at__isnull=True,
    ).update(sent_at=timezone.now(), batch_id=batch_id)
