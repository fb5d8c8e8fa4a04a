"""A finding that changes takes its task along, or the task goes with a reason; a visit made is never lost."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from uuid import uuid4

import pytest
from django.utils import timezone

from tests.flows.test_chains import SON, WANG, ZHAO, declare, declared, met, person, register, rider
from wangge.field.queries import isolation_told, visits_of_task
from wangge.field.states import Receipt
from wangge.field.types import SubmittedVisit
from wangge.flows.screening import screen_emergency
from wangge.flows.tasking import task_emergency
from wangge.flows.tracing import trace
from wangge.flows.visits import submit
from wangge.outbreaks import actions
from wangge.registry.queries import screening_columns
from wangge.screening import queries as findings
from wangge.screening.actions import screen_exposure
from wangge.screening.types import fact_table
from wangge.tasks import queries as tasks
from wangge.tasks.actions import reassign
from wangge.tasks.states import TaskState

pytestmark = pytest.mark.django_db
__all__ = ["declare", "declared", "met", "register"]


@pytest.fixture
def tasked(met, declared):
    """Traced, screened and tasked once; gives an epidemiologist."""
    round_again(declared)
    return met


def round_again(emergency) -> int:
    trace(emergency)
    screen_emergency(emergency)
    return task_emergency(emergency)


def about(access, who):
    return {row.kind: row for row in tasks.tasks_about(access, person_id=who)}


def visit(task_id, emergency, *, met: bool) -> SubmittedVisit:
    now = timezone.now()
    return SubmittedVisit(
        client_id=uuid4(), form="symptom_check", started_at=now - timedelta(minutes=9), ended_at=now, saw_person=met,
        saw_dwelling=True, saw_state=met, task_id=task_id, emergency=emergency,
        answers={"temperature": 36.5} if met else {},
    )  # fmt: skip


def test_a_task_of_another_kind_goes_with_a_reason_its_worker_can_read(
    tasked, declared, access_for, system_access
) -> None:
    son = person(system_access, declared, SON)
    before = about(tasked, son)["symptom_check"]
    worker = access_for("grid_worker", "epidemic_response", emergency=declared)
    lead = access_for("emergency_lead", emergency=declared)
    reassign(lead, task_ids=[before.task_id], actor=worker.actor, reason="分工")
    submit(worker, visits=[visit(before.task_id, declared, met=False)])
    actions.import_manifest(tasked, rows=[rider("王建国", WANG, "08A"), rider("周强", SON, "09A")])
    round_again(declared)
    gone = tasks.task(worker, task_id=before.task_id)
    assert gone.state is TaskState.CANCELLED and gone.attempts == 1
    assert "取代" in gone.steps[-1].reason and "new finding" in gone.steps[-1].reason
    assert about(tasked, son)["exposure_visit"].state is TaskState.UNASSIGNED
    (late,) = submit(worker, visits=[visit(before.task_id, declared, met=True)])
    assert late.status is Receipt.TASK_CLOSED
    assert len(visits_of_task(worker, task_id=before.task_id)) == 2, "what was seen stays on record"


def test_a_task_that_is_still_needed_goes_on_with_its_visits(
    tasked, declared, access_for, system_access
) -> None:
    zhao = person(system_access, declared, ZHAO)
    before = about(tasked, zhao)["exposure_visit"]
    worker = access_for("grid_worker", "epidemic_response", emergency=declared)
    lead = access_for("emergency_lead", emergency=declared)
    reassign(lead, task_ids=[before.task_id], actor=worker.actor, reason="分工")
    submit(worker, visits=[visit(before.task_id, declared, met=False)])
    old = tasks.task(worker, task_id=before.task_id)
    later = timezone.localdate() - timedelta(days=5)
    rows = [rider("王建国", WANG, "08A", on=later), rider("赵敏", ZHAO, "09A", on=later)]
    actions.import_manifest(tasked, rows=rows)
    assert round_again(declared) == 0, "no second task for the same door"
    now = tasks.task(worker, task_id=before.task_id)
    assert (now.state, now.attempts, now.actor) == (TaskState.ATTEMPTED, 1, worker.actor)
    assert now.origin_key != old.origin_key and str(later) in now.reasons[0]
    assert now.deadline_at <= old.deadline_at
    submit(worker, visits=[visit(before.task_id, declared, met=True)])
    assert tasks.task(worker, task_id=before.task_id).state is TaskState.DONE
    assert round_again(declared) == 0


def test_tasks_go_when_no_rule_holds_any_more(tasked, declared, system_access) -> None:
    access = system_access("epidemic_response", declared)
    open_before = tasks.counts(access).waiting
    assert open_before > 0
    nobody = fact_table(subjects=[], unit_nos=[], facts={})
    screen_exposure(access, table=nobody, complete=True)
    assert task_emergency(declared) == 0
    assert tasks.counts(access).waiting == 0
    (row, *_) = tasks.task_page(access, states=[TaskState.CANCELLED]).rows
    assert "不再需要" in tasks.task(access, task_id=row.task_id).steps[-1].reason


def test_tasks_of_findings_that_stand_are_left_alone(tasked, declared, system_access) -> None:
    access = system_access("epidemic_response", declared)
    before = tasks.task_page(access, size=100).rows
    assert round_again(declared) == 0
    assert tasks.task_page(access, size=100).rows == before and before


def test_an_illness_counts_only_where_the_person_declared_it(
    tasked, declared, access_for, system_access
) -> None:
    zhao = person(system_access, declared, ZHAO)

    def cared() -> set[str]:
        (row,) = [f for f in findings.exposure_findings_of(tasked, person_id=zhao) if f.kind == "exposure"]
        return {r.rule for r in findings.exposure_finding(tasked, finding_id=row.id).priority_reasons}

    assert "illness_declared" not in screening_columns(tasked, ids=(zhao,)).facts
    assert "vulnerability.illness" not in cared()
    task_id = about(tasked, zhao)["exposure_visit"].task_id
    worker = access_for("grid_worker", "epidemic_response", emergency=declared)
    reassign(
        access_for("emergency_lead", emergency=declared),
        task_ids=[task_id],
        actor=worker.actor,
        reason="分工",
    )
    seen = visit(task_id, declared, met=True)
    submit(
        worker,
        visits=[replace(seen, person_id=zhao, answers={"temperature": 36.5, "illness_declared": True})],
    )
    round_again(declared)
    assert "vulnerability.illness" in cared()


def test_who_is_isolated_at_home_without_help_is_a_gap_in_care(
    tasked, declared, access_for, system_access, monkeypatch
) -> None:
    zhao = person(system_access, declared, ZHAO)

    def gaps() -> set[str]:
        return {f.rule for f in findings.exposure_findings_of(tasked, person_id=zhao) if f.kind == "care"}

    worker = access_for("grid_worker", "epidemic_response", emergency=declared)
    task_id = about(tasked, zhao)["exposure_visit"].task_id
    reassign(
        access_for("emergency_lead", emergency=declared),
        task_ids=[task_id],
        actor=worker.actor,
        reason="分工",
    )

    def told(**answers: bool) -> None:
        seen = replace(
            visit(task_id, declared, met=True), person_id=zhao, answers={"temperature": 36.5, **answers}
        )
        submit(worker, visits=[seen])
        round_again(declared)

    assert "care.isolated_without_plan" not in gaps()
    told(isolated_at_home=True)
    assert "care.isolated_without_plan" in gaps()
    assert "care_visit" in about(tasked, zhao), "and becomes a task"
    (row,) = [f for f in findings.exposure_findings_of(tasked, person_id=zhao) if f.kind == "care"]
    facts = {
        f.name: (f.value, f.source) for f in findings.exposure_finding(tasked, finding_id=row.id).facts_used
    }
    assert facts["isolated_at_home"] == ("True", "field")
    told(care_plan=True)
    assert "care.isolated_without_plan" not in gaps(), "somebody sees to it now"
    assert isolation_told(system_access("care"), person_ids=[zhao]) == (), (
        "outside the emergency nothing is known"
    )
    told(isolated_at_home=True, care_plan=False)
    later = timezone.now() + timedelta(days=15)
    monkeypatch.setattr("wangge.flows.screening.timezone.now", lambda: later)
    round_again(declared)
    assert "care.isolated_without_plan" not in gaps(), "what was said a fortnight ago says nothing of today"
