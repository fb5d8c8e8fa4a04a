"""One set of visits on its way in: what each deserves for an answer, and what is to be written."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from django.utils import timezone

from wangge.access import queries as access_queries
from wangge.field.models import QuarantinedVisit, Visit
from wangge.field.rules.forms import check_answers, form_named
from wangge.field.rules.intake import TaskFacts, check_times, outcome_of, receipt_for
from wangge.field.sealed import as_sent, sealer
from wangge.field.states import Outcome, QuarantineState, Receipt
from wangge.field.types import SubmittedVisit, VisitReceipt
from wangge.kernel.access import Access
from wangge.kernel.ids import new_id
from wangge.kernel.problems import BadInput, Problem
from wangge.kernel.sealing import Sealer
from wangge.tasks import queries as task_queries
from wangge.tasks.types import Assignment

OBSERVATIONS_LENGTH = 4000
CORRECTIONS_AT_MOST = 40
FIELD_NAME = re.compile(r"[a-z][a-z0-9_]{0,39}")


class Known(NamedTuple):
    """A visit that is already here."""

    visit_id: UUID
    digest: bytes
    task_id: UUID | None
    outcome: str
    ended_at: datetime


class Taken(NamedTuple):
    """A visit that is taken in now."""

    visit_id: UUID
    visit: SubmittedVisit
    receipt: Receipt
    outcome: Outcome
    unit_no: int
    emergency: UUID | None
    digest: bytes
    review_actor: str


class Held(NamedTuple):
    """A visit that cannot be taken in, with the reason."""

    client_id: UUID
    digest: bytes
    unit_no: int
    emergency: UUID | None
    sent: bytes
    problem: Problem


@dataclass(slots=True)
class Outbox:
    """One set of visits on its way in."""

    access: Access
    now: datetime
    known: Mapping[UUID, Known]
    settled: Mapping[tuple[UUID, bytes], UUID | None]
    tasks: Mapping[UUID, Assignment]
    in_force: frozenset[UUID]
    taken: dict[UUID, Taken] = field(default_factory=dict)
    _seals: dict[UUID | None, Sealer] = field(default_factory=dict)
    held: dict[tuple[UUID, bytes], Held] = field(default_factory=dict)

    def seals(self, emergency: UUID | None) -> Sealer:
        """The sealer of an emergency or of peacetime, taken once: it looks for the key's file."""
        if emergency not in self._seals:
            self._seals[emergency] = sealer(emergency)
        return self._seals[emergency]

    def receive(self, visit: SubmittedVisit) -> VisitReceipt:
        """The answer for one visit; what is to be written is put aside."""
        if visit.emergency is not None and visit.emergency != self.access.emergency:
            return self._elsewhere(visit)
        task = self.tasks.get(visit.task_id) if visit.task_id else None
        emergency = task.emergency if task else visit.emergency
        try:
            sent = as_sent(visit)
        except (TypeError, ValueError):
            return _refusal(visit, _not_json())
        digest = self.seals(emergency).blind("visit", sent.decode())
        if (before := self._before(visit, digest)) is not None:
            return before
        try:
            taken = self._check(visit, task, emergency, digest)
        except Problem as problem:
            self._hold(visit, emergency, digest, sent, problem)
            return _refusal(visit, problem)
        self.taken[visit.client_id] = taken
        return _receipt(taken)

    def received_elsewhere(self, visit: SubmittedVisit) -> VisitReceipt:
        """The answer for a visit whose client id is taken, by another call or out of sight."""
        if visit.client_id in self.known:
            return self.receive(visit)
        return _duplicate(visit, None)

    def _elsewhere(self, visit: SubmittedVisit) -> VisitReceipt:
        """A visit of another emergency: to be sent under it, or gone with it."""
        if visit.emergency in self.in_force:
            return _refusal(
                visit,
                BadInput(
                    code="visit_of_another_emergency",
                    zh="请在该应急授权之下上传此走访；手机仍保留它。",
                    en="Send this visit under its own emergency; the phone keeps it until then.",
                ),
            )
        return VisitReceipt(
            client_id=visit.client_id,
            status=Receipt.EMERGENCY_ENDED,
            visit_id=None,
            task_id=visit.task_id,
            outcome=None,
            ended_at=None,
            code="emergency_ended",
            zh="该应急已结束，其数据依法销毁，此走访不再收存，请从手机删除。",
            en="This emergency has ended and its data is destroyed: the visit is not kept, delete it on the phone.",
        )

    def _before(self, visit: SubmittedVisit, digest: bytes) -> VisitReceipt | None:
        """The answer for a visit that was received before, in an earlier set or in this one."""
        if (taken := self.taken.get(visit.client_id)) is not None:
            same = taken.digest == digest
            known: Known | None = Known(
                taken.visit_id, taken.digest, taken.visit.task_id, taken.outcome, taken.visit.ended_at
            )
        else:
            known = self.known.get(visit.client_id)
            same = known is not None and known.digest == digest
            if not same and (visit.client_id, digest) in self.settled:
                same = True  # its corrected version was taken in, or it was discarded by hand
        if not same:
            return None
        return _duplicate(visit, known)

    def _check(
        self, visit: SubmittedVisit, task: Assignment | None, emergency: UUID | None, digest: bytes
    ) -> Taken:
        """A visit that can stand; Problem for one that cannot."""
        if visit.client_id in self.known or visit.client_id in self.taken:
            raise BadInput(
                code="visit_differs",
                zh="同一编号的走访内容不同：已收的保留，此份待人工核对。",
                en="A visit of this id was received with other content: that one stays, this one is held.",
            )
        check_times(visit.started_at, visit.ended_at, self.now)
        outcome = outcome_of(
            saw_person=visit.saw_person, saw_dwelling=visit.saw_dwelling, saw_state=visit.saw_state
        )
        _check_content(visit, whole=outcome is Outcome.COMPLETE)
        facts = TaskFacts(task.actor, waiting=task.waiting) if task else None
        receipt = receipt_for(self.access.actor, names_task=visit.task_id is not None, task=facts)
        if receipt is Receipt.REJECTED:
            raise BadInput(
                code="task_unknown",
                zh="走访所属的任务不存在，或不在辖区内。",
                en="The task of this visit does not exist, or lies outside the territory.",
            )
        return Taken(
            new_id(),
            visit,
            receipt,
            outcome,
            self._unit(visit, task),
            emergency,
            digest,
            task.actor if task and receipt is Receipt.TASK_REASSIGNED else "",
        )

    def _unit(self, visit: SubmittedVisit, task: Assignment | None) -> int:
        unit_no = task.unit_no if task else visit.unit_no
        if unit_no is None:
            raise BadInput(
                code="visit_without_place",
                zh="走访没有写明任务或网格。",
                en="The visit names neither a task nor a grid.",
            )
        if unit_no not in self.access.scope:
            raise BadInput(
                code="unit_outside_scope",
                zh=f"网格“{unit_no}”不在您的辖区内。",
                en=f'The grid "{unit_no}" lies outside your territory.',
            )
        return unit_no

    def _hold(
        self, visit: SubmittedVisit, emergency: UUID | None, digest: bytes, sent: bytes, problem: Problem
    ) -> None:
        inside = visit.unit_no is not None and visit.unit_no in self.access.scope
        unit_no = visit.unit_no if inside and visit.unit_no is not None else self.access.scope.lo
        self.held[visit.client_id, digest] = Held(visit.client_id, digest, unit_no, emergency, sent, problem)


