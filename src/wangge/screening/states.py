"""States and kinds of findings. Plain Python."""

from __future__ import annotations

from enum import StrEnum

from wangge.kernel.transitions import State, TransitionTable, steps_from


class PackKind(StrEnum):
    """What a set of rules is for. The kind decides which facts it may read and what it may conclude."""

    EXPOSURE = "exposure"  # in a declared emergency only: red, yellow, blue
    VULNERABILITY = "vulnerability"  # brings care forward; never a tier, never a restriction
    CARE = "care"  # somebody who needs care is not getting it: blue only
    STALENESS = "staleness"  # what we hold is too old or missing: blue only


class Tier(StrEnum):
    """Grade of a finding, most pressing first. Red and yellow exist only for exposure."""

    RED = "red"
    YELLOW = "yellow"
    BLUE = "blue"

    @property
    def rank(self) -> int:
        """3 for red, 2 for yellow, 1 for blue; 0 is left for none."""
        return {"red": 3, "yellow": 2, "blue": 1}[self.value]


class FactClass(StrEnum):
    """Which side of a person a fact speaks of. Pack kinds are allowed some classes and refused others."""

    IDENTITY = "identity"  # who somebody is; only age stands in the catalogue
    EXPOSURE = "exposure"  # what somebody may have met
    VULNERABILITY = "vulnerability"  # what would make an illness worse for them
    CARE = "care"  # who looks after them, and who does not
    FRESHNESS = "freshness"  # how well and how lately we know them


READABLE: dict[PackKind, frozenset[FactClass]] = {
    PackKind.EXPOSURE: frozenset({FactClass.EXPOSURE}),
    PackKind.VULNERABILITY: frozenset({FactClass.IDENTITY, FactClass.VULNERABILITY, FactClass.CARE}),
    PackKind.CARE: frozenset(FactClass),
    PackKind.STALENESS: frozenset({FactClass.IDENTITY, FactClass.CARE, FactClass.FRESHNESS}),
}
TIERS: dict[PackKind, frozenset[Tier]] = {
    PackKind.EXPOSURE: frozenset(Tier),
    PackKind.VULNERABILITY: frozenset(),
    PackKind.CARE: frozenset({Tier.BLUE}),
    PackKind.STALENESS: frozenset({Tier.BLUE}),
}


class FindingState(StrEnum):
    """Where a finding stands."""

    OPEN = "open"
    APPEALED = "appealed"
    SUPERSEDED = "superseded"
    LAPSED = "lapsed"
    WITHDRAWN = "withdrawn"
    EXPIRED = "expired"


_S = FindingState
STANDING = (_S.OPEN, _S.APPEALED)
FINDING_TABLE: TransitionTable[FindingState] = TransitionTable(
    "finding",
    initial=_S.OPEN,
    states=(
        State(_S.OPEN, "有效", "in force", "grid_worker"),
        State(_S.APPEALED, "申诉中", "under appeal", "emergency_lead"),
        State(_S.SUPERSEDED, "已被新结论取代", "superseded", "system", settled=True),
        State(_S.LAPSED, "条件已不成立", "no rule holds any more", "system", settled=True),
        State(_S.WITHDRAWN, "申诉后撤销", "withdrawn on appeal", "emergency_lead", settled=True),
        State(_S.EXPIRED, "已到期", "expired", "system", settled=True),
    ),
    transitions=(
        *steps_from((_S.OPEN,), "appeal", _S.APPEALED, zh="申诉", en="appeal", reason=True),
        *steps_from(
            (_S.APPEALED,), "uphold", _S.OPEN, roles=("emergency_lead",), zh="维持", en="uphold", reason=True
        ),
        *steps_from(
            (_S.APPEALED,),
            "withdraw",
            _S.WITHDRAWN,
            roles=("emergency_lead",),
            zh="撤销",
            en="withdraw",
            reason=True,
        ),
        *steps_from(STANDING, "supersede", _S.SUPERSEDED, roles=("system",), zh="取代", en="supersede"),
        *steps_from(STANDING, "lapse", _S.LAPSED, roles=("system",), zh="条件不再成立", en="lapse"),
        *steps_from(STANDING, "expire", _S.EXPIRED, roles=("system",), zh="到期", en="expire"),
    ),
)
