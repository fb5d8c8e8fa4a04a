"""Marks of pages: what a reader changed in one is refused as such, by every list, and never by the database."""

from __future__ import annotations

from collections.abc import Callable
from itertools import product
from typing import Any
from uuid import UUID, uuid4

import pytest

from tests.emergencies.conftest import declare, declared
from wangge.cases.queries import case_page
from wangge.field.queries import visit_page
from wangge.kernel.pages import Cursor, instant, number, word
from wangge.kernel.problems import BadInput
from wangge.outbreaks import queries as outbreaks
from wangge.screening import queries as screening
from wangge.sources import queries as sources
from wangge.tasks.queries import task_page
from wangge.territory import queries as territory

pytestmark = pytest.mark.django_db
__all__ = ["declare", "declared"]
FORGED = ["x", "\0", "\ud800", None, True, 2**70, 1.5, "2026-11-22", str(uuid4())]
List = Callable[[str], Any]


@pytest.fixture
def lists(access_for: Any, declared: UUID) -> dict[str, tuple[int, List]]:
    """Every list that reads on by a mark: how many values its mark holds, and the asking."""
    under = access_for("epidemiologist", "epidemic_response", emergency=declared)
    worker = access_for("grid_worker", "community_service")
    cases = access_for("dispatcher", "case_handling")
    care = access_for("grid_worker", "care")
    steward = access_for("data_steward", "registry_maintenance")
    return {
        "tasks": (2, lambda mark: task_page(worker, cursor=mark)),
        "visits": (2, lambda mark: visit_page(worker, cursor=mark)),
        "cases": (2, lambda mark: case_page(cases, cursor=mark)),
        "care": (3, lambda mark: screening.care_findings(care, after=mark)),
        "exposure": (3, lambda mark: screening.exposure_findings(under, after=mark)),
        "patients": (1, lambda mark: outbreaks.patients(under, after=mark)),
        "contacts": (1, lambda mark: outbreaks.close_contacts(under, after=mark)),
        "buildings": (2, lambda mark: territory.buildings(steward, after=mark)),
        "grids": (1, lambda mark: territory.grids(steward, after=mark)),
        "imports": (1, lambda mark: territory.import_reports(steward, after=mark)),
        "batches": (2, lambda mark: sources.batches(steward, cursor=mark)),
    }


def test_a_forged_mark_is_refused_by_every_list(lists: dict[str, tuple[int, List]]) -> None:
    for name, (length, ask) in lists.items():
        for values in product(FORGED, repeat=length) if length < 3 else zip(*[FORGED] * 3, strict=True):
            try:
                mark = Cursor(values).encode()
            except UnicodeEncodeError:
                continue
            if values == (str(values[0]),) and len(values[0]) == 36:
                continue  # an id is a mark of a list by ids
            with pytest.raises(BadInput) as refused:
                ask(mark)
            assert refused.value.code == "page_mark_unreadable", (name, values)


@pytest.mark.parametrize("size", [-(2**63) + 1, 2**63 - 1, 2**31, -1, 0])
def test_a_number_of_any_size_gives_a_page(lists: dict[str, tuple[int, List]], size: int) -> None:
    last = str(uuid4())
    for name, values in (
        ("exposure", (size, size, last)),
        ("care", (size, -size, last)),
        ("patients", (size,)),
        ("grids", (size,)),
        ("buildings", (size, "b1")),
    ):
        assert lists[name][1](Cursor(values).encode()).rows == (), (name, size)


@pytest.mark.parametrize("at", ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00"])
def test_an_instant_at_the_edge_of_time_gives_a_page(lists: dict[str, tuple[int, List]], at: str) -> None:
    for name in ("tasks", "visits", "cases", "batches"):
        assert lists[name][1](Cursor((at, str(uuid4()))).encode()).rows == (), name


def test_a_mark_s_values_are_read_strictly() -> None:
    assert (number(7), word("华亭里"), instant("2026-11-22T05:00:00+08:00").year) == (7, "华亭里", 2026)
    for kind, value in ((number, "7"), (number, True), (word, 7), (instant, "2026-11-22T05:00:00")):
        with pytest.raises(ValueError, match="mark"):
            kind(value)
