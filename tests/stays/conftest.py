"""Areas are named under an emergency that was declared through its door."""

from __future__ import annotations

import pytest

from tests.emergencies.conftest import declare, declared, investigator

__all__ = ["declare", "declared", "investigator", "lead"]


@pytest.fixture
def lead(declared, access_for):
    return access_for("emergency_lead", "epidemic_response", emergency=declared)
