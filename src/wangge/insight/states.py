"""Why a source was measured, and the measures a reader sees first."""

from __future__ import annotations

from enum import StrEnum


class Occasion(StrEnum):
    """What brought a measurement about."""

    BATCH = "batch"
    LINKAGE = "linkage"
    MONTH = "month"


class Measure(StrEnum):
    """The measures of a source as a whole; the first four stand on its line."""

    COMPLETENESS = "completeness"
    VALIDITY = "validity"
    CONFLICT = "conflict"
    TIMELINESS = "timeliness"
    UNIQUENESS = "uniqueness"


class AlarmState(StrEnum):
    """Where an alarm stands: the engine raised it; a person issued it to the departments, or dismissed it."""

    RAISED = "raised"
    ISSUED = "issued"
    DISMISSED = "dismissed"
