"""The emergency of the outbreaks tests, and people to screen."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest

from tests.emergencies.conftest import declare, declared, investigator
from wangge.screening.types import FactTable, fact_table

__all__ = ["declare", "declared", "investigator"]
HOME = 120110001001002


@pytest.fixture
def table() -> Callable[..., FactTable]:
    """`table({person: {fact: value}}, unit=...)` -> FactTable of these people."""

    def make(people: dict[UUID, dict[str, Any]], unit: int = HOME, **origins: Any) -> FactTable:
        names = dict.fromkeys(name for facts in people.values() for name in facts)
        return fact_table(
            subjects=[str(p) for p in people],
            unit_nos=[unit] * len(people),
            facts={name: [facts.get(name) for facts in people.values()] for name in names},
            origins=origins,
        )

    return make
