"""Roads and rivers brought in and seen, fixtures looked through: the pages of what stands on the ground."""

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
from tests.landscape.lines import feature, file_of
from tests.planning.ground import draw
from tests.territory.ground import DIVISIONS
from wangge.landscape import actions, queries
from wangge.landscape.types import AssetRow
from wangge.territory import actions as territory

pytestmark = pytest.mark.django_db


@pytest.fixture
def steward(access_for: Any) -> Any:
    access = access_for("data_steward", "territory_management")
    territory.import_divisions(access, rows=DIVISIONS, valid_from=date(2023, 6, 30), source="test")
    draw(access)
    return access


@pytest.fixture
def browser(steward: Any, language: str) -> Client:
    return client_of(steward, language)


def test_lines_are_brought_in_seen_and_taken_off(browser: Client, steward: Any, language: str) -> None:
    sound(browser.get(reverse("console:barriers")))
    file = io.BytesIO(file_of(feature(shapely.LineString([(117.3, 39.1), (117.31, 39.1)]), kind="铁路")))
    file.name = "rails.geojson"
    told = {"division": "120110000000", "kind": "", "datum": "WGS-84"}
    html = sound(posted(browser, reverse("console:barriers_bring"), {**told, "file": file}))
    assert "rails.geojson" in html
    assert 'data-line-kinds="railway"' in html
    assert ("铁路" if language == "zh-hans" else "Railway") in words(html)
    shown = json.loads(browser.get(reverse("console:barrier_lines")).content)["features"]
    assert [f["properties"]["kind"] for f in shown] == ["railway"]
    broken = io.BytesIO(b"{")
    broken.name = "x.geojson"
    wrong = browser.post(reverse("console:barriers_bring"), {**told, "file": broken})
    assert wrong.status_code == 400
    assert "error-summary" in sound(wrong)
    (held,) = queries.barrier_files(steward)
    sound(posted(browser, reverse("console:barriers_remove", args=[held.id]), {}))
    assert queries.barrier_files(steward) == ()


def test_fixtures_are_looked_through(browser: Client, steward: Any, language: str) -> None:
    empty = words(sound(browser.get(reverse("console:assets"))))
    assert ("还没有部件" if language == "zh-hans" else "No fixtures yet") in empty
    rows = [AssetRow(f"lamps/{n}", kind="路灯", owner="城管委", lon=117.301, lat=39.101) for n in range(60)]
    actions.import_assets(
        steward, source="lamps", rows=[*rows, AssetRow("lamps/x", kind="井盖")], division="120110"
    )
    html = sound(browser.get(reverse("console:assets")))
    assert html.count("data-select=") == 50
    only = sound(browser.get(reverse("console:assets"), {"kind": "井盖"}))
    assert only.count("data-select=") == 1
    one = queries.assets(steward, kind="路灯").rows[0]
    assert "城管委" in words(sound(browser.get(reverse("console:asset", args=[one.id]))))
    points = json.loads(browser.get(reverse("console:asset_points"), {"kind": "路灯"}).content)["features"]
    assert len(points) == 60
    assert points[0]["properties"]["title"] == "路灯"
