"""What the register answers to a question, as lines and bars; and how far a campaign is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from wangge.collection.states import Standing
from wangge.collection.types import DoorCounts, QuestionView

STANDING: dict[Standing, tuple[str, Promise]] = {
    Standing.HELD: ("done", gettext_lazy("Held already")),
    Standing.DERIVABLE: ("active", gettext_lazy("Follows from what is held")),
    Standing.MISSING: ("waiting", gettext_lazy("Missing")),
    Standing.REFUSED: ("refused", gettext_lazy("Refused")),
}
PART_WORDS: dict[str, Promise] = {
    "held": gettext_lazy("held"),
    "derivable": gettext_lazy("follows"),
    "missing": gettext_lazy("missing"),
    "surveyed": gettext_lazy("surveyed"),
    "refused": gettext_lazy("refused"),
    "empty": gettext_lazy("empty"),
    "not_found": gettext_lazy("no such door"),
    "waiting": gettext_lazy("to visit"),
}


def separator() -> str:
    """What stands between the words of a list."""
    return "、" if (get_language() or "").startswith("zh") else ", "


@dataclass(frozen=True, slots=True)
class Part:
    """One part of a bar: where it begins and how long it is in percent, as text that SVG reads."""

    name: str
    word: str
    number: int
    percent: str
    x: str
    width: str


def bar(numbers: Mapping[str, int]) -> tuple[Part, ...]:
    """The parts of a bar, in their order; they fill it. None when there is nothing to show."""
    whole = sum(numbers.values())
    parts, at = [], 0.0
    for name, number in numbers.items():
        width = 100 * number / whole if whole else 0.0
        parts.append(
            Part(name, str(PART_WORDS[name]), number, _share(number, whole), f"{at:.2f}", f"{width:.2f}")
        )
        at += width
    return tuple(parts)


def _share(number: int, whole: int) -> str:
    """A share in whole percent that says neither none nor all when it is not."""
    if not whole or not number:
        return "0 %"
    share = 100 * number / whole
    if number < whole:
        share = min(max(share, 1), 99)
    return f"{share:.0f} %"


def door_bar(counts: DoorCounts) -> tuple[Part, ...]:
    return bar(
        {
            "surveyed": counts.surveyed,
            "refused": counts.refused,
            "empty": counts.empty,
            "not_found": counts.not_found,
            "waiting": counts.waiting,
        }
    )


@dataclass(frozen=True, slots=True)
class QuestionLine:
    """A question on the page: the answer as a bar, and in words who holds it, how fresh and how sure."""

    view: QuestionView
    tone: str
    word: str
    parts: tuple[Part, ...]
    holders: str
    follows: str
    sure: str
    can_repeat: bool


def question_line(
    view: QuestionView, names: Mapping[str, str], fields: Mapping[str, str], *, checked: bool
) -> QuestionLine:
    tone, word = STANDING[view.standing] if view.standing else ("draft", gettext_lazy("Not checked yet"))
    parts: tuple[Part, ...] = ()
    if checked and not view.refused:
        parts = bar({"held": view.held, "derivable": view.derivable, "missing": view.missing})
    return QuestionLine(
        view=view,
        tone=tone,
        word=str(word),
        parts=parts,
        holders=separator().join(
            f"{names.get(h.source, h.source) or _('unnamed source')} {h.people:,}" for h in view.holders
        ),
        follows=separator().join(fields.get(name, name) for name in view.derived_from),
        sure=_share(round(view.sure * 1000), 1000) if view.sure is not None else "",
        can_repeat=checked and not view.refused and bool(view.held + view.derivable),
    )
