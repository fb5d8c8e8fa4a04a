"""Words of review and correction: why a pair is asked, what a comparison says, why a fact is doubted."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from wangge.registry.types import EvidenceStep

WHY_ASKED: dict[str, Promise] = {
    "unsure": _("Evidence for and against"),
    "impossible": _("Alike, but joining them would contradict something"),
    "other_name": _("Alike in all but the name"),
    "namesake": _("Joined on a rare name alone"),
}
COMPARISON_WORDS: dict[str, Promise] = {
    "name": _("Name"),
    "id_no": _("Identity number"),
    "birth": _("Born"),
    "sex": _("Sex"),
    "home": _("Phone and door"),
}
LINK_KINDS: dict[str, Promise] = {
    "scored": _("by its own values"),
    "household": _("by the people it lives with"),
    "respelt": _("by one birth date and home under another given name"),
    "namesake": _("by a rare name alone"),
    "title": _("by a surname and the same phone or door"),
    "decision": _("by a decision of a person"),
    "moved": _("put here by hand since the last linking"),
    "": _("stands alone"),
}
WARNINGS: dict[str, Promise] = {
    "two_valid_numbers": _("They have two different valid identity numbers."),
    "births_differ": _("They were born on different days."),
    "sexes_differ": _("They are of different sex."),
    "names_differ": _("They bear different names."),
}
REASONS: dict[str, Promise] = {
    "check_digit": _("The check digit of the number fails"),
    "borrowed": _("The number contradicts the birth date or sex beside it"),
    "visit": _("A visit found it otherwise"),
    "outvoted": _("Other departments agree on something else"),
    "undecided": _("Departments say different things and nobody can decide"),
}
REQUEST_STATES: dict[str, Promise] = {
    "found": _("Doubtful"),
    "open": _("Asked"),
    "corrected": _("Corrected"),
    "confirmed": _("Confirmed"),
    "unknown": _("Cannot be told"),
    "overtaken": _("Settled by newer data"),
    "withdrawn": _("Withdrawn"),
}
ACT_WORDS: dict[str, Promise] = {
    "merge": _("Merged"),
    "split": _("Split"),
    "confirm": _("Kept apart"),
    "together": _("Confirmed as one person"),
}
AGREEMENT: dict[str, Promise] = {
    "same": _("the same"),
    "different": _("different"),
    "missing": _("only one says it"),
}


@dataclass(frozen=True, slots=True)
class ByName:
    """What a join on a rare name alone rests on: who else bears it, which lists, and the chance in a hundred."""

    others: int
    among: int
    left: str
    right: str
    percent: int


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a waterfall in words: what was compared, for or against, and how much."""

    word: str
    bits: float
    size: float
    favours: bool
    said: str


def steps(found: tuple[EvidenceStep, ...]) -> list[Step]:
    """The evidence in words. Ten bits make a thousand to one."""
    return [
        Step(
            str(COMPARISON_WORDS.get(s.comparison, s.comparison)),
            s.bits,
            min(abs(s.bits), 20.0),
            s.bits > 0,
            gettext("for: %(times)s times likelier one person") % {"times": _times(s.bits)}
            if s.bits > 0
            else gettext("against: %(times)s times likelier two people") % {"times": _times(-s.bits)},
        )
        for s in found
    ]


def _times(bits: float) -> str:
    times = 2.0 ** min(bits, 30.0)
    if times >= 1_000_000:
        return "1,000,000+"
    return f"{times:,.0f}" if times >= 10 else f"{times:.1f}"
