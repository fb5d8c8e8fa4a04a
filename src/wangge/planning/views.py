"""Rows of planning's tables as they leave the room; private to it."""

from __future__ import annotations

from wangge.planning.models import PlanStep
from wangge.planning.states import StepVerb
from wangge.planning.types import StepRow


def step_row(step: PlanStep, name: str) -> StepRow:
    """A step; ``name`` is the building's or the grid's."""
    changed = [one for one in step.moved if one[1] != one[2]]
    return StepRow(
        id=step.id,
        at=step.at,
        actor=step.actor,
        verb=StepVerb(step.verb),
        plot=name if step.verb == StepVerb.MOVE else "",
        code=step.code,
        plots=len(changed),
        households=step.households,
        undone=step.undone,
    )