def _not_json() -> BadInput:
    return BadInput(
        code="visit_unreadable", zh="走访内容无法读取。", en="The content of the visit cannot be read."
    )


def _check_content(visit: SubmittedVisit, *, whole: bool) -> None:
    """Raise BadInput for answers the form refuses, a text too long, or corrections that contradict."""
    faults = check_answers(form_named(visit.form, visit.form_version), visit.answers, whole=whole)
    if faults:
        raise BadInput(
            code="answers_refused",
            zh="".join(fault.zh for fault in faults),
            en=" ".join(fault.en for fault in faults),
            place=", ".join(fault.question for fault in faults),
        )
    if len(visit.observations) > OBSERVATIONS_LENGTH:
        raise BadInput(
            code="observations_too_long",
            zh=f"情况记录不超过 {OBSERVATIONS_LENGTH} 字。",
            en=f"Observations hold {OBSERVATIONS_LENGTH} characters.",
        )
    fields = [found.field for found in visit.corrections]
    if (
        len(set(fields)) != len(fields)
        or len(fields) > CORRECTIONS_AT_MOST
        or not all(map(FIELD_NAME.fullmatch, fields))
    ):
        raise BadInput(
            code="corrections_unclear",
            zh="更正的字段无法识别、重复或过多。",
            en="A corrected field is unknown, is corrected twice, or there are too many.",
        )


