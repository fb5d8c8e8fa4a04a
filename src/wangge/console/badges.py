"""How states look: a tone (shape and colour) and the word of the trade. The rooms own the states."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise, lazy
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from wangge.cases.states import CASE_TABLE
from wangge.collection.states import CAMPAIGN_TABLE, DOOR_TABLE, FORM_TABLE
from wangge.field.states import VISIT_TABLE
from wangge.kernel.transitions import State, TransitionTable
from wangge.planning.states import PLAN_TABLE
from wangge.screening.states import FINDING_TABLE
from wangge.tasks.states import TASK_TABLE

TONES = ("draft", "waiting", "active", "done", "late", "warn", "paused", "returned", "refused", "closed")
TIERS = ("red", "orange", "yellow", "blue", "green", "none")  # orange and green: of areas only


@dataclass(frozen=True, slots=True)
class Badge:
    """`tone` is one of TONES; `word` is translated when shown."""

    tone: str
    word: Promise | str


TIER_WORDS: dict[str, Promise] = {
    "red": _("Red"),
    "orange": _("Orange"),
    "yellow": _("Yellow"),
    "blue": _("Blue"),
    "green": _("Green"),
    "none": _("No tier"),
}


def _said(state: State[Any]) -> str:
    """The room's own word for a state, in the language of the page."""
    chinese = (get_language() or "").startswith("zh")
    return state.zh if chinese else state.en[:1].upper() + state.en[1:]


_lazily = lazy(_said, str)


def _dressed(what: str, table: TransitionTable[Any], tones: Mapping[str, str]) -> dict[str, Badge]:
    """Badges of a whole table of states, with the words of the room."""
    return {
        f"{what}.{code.value}": Badge(tones[code.value], _lazily(state))
        for code, state in table.states.items()
    }


CASE_TONES = {
    "reported": "waiting",
    "prechecking": "paused",
    "accepted": "waiting",
    "dispatched": "active",
    "resolved": "warn",
    "verified": "done",
    "closed": "closed",
    "evaluated": "closed",
    "cancelled": "refused",
}
TASK_TONES = {
    "unassigned": "warn",
    "assigned": "waiting",
    "seen": "active",
    "attempted": "returned",
    "done": "done",
    "cancelled": "refused",
}
VISIT_TONES = {"received": "active", "for_review": "warn", "accepted": "done", "set_aside": "refused"}

_INTAKE: dict[str, Badge] = {
    "batch.received": Badge("waiting", _("Columns to confirm")),
    "batch.mapped": Badge("active", _("Ready to check")),
    "batch.validated": Badge("warn", _("Waits for a decision")),
    "batch.accepted": Badge("done", _("Admitted")),
    "batch.refused": Badge("refused", _("Not taken in")),
    "row.held": Badge("waiting", _("Kept aside")),
    "row.readmitted": Badge("done", _("Corrected")),
    "row.dismissed": Badge("closed", _("No record")),
    "run.waiting": Badge("waiting", _("Waiting")),
    "run.running": Badge("active", _("Under way")),
    "run.done": Badge("done", _("Done")),
    "run.failed": Badge("refused", _("Failed")),
    "grids.held": Badge("waiting", _("Waits for a decision")),
    "grids.checked": Badge("closed", _("Looked at")),
    "grids.imported": Badge("done", _("In the map")),
    "grids.unchanged": Badge("closed", _("Nothing new")),
    "grids.refused": Badge("refused", _("Not taken in")),
    "emergency.in_force": Badge("active", _("In force")),
    "emergency.over": Badge("late", _("Its END has passed")),
    "emergency.ended": Badge("warn", _("Ended, being destroyed")),
    "emergency.destroyed": Badge("closed", _("Destroyed")),
}

FINDING_TONES = {
    "open": "active",
    "appealed": "warn",
    "superseded": "closed",
    "lapsed": "closed",
    "withdrawn": "returned",
    "expired": "closed",
}

PLAN_TONES = {
    "draft": "waiting",
    "running": "active",
    "ready": "warn",
    "failed": "late",
    "published": "done",
    "discarded": "refused",
}
FORM_TONES = {"draft": "draft", "checked": "waiting", "in_use": "active", "withdrawn": "refused"}
CAMPAIGN_TONES = {"running": "active", "done": "done", "stopped": "refused"}
DOOR_TONES = {
    "waiting": "waiting",
    "surveyed": "done",
    "refused": "refused",
    "empty": "closed",
    "not_found": "returned",
}

# By "what.state": what is the noun of the room's door, state the value of its enum.
BADGES: dict[str, Badge] = {
    "task.open": Badge("waiting", _("To do")),
    "task.late": Badge("late", _("Overdue")),
    **_dressed("case", CASE_TABLE, CASE_TONES),
    **_dressed("task", TASK_TABLE, TASK_TONES),
    **_dressed("visit", VISIT_TABLE, VISIT_TONES),
    **_INTAKE,
    **_dressed("finding", FINDING_TABLE, FINDING_TONES),
    **_dressed("grid_plan", PLAN_TABLE, PLAN_TONES),
    **_dressed("collection_form", FORM_TABLE, FORM_TONES),
    **_dressed("campaign", CAMPAIGN_TABLE, CAMPAIGN_TONES),
    **_dressed("campaign_door", DOOR_TABLE, DOOR_TONES),
}


def badge_of(what: str, state: str) -> Badge:
    """The badge of a state. A state nobody has dressed yet shows its own name, so that it is seen and dressed."""
    return BADGES.get(f"{what}.{state}", Badge("closed", state))
