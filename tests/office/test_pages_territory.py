"""A file of grids on the screen: looked at, its defects listed and placed, then taken in or discarded."""

from __future__ import annotations

import io
import json
from datetime import date
from typing import Any

import pytest
import shapely
from django.test import Client
from django.urls import reverse

from tests.console.places import client_of, posted, sound, words
from tests.engine.gridfiles import COMMUNITY, grid_file
from tests.engine.tilings import cells_of, lattice
from tests.territory.ground import DIVISIONS
from wangge.office.defect_words import DEFECT_WORDS
from wangge.territory import actions, queries
from wangge.territory.states import DefectKind, GeoFormat, ImportState
from wangge_engine.geometry.measures import area_m2
from wangge_engine.topology.checking import Cell

pytestmark = pytest.mark.django_db


@pytest.fixture
def steward(access_for: Any) -> Any:
    access = access_for("data_steward", "territory_management")
    actions.import_divisions(access, rows=DIVISIONS, valid_from=date(2023, 6, 30), source="test")
    return access


@pytest.fixture
def browser(steward: Any, language: str) -> Client:
    return client_of(steward, language)


def file_of(cells: list[Cell], format: GeoFormat = GeoFormat.GEOJSON) -> io.BytesIO:
    name, body = grid_file(cells, format)
    file = io.BytesIO(body)
    file.name = name
    return file


def send(client: Client, cells: list[Cell], format: GeoFormat = GeoFormat.GEOJSON, **told: str) -> Any:
    form = {"file": file_of(cells, format), "datum": "WGS-84", "valid_from": "2026-01-01", **told}
    return posted(client, reverse("console:grid_file_check"), form)


def holed() -> tuple[list[Cell], Any]:
    """Nine grids without the middle one, and the hole."""
    cells = cells_of(lattice(3, 3, 2))
    return cells, cells.pop(4).geometry


@pytest.mark.parametrize("format", list(GeoFormat))
def test_a_sound_file_is_looked_at_and_taken_in(browser: Client, steward: Any, format: GeoFormat) -> None:
    html = sound(send(browser, cells_of(lattice(3, 3, 1)), format))
    (report,) = queries.import_reports(steward).rows
    assert (report.state, report.held) == (ImportState.CHECKED, True)
    assert queries.grids(steward).rows == (), "looking changes nothing"
    accept = reverse("console:grid_file_accept", args=[report.id])
    assert f'action="{accept}"' in html
    sound(posted(browser, accept, {}))
    assert len(queries.grids(steward).rows) == 9
    newest, looked_at = queries.import_reports(steward).rows
    assert (newest.state, newest.counts["added"]) == (ImportState.IMPORTED, 9)
    assert looked_at.held is False
    again = browser.post(accept)
    assert again.status_code == 409
    assert "error-summary" in sound(again)


def test_a_discarded_file_leaves_the_map_as_it_was(browser: Client, steward: Any, language: str) -> None:
    send(browser, cells_of(lattice(2, 2, 1)))
    (report,) = queries.import_reports(steward).rows
    home = words(sound(browser.get("/")))
    assert ("没有阻断问题" in home) if language == "zh-hans" else ("nothing blocks it" in home)
    said = words(sound(posted(browser, reverse("console:grid_file_discard", args=[report.id]), {})))
    assert ("文件已放弃" in said) if language == "zh-hans" else ("was discarded" in said)
    assert queries.grids(steward).rows == ()
    page = sound(browser.get(reverse("console:grid_file", args=[report.id])))
    assert reverse("console:grid_file_accept", args=[report.id]) not in page
    assert browser.post(reverse("console:grid_file_accept", args=[report.id])).status_code == 409


