"""How states look: a tone (shape and colour) and the word of the trade. The rooms own the states."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

TONES = ("draft", "waiting", "active", "done", "late", "warn", "paused", "returned", "refused", "closed")
TIERS = ("red", "yellow", "blue", "none")


@dataclass(frozen=True, slots=True)
class Badge:
    """`tone` is one of TONES; `word` is translated when shown."""

    tone: str
    word: Promise | str


TIER_WORDS: dict[str, Promise] = {
    "red": _("Red"),
    "yellow": _("Yellow"),
    "blue": _("Blue"),
    "none": _("No tier"),
}

# By "what.state": what is the noun of the room's door, state the value of its enum.
BADGES: dict[str, Badge] = {
    "task.open": Badge("waiting", _("To do")),
    "task.done": Badge("done", _("Done")),
    "task.late": Badge("late", _("Overdue")),
}


def badge_of(what: str, state: str) -> Badge:
    """The badge of a state. A state nobody has dressed yet shows its own name, so that it is seen and dressed."""
    return BADGES.get(f"{what}.{state}", Badge("closed", state))
