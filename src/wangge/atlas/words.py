"""How a plan's grids are said and dressed: how far from the target, why, what somebody did."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from wangge.planning.states import StepVerb
from wangge.planning.types import PlanGridRow

BEARABLE = 0.25
_HAIR = 1e-9

WHY: dict[str, Promise] = {
    "total": _("The households of this part of the community do not make up grids within the tolerance."),
    "building": _("One building alone has more households than a grid may have."),
    "shape": _("No better division was found for how the buildings lie and weigh."),
    "proven": _("Proven: no division of these buildings is better."),
    "locked": _("Somebody locked it as it is."),
}
STEPS: dict[StepVerb, Promise] = {
    StepVerb.MOVE: _("%(plot)s to %(grid)s"),
    StepVerb.LOCK: _("%(grid)s locked"),
    StepVerb.UNLOCK: _("%(grid)s unlocked"),
}
FAULTS: dict[str, Promise] = {
    "no_ground": _("nothing says where it lies: no grids stand and it has no border"),
    "too_many_grids": _("its codes are used up"),
}


@dataclass(frozen=True, slots=True)
class Off:
    """How far a grid is from the target: the class its colour stands for, tone and word of its badge."""

    band: str
    tone: str
    text: str


def band(deviation: float | None, tolerance: float) -> str:
    """far_below, below, on, above, far_above; "" for a grid that is not divided."""
    if deviation is None:
        return ""
    if abs(deviation) <= tolerance + _HAIR:
        return "on"
    far = abs(deviation) > max(BEARABLE, tolerance) + _HAIR
    side = "below" if deviation < 0 else "above"
    return f"far_{side}" if far else side


def percent(deviation: float | None) -> str:
    """+12 %, -3 %, 0 %; with a true minus."""
    if deviation is None:
        return ""
    rounded = round(deviation * 100)
    return f"{'+' if rounded > 0 else '−' if rounded < 0 else ''}{abs(rounded)}%"


def off(row: PlanGridRow, tolerance: float) -> Off:
    """What the list shows of a grid."""
    return deviation_of(row.deviation, tolerance)


def deviation_of(deviation: float | None, tolerance: float) -> Off:
    """How far from the target, as a badge says it."""
    where = band(deviation, tolerance)
    tone = {"on": "done", "": "closed"}.get(where, "late" if where.startswith("far") else "warn")
    return Off(where, tone, percent(deviation))
