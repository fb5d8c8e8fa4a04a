"""States and short lists of the room. Plain Python."""

from __future__ import annotations

from enum import StrEnum


class Sex(StrEnum):
    """As the line list states it."""

    MALE = "male"
    FEMALE = "female"
    UNKNOWN = "unknown"


class Severity(StrEnum):
    """Clinical type (诊疗方案): 无症状 轻型 普通型 重型 危重型."""

    ASYMPTOMATIC = "asymptomatic"
    MILD = "mild"
    MODERATE = "moderate"
    SEVERE = "severe"
    CRITICAL = "critical"
    UNKNOWN = "unknown"


class ContactClass(StrEnum):
    """How near somebody came (密切接触者 一般接触者 密接的密接)."""

    CLOSE_CONTACT = "close_contact"
    GENERAL_CONTACT = "general_contact"
    CONTACT_OF_CONTACT = "contact_of_contact"

    @property
    def rank(self) -> int:
        """3 nearest."""
        return {"close_contact": 3, "general_contact": 2, "contact_of_contact": 1}[self.value]


class ExposureKind(StrEnum):
    """Where the exposure happened: the kinds of place that rule packs know."""

    TRAIN = "train"
    FLIGHT = "flight"
    COACH = "coach"
    SHIP = "ship"
    HOUSEHOLD = "household"
    VENUE = "venue"
    WARD = "ward"
    CLASS = "class"
