"""监督与处置相分离: who handled a matter does not judge it.

The definition of grid management (GB/T 34300) keeps supervision apart from handling. A post is not enough:
one person may hold two posts, and a department may lend its own people to the supervision centre. So the rule
looks at the persons and organisations in the matter's own steps.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from wangge.cases.states import HANDLING_VERBS, SUPERVISING_VERBS
from wangge.kernel.problems import Refused


@dataclass(frozen=True, slots=True)
class Deed:
    """One earlier step: what was done, by whom, from which organisation."""

    verb: str
    actor: str
    organisation: UUID | None


def check_separation(
    verb: str,
    *,
    actor: str,
    organisation: UUID | None,
    handling_organisation: UUID | None,
    deeds: Iterable[Deed],
) -> None:
    """Raise Refused when ``actor`` or their ``organisation`` handled the matter and ``verb`` judges it.

    Handling once counts for good, also after rework by another: who did the first, failed repair is no
    neutral judge of the second.
    """
    if verb not in SUPERVISING_VERBS:
        return
    handled = [deed for deed in deeds if deed.verb in HANDLING_VERBS]
    if any(deed.actor == actor for deed in handled):
        raise Refused(
            code="case_own_handling",
            zh="监督与处置相分离：您处置过此事件，不能核查、归档或评价，请由他人办理。",
            en="You handled this case, so you cannot verify, close or evaluate it; somebody else must.",
        )
    units = {deed.organisation for deed in handled} | {handling_organisation}
    if organisation is not None and organisation in units:
        raise Refused(
            code="case_own_unit_handling",
            zh="监督与处置相分离：您所在单位是处置单位，不能核查、归档或评价，请由监督方办理。",
            en="Your organisation handled this case, so it cannot verify, close or evaluate it.",
        )
