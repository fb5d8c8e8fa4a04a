"""A file of grids in Chromium: dropped, its defects walked beside their map, the mended file taken in."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import shapely
from playwright.sync_api import Browser, expect

from tests.browsing import map_ready, map_still
from tests.console.district import District
from tests.console.places import client_of
from tests.console.test_browser import DESKTOP, PHONE, browser, faults, opened
from tests.console.test_walks import beside_the_browser, live
from tests.engine.gridfiles import COMMUNITY, OTHER, grid_file
from tests.engine.tilings import lattice
from wangge.territory import queries
from wangge.territory.states import ImportState
from wangge_engine.topology.checking import Cell

__all__ = ["beside_the_browser", "browser", "live"]
pytestmark = [pytest.mark.browser, pytest.mark.slow]


def drawing() -> list[Cell]:
    """The district drawn anew: two of its grids exchange a corner."""
    cells, counts = [], {COMMUNITY: 0, OTHER: 0}
    for (i, _j), shape in lattice(4, 3, 5).items():
        community = COMMUNITY if i < 2 else OTHER
        counts[community] += 1
        cells.append(Cell(f"{community}{counts[community]:03d}", community, shape, len(cells) + 1))
    corner = shapely.intersection(
        cells[0].geometry, shapely.buffer(shapely.intersection(cells[0].geometry, cells[1].geometry), 3e-4)
    )
    cells[0] = _with(cells[0], shapely.difference(cells[0].geometry, corner))
    cells[1] = _with(cells[1], shapely.union(cells[1].geometry, corner))
    return cells


def _with(cell: Cell, shape: Any) -> Cell:
    return Cell(cell.code, cell.community, shape, cell.row)


def spoilt() -> list[Cell]:
    """The same with a hole, an overlap, a doubled code and a thin gap."""
    cells = drawing()
    cells[4] = _with(cells[4], shapely.difference(cells[4].geometry, cells[4].geometry.centroid.buffer(4e-4)))
    cells[7] = _with(
        cells[7], shapely.union(cells[7].geometry, shapely.buffer(cells[7].geometry.centroid, 1.6e-3))
    )
    cells[9] = _with(
        cells[9], shapely.difference(cells[9].geometry, shapely.buffer(cells[10].geometry, 6e-6))
    )
    cells[11] = Cell(cells[3].code, cells[3].community, cells[11].geometry, cells[11].row)
    return cells


def saved(folder: Path, cells: list[Cell], name: str) -> Path:
    path = folder / name
    path.write_bytes(grid_file(cells, names=[f"第{cell.row}网格" for cell in cells])[1])
    return path


def signed_in(access: Any, base: str, language: str = "zh-hans") -> list[dict[str, str]]:
    key = client_of(access, language).cookies["sessionid"].value
    named = {"sessionid": key, "django_language": language}
    return [{"name": name, "value": value, "url": base} for name, value in named.items()]


def test_a_drawing_is_looked_at_beside_its_map_and_taken_in(
    browser: Browser, live: tuple[str, District], access_for: Callable[..., Any], tmp_path: Path
) -> None:
    base, _ = live
    steward = access_for("data_steward", "territory_management", username="steward-2")
    before = {grid.code: grid.area_m2 for grid in queries.grids(steward).rows}
    desk = browser.new_context(viewport=DESKTOP)
    desk.add_cookies(signed_in(steward, base))  # type: ignore[arg-type]
    page = opened(desk, f"{base}/grid-files/")
    page.locator("#id_file").set_input_files(saved(tmp_path, spoilt(), "重绘.geojson"))
    page.locator("aside form .primary").click()
    map_ready(page)
    row = page.locator("a.row", has_text="空白").first
    row.click()
    expect(row).to_have_attribute("aria-current", "true")
    key = row.get_attribute("data-select")
    assert key
    page.wait_for_url(f"**sel={key}*")
    page.goto(f"{page.url.split('?')[0]}?view={row.get_attribute('data-at')},17")
    map_still(page)
    canvas = page.locator(".maplibregl-canvas")
    canvas.focus()
    page.keyboard.press("Enter")
    expect(page.locator(f'a[data-select="{key}"]')).to_have_attribute("aria-current", "true")
    assert page.locator('form[action$="/accept/"]').count() == 0, "what is blocked cannot be taken in"
    assert {grid.code: grid.area_m2 for grid in queries.grids(steward).rows} == before
    page.goto(f"{base}/grid-files/")
    page.locator("#id_file").set_input_files(saved(tmp_path, drawing(), "重绘二稿.geojson"))
    page.locator("aside form .primary").click()
    page.locator('form[action$="/accept/"] button').click()
    expect(page.locator(".pane-head .badge")).to_have_text("已入图")
    assert queries.import_reports(steward).rows[0].state is ImportState.IMPORTED
    after = {grid.code: grid.area_m2 for grid in queries.grids(steward).rows}
    assert {code for code in after if abs(after[code] - before[code]) > 1} == {
        f"{COMMUNITY}001",
        f"{COMMUNITY}002",
    }
    assert faults(page) == []
    desk.close()


def test_on_the_phone_a_defect_opens_its_place_on_the_map(
    browser: Browser, live: tuple[str, District], access_for: Callable[..., Any], tmp_path: Path
) -> None:
    base, _ = live
    steward = access_for("data_steward", "territory_management", username="steward-2")
    phone = browser.new_context(viewport=PHONE, has_touch=True, is_mobile=True)
    phone.add_cookies(signed_in(steward, base, "en"))  # type: ignore[arg-type]
    page = opened(phone, f"{base}/grid-files/")
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    page.locator("#id_file").set_input_files(saved(tmp_path, spoilt(), "redrawn.geojson"))
    page.locator("aside form .primary").click()
    map_ready(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    assert page.locator(".map-host").is_hidden()
    page.locator("a.row", has_text="Overlap").first.click()
    expect(page.locator(".map-host")).to_be_visible()
    assert faults(page) == []
    phone.close()
