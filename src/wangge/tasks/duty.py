"""Who answers for places on a day: the one lookup that tasks are made and found by."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime

from django.db.models import Q
from django.utils import timezone

from wangge.tasks.models import Responsibility
from wangge.tasks.rules.places import places_above


def today() -> date:
    """The day it is where the house stands."""
    return timezone.localdate()


def local_day(at: datetime) -> date:
    """The day of an instant where the house stands."""
    return timezone.localdate(at)


def holders(units: Iterable[int], on: date) -> Mapping[int, tuple[str, Responsibility]]:
    """For each unit the level at which somebody answers and who: the grid's own, else the division's above.

    Units for which nobody answers are left out.
    """
    above = {unit: places_above(unit) for unit in set(units)}
    places = {number for chain in above.values() for _, number in chain}
    known = {
        held.unit_no: held
        for held in Responsibility.objects.filter(unit_no__in=places, valid_from__lte=on).filter(
            Q(valid_to__isnull=True) | Q(valid_to__gt=on)
        )
    }
    found: dict[int, tuple[str, Responsibility]] = {}
    for unit, chain in above.items():
        for level, number in chain:
            if number in known:
                found[unit] = (level, known[number])
                break
    return found
