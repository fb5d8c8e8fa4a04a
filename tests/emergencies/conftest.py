"""An emergency that was declared through its door, and accesses under it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from django.utils import timezone

from wangge.emergencies.states import DataSet, Law, ResponseLevel


@pytest.fixture
def declare(access_for: Callable[..., Any]) -> Callable[..., UUID]:
    """`declare(**changes)` -> id of an emergency over the test district, in force for 30 days."""
    from wangge.emergencies import actions

    def make(**changes: Any) -> UUID:
        terms: dict[str, Any] = {
            "name": "东丽区疫情应急响应",
            "law": Law.INFECTIOUS_DISEASES,
            "article": "第四十五条",
            "areas": {"120110": ResponseLevel.LEVEL_2},
            "purposes": ("epidemic_response",),
            "data_sets": tuple(DataSet),
            "ends_at": timezone.now() + timedelta(days=30),
        }
        return actions.declare_emergency(access_for("emergency_lead"), **{**terms, **changes})

    return make


@pytest.fixture
def declared(declare: Callable[..., UUID]) -> UUID:
    return declare()


@pytest.fixture
def investigator(declared: UUID, access_for: Callable[..., Any]) -> Any:
    """An epidemiologist under the declared emergency."""
    return access_for("epidemiologist", "epidemic_response", emergency=declared)
