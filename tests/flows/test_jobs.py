"""The clock's entry points do what they say."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from tests.emergencies.conftest import declare, declared, investigator
from wangge.emergencies.models import Emergency
from wangge.emergencies.queries import emergency
from wangge.project.jobs import end_due_emergencies
from wangge.screening.jobs import expire_findings

pytestmark = pytest.mark.django_db
__all__ = ["declare", "declared", "investigator"]


def test_the_clock_ends_what_is_due_and_nothing_else(declared, declare, system_access) -> None:
    other = declare()
    over = timezone.now() - timedelta(minutes=1)
    Emergency.objects.filter(id=declared).update(starts_at=over - timedelta(days=1), ends_at=over)
    assert end_due_emergencies(timestamp=0) == 1
    assert emergency(system_access(), emergency_id=other).in_force
    assert end_due_emergencies(timestamp=0) == 0


def test_expiry_passes_peacetime_and_every_emergency(declared) -> None:
    assert expire_findings(timestamp=0) == 0