def _duplicate(visit: SubmittedVisit, known: Known | None) -> VisitReceipt:
    return VisitReceipt(
        client_id=visit.client_id,
        status=Receipt.DUPLICATE,
        visit_id=known.visit_id if known else None,
        task_id=known.task_id if known else None,
        outcome=Outcome(known.outcome) if known else None,
        ended_at=known.ended_at if known else None,
        code="",
        zh="此走访已收到。",
        en="This visit was received before.",
    )


def _refusal(visit: SubmittedVisit, problem: Problem) -> VisitReceipt:
    return VisitReceipt(
        client_id=visit.client_id,
        status=Receipt.REJECTED,
        visit_id=None,
        task_id=visit.task_id,
        outcome=None,
        ended_at=None,
        code=problem.code,
        zh=problem.zh,
        en=problem.en,
    )


_WORDS = {
    Receipt.ACCEPTED: ("已收到。", "Received."),
    Receipt.TASK_REASSIGNED: (
        "任务已改派：此走访已保留，转新责任人确认。",
        "The task was given to another worker: the visit is kept and referred to them.",
    ),
    Receipt.TASK_CLOSED: (
        "任务已办结：此走访一并保留。",
        "The task had ended already: the visit is kept beside it.",
    ),
}


def _receipt(taken: Taken) -> VisitReceipt:
    zh, en = _WORDS[taken.receipt]
    return VisitReceipt(
        client_id=taken.visit.client_id,
        status=taken.receipt,
        visit_id=taken.visit_id,
        task_id=taken.visit.task_id,
        outcome=taken.outcome,
        ended_at=taken.visit.ended_at,
        code="",
        zh=zh,
        en=en,
    )


def open_outbox(access: Access, visits: Sequence[SubmittedVisit]) -> Outbox:
    """A set of visits and all that is known about it, read in one go."""
    ids = [visit.client_id for visit in visits]
    known = {
        row[0]: Known(row[1], bytes(row[2]), row[3], row[4], row[5])
        for row in Visit.objects.filter(client_id__in=ids).values_list(
            "client_id", "id", "digest", "task_id", "outcome", "ended_at"
        )
    }
    settled = {
        (client_id, bytes(digest)): visit_id
        for client_id, digest, visit_id in QuarantinedVisit.objects.filter(client_id__in=ids)
        .exclude(state=QuarantineState.HELD)
        .values_list("client_id", "digest", "visit_id")
    }
    named = {visit.task_id for visit in visits if visit.task_id is not None}
    assigned = task_queries.assignments(access, task_ids=named) if named else ()
    foreign = any(visit.emergency not in (None, access.emergency) for visit in visits)
    in_force = frozenset(m.id for m in access_queries.mandates_in_force()) if foreign else frozenset()
    tasks = {task.task_id: task for task in assigned}
    return Outbox(access, timezone.now(), known, settled, tasks, in_force)
