"""States and kinds of findings. Plain Python."""

from __future__ import annotations

from enum import StrEnum


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
