"""At any instant the grids tile the territory, whatever was redrawn on whatever day."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
import shapely
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.engine.gridfiles import COMMUNITY, grid_file
from tests.engine.tilings import cells_of, lattice
from wangge.kernel.problems import Conflict
from wangge.territory import actions, jobs, queries
from wangge.territory.models import GridImport, GridVersion
from wangge.territory.standing import grids_on, shapes_of
from wangge.territory.states import ImportState
from wangge_engine.geometry.measures import area_m2
from wangge_engine.topology.checking import Cell, check_topology

START = date(2026, 1, 1)


@st.composite
def drawings(draw):
    """The same 3 x 3 ground, divided anew: some neighbours merged, numbered in some order."""
    shapes = lattice(3, 3, 1)
    for _ in range(draw(st.integers(0, 4))):
        i, j = draw(st.sampled_from(sorted(shapes)))
        other = draw(st.sampled_from([(i + 1, j), (i, j + 1)]))
        if other in shapes:
            merged = shapely.union(shapes[i, j], shapes[other])
            if merged.geom_type == "Polygon":
                shapes[i, j] = merged
                del shapes[other]
    return cells_of({key: shapes[key] for key in draw(st.permutations(sorted(shapes)))})


@pytest.mark.slow
@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(st.integers(0, 20), drawings()), min_size=1, max_size=4))
def test_grids_tile_the_territory_on_every_day(steward, history):
    GridVersion.objects.all().delete()
    GridImport.objects.all().delete()
    ground = area_m2(shapely.union_all([cell.geometry for cell in cells_of(lattice(3, 3, 1))]))
    first = None
    for offset, cells in history:
        name, body = grid_file(cells)
        day = START + timedelta(days=offset)
        try:
            with transaction.atomic():
                report = actions.import_grids(steward, file_name=name, body=body, valid_from=day)
        except Conflict:
            assert first is not None
            continue
        assert report.state is not ImportState.REFUSED
        first = min(first or day, day)
    for offset in range(22):
        day = START + timedelta(days=offset)
        rows = list(grids_on(day))
        assert len({row.unit_no for row in rows}) == len(rows)
        if day < first:
            assert rows == []
            continue
        standing = [
            Cell(row.code, row.community, shape, 1) for row, shape in zip(rows, shapes_of(rows), strict=True)
        ]
        report = check_topology(standing)
        assert report.defects == ()
        assert report.covered_m2 == pytest.approx(ground, rel=1e-6)
        assert sum(row.area_m2 for row in rows) == pytest.approx(ground, rel=1e-6)


def test_the_nightly_job_goes_through_the_action(steward, monkeypatch):
    calls = []
    monkeypatch.setattr(jobs.actions, "relocate_buildings", calls.append)
    jobs.relocate_buildings(0)
    assert [(access.actor, access.purpose) for access in calls] == [
        ("system:territory", "territory_management")
    ]
    assert queries.grids(steward, under=COMMUNITY).rows == ()
