"""How a credential is asked for, carried and taken back. Plain Python."""

from __future__ import annotations

from enum import StrEnum


class Way(StrEnum):
    """How the person asked. Nobody is given a credential unasked."""

    IN_PERSON = "in_person"
    BY_PHONE = "by_phone"
    FOR_ANOTHER = "for_another"  # a guardian, or whoever cares for the person


class Carried(StrEnum):
    """What the person carries."""

    STRIPS = "strips"  # several, each for a day, with random overlap: on a screen, or cut from a sheet
    PAPER = "paper"  # one for the whole time, for who has no screen


class Strike(StrEnum):
    """Why a credential no longer holds before its time."""

    COLOUR_CHANGED = "colour_changed"
    LOST = "lost"
    GIVEN_BACK = "given_back"