def test_every_defect_stands_in_the_list_and_on_the_map(browser: Client, steward: Any, language: str) -> None:
    cells, hole = holed()
    html = sound(send(browser, cells))
    (report,) = queries.import_reports(steward).rows
    assert report.state is ImportState.REFUSED
    said = words(html)
    assert f"{area_m2(hole):,.0f} m²" in said
    assert ("空白" in said) if language == "zh-hans" else ("Gap" in said)
    assert reverse("console:grid_file_accept", args=[report.id]) not in html
    points = browser.get(reverse("console:grid_file_points", args=[report.id]))
    features = json.loads(points.content)["features"]
    (gap,) = [one for one in features if one["properties"]["tone"] == "late"]
    assert hole.covers(shapely.Point(gap["geometry"]["coordinates"]))
    assert f'data-select="{gap["properties"]["id"]}"' in html


def test_a_kind_filters_the_list_and_the_map_alike(browser: Client, steward: Any) -> None:
    cells, _ = holed()
    cells[0] = Cell("12", COMMUNITY, cells[0].geometry, cells[0].row)
    send(browser, cells)
    (report,) = queries.import_reports(steward).rows
    all_of_them = json.loads(browser.get(reverse("console:grid_file_points", args=[report.id])).content)[
        "features"
    ]
    wanted = {"kind": "bad_code"}
    some = json.loads(browser.get(reverse("console:grid_file_points", args=[report.id]), wanted).content)[
        "features"
    ]
    assert 0 < len(some) < len(all_of_them)
    html = sound(browser.get(reverse("console:grid_file", args=[report.id]), wanted))
    assert html.count("data-stays") == report.defect_counts["bad_code"]
    assert f"points.geojson?kind={wanted['kind']}" in html


def test_slivers_alone_are_said_to_be_closable_and_are_closed(
    browser: Client, steward: Any, language: str
) -> None:
    cells = cells_of(lattice(2, 1, 6))
    thin = shapely.intersection(cells[0].geometry, shapely.buffer(cells[1].geometry, 4e-6))
    cells[1] = Cell(cells[1].code, COMMUNITY, shapely.union(cells[1].geometry, thin), cells[1].row)
    said = words(sound(send(browser, cells)))
    assert ("闭合细缝" in said) if language == "zh-hans" else ("Close slivers" in said)
    html = sound(send(browser, cells, mend="on"))
    report = queries.import_reports(steward).rows[0]
    assert (report.state, report.counts["mended"]) == (ImportState.CHECKED, 1)
    sound(posted(browser, reverse("console:grid_file_accept", args=[report.id]), {}))
    assert 'data-tone="done"' in html
    assert len(queries.grids(steward).rows) == 2


def test_what_cannot_be_read_is_said_at_the_file(browser: Client, steward: Any) -> None:
    file = io.BytesIO(b'{"type": "FeatureCollection", "features": [}')
    file.name = "broken.geojson"
    response = browser.post(reverse("console:grid_file_check"), {"file": file, "datum": "WGS-84"})
    assert response.status_code == 400
    assert 'href="#id_file"' in sound(response)
    empty = browser.post(reverse("console:grid_file_check"), {"datum": "WGS-84"})
    assert empty.status_code == 400
    assert queries.import_reports(steward).rows == ()


def test_only_who_draws_the_territory_may_bring_files(access_for: Any, steward: Any) -> None:
    worker = client_of(access_for("grid_worker", "community_service"))
    html = sound(worker.get(reverse("console:grid_files")))
    assert "id_file" not in html
    refused = worker.post(
        reverse("console:grid_file_check"), {"file": file_of(cells_of(lattice(2, 2, 1))), "datum": "WGS-84"}
    )
    assert refused.status_code == 403
    assert queries.import_reports(steward).rows == ()
    send(client_of(steward), cells_of(lattice(2, 2, 1)))
    (report,) = queries.import_reports(steward).rows
    for step in ("accept", "discard"):
        assert worker.post(reverse(f"console:grid_file_{step}", args=[report.id])).status_code == 403
    assert queries.import_report(steward, id=report.id).held


def test_every_kind_of_defect_has_its_word() -> None:
    assert set(DEFECT_WORDS) == set(DefectKind)
