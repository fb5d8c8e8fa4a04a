"""A steward with a district to draw."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from tests.territory.ground import DIVISIONS
from wangge.territory import actions

FROM = date(2026, 1, 1)


@pytest.fixture
def steward(db: None, access_for: Any) -> Any:
    """A data steward of 东丽区 at work on the territory, with one street of two communities taken in."""
    access = access_for("data_steward", purpose="territory_management")
    actions.import_divisions(access, rows=DIVISIONS, valid_from=date(2023, 6, 30), source="test")
    return access
