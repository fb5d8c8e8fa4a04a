"""Flows that take too long for a page: asked for by a person, run in the background, their state in view."""

from __future__ import annotations

from pathlib import Path
from tempfile import mkdtemp
from uuid import UUID

from django.conf import settings
from django.db import transaction
from procrastinate.contrib.django import app

from wangge.access.actions import enter_system
from wangge.collection.actions import ask_for_answers
from wangge.flows import collecting, linkage, quality, tiers, warning
from wangge.kernel.access import Access
from wangge.linkage.actions import ask_linkage, begin_linkage, end_linkage
from wangge.planning import actions as planning
from wangge.planning.states import Approach


def ask_to_link(access: Access, namesakes: bool | None = None) -> UUID:
    """Have the register linked anew in the background; gives the run whose state `registry.linkage_runs` shows.

    Raises Refused for who may not ask, Conflict while a run is under way. `namesakes`: see `ask_linkage`.
    """
    district = f"{access.scope.lo:015d}"[:6]
    with transaction.atomic():
        run = ask_linkage(access, namesakes=namesakes)
        link_anew.defer(run=str(run), district=district)
    return run


@app.task(queue="linkage", name="flows.link_anew", lock="linkage")
def link_anew(run: str, district: str) -> None:
    """Buildings, organisations, then all person rows; the run is noted as failed when it does not come to its end.

    What the run found is then measured: how far each source agrees with the register.
    """
    access = enter_system(name="linkage", purpose=linkage.PURPOSE)
    namesakes = begin_linkage(access, run=UUID(run))
    home = Path(settings.WANGGE_HOME) / "work"
    home.mkdir(mode=0o700, parents=True, exist_ok=True)
    work = Path(mkdtemp(prefix="link-", dir=home))
    try:
        linkage.place_buildings(district)
        linkage.place_assets(district)
        linkage.take_in_organisations(district, work / "organisations")
        made = linkage.relink(district, work, namesakes=namesakes)
    except Exception as fault:
        linkage.forget(work)
        end_linkage(access, run=UUID(run), fault=type(fault).__name__)
        raise
    try:
        end_linkage(
            access, run=UUID(run), rows=made.rows, report=made.report, added=made.added,
            why_anew=made.why_anew, fault=made.fault,
        )  # fmt: skip
        quality.measure_linked(made, work / "quality")
    finally:
        linkage.forget(work)


def ask_to_return(access: Access, campaign: UUID) -> int:
    """Have the answers of a campaign go back to the sources in the background; gives how many wait.

    Raises Refused for who may not ask. They go every night without being asked for.
    """
    with transaction.atomic():
        waiting = ask_for_answers(access, campaign=campaign)
        if waiting:
            return_answers.defer()
    return waiting


@app.task(queue="linkage", name="flows.return_answers", lock="answers")
def return_answers() -> int:
    """Answers that have not gone yet go to the asking departments' tables; gives how many."""
    return collecting.return_answers().sent


@app.periodic(cron="20 2 * * *")
@app.task(queue="linkage", name="flows.return_answers_nightly", lock="answers")
def return_answers_nightly(timestamp: int) -> int:
    """Every night, whether anybody asked or not."""
    return collecting.return_answers().sent


@app.periodic(cron="*/10 * * * *")
@app.task(
    queue="linkage", name="flows.measure_quality", lock="linkage", queueing_lock="flows.measure_quality"
)
def measure_quality(timestamp: int) -> int:
    """Every ten minutes: measure sources whose newest batch was not measured, or not in this month; gives how many."""
    home = Path(settings.WANGGE_HOME) / "work"
    home.mkdir(mode=0o700, parents=True, exist_ok=True)
    work = Path(mkdtemp(prefix="quality-", dir=home))
    try:
        return quality.measure_due(work)
    finally:
        linkage.forget(work)


@app.periodic(cron="30 0 * * *")
@app.task(queue="linkage", name="flows.warn", queueing_lock="flows.warn")
def warn_nightly(timestamp: int) -> int:
    """Shortly after midnight: alarms over what was counted yesterday; gives how many."""
    return warning.warn()


@app.periodic(cron="15 0 * * *")
@app.task(queue="linkage", name="flows.grade_areas", queueing_lock="flows.grade_areas")
def grade_areas_nightly(timestamp: int) -> int:
    """Shortly after midnight: the colours of areas under every emergency in force; gives how many areas."""
    return tiers.grade_all()


def ask_for_plan(access: Access, *, under: str, approach: Approach, target: float, tolerance: float) -> UUID:
    """Have a plan of grids drawn in the background; gives the plan whose state `planning.grid_plan` shows."""
    with transaction.atomic():
        plan = planning.draft_plan(access, under=under, approach=approach, target=target, tolerance=tolerance)
        draw_plan.defer(plan=str(plan))
    return plan


def ask_for_plan_of_nets(access: Access, *, comparison: UUID, target: float, tolerance: float) -> UUID:
    """Have a plan drawn in the background that makes two nets one; gives the plan."""
    with transaction.atomic():
        plan = planning.draft_from_nets(access, comparison=comparison, target=target, tolerance=tolerance)
        draw_plan.defer(plan=str(plan))
    return plan


@app.task(queue="planning", name="flows.draw_plan")
def draw_plan(plan: str) -> None:
    """Community by community, each kept when it is drawn: a process that dies loses one, and the next goes on."""
    access = enter_system(name="planning", purpose="territory_management")
    try:
        if planning.begin_plan(access, plan=UUID(plan)):
            while planning.draw_next(access, plan=UUID(plan)):
                pass
    except Exception as fault:
        planning.fail_plan(access, plan=UUID(plan), fault=type(fault).__name__)
        raise


@app.periodic(cron="*/10 * * * *")
@app.task(queue="planning", name="flows.go_on_drawing", queueing_lock="flows.go_on_drawing")
def go_on_drawing(timestamp: int) -> int:
    """Every ten minutes: plans whose process died go on, plots of discarded ones are cleared; gives how many plans."""
    access = enter_system(name="planning", purpose="territory_management")
    planning.sweep_plots(access)
    waiting = planning.standing_still(access)
    for plan in waiting:
        draw_plan.defer(plan=str(plan))
    return len(waiting)
