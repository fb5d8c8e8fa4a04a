"""Two nets on the screen: handed in, what differs on the map and in the list, a plan drafted from it."""

from __future__ import annotations

import io
import json
from datetime import date
from typing import Any

import pytest
from django.urls import reverse

from tests.console.places import client_of, posted, sound, words
from tests.engine.gridfiles import COMMUNITY
from tests.planning.ground import draw
from tests.planning.nets import other_net
from tests.territory.ground import DIVISIONS
from wangge.planning import queries
from wangge.planning.states import Approach
from wangge.territory import actions as territory

pytestmark = pytest.mark.django_db


def test_two_nets_are_compared_and_become_a_plan(access_for: Any, language: str) -> None:
    steward = access_for("data_steward", "territory_management")
    territory.import_divisions(steward, rows=DIVISIONS, valid_from=date(2023, 6, 30), source="test")
    draw(steward)
    browser = client_of(steward, language)
    sound(browser.get(reverse("console:nets")))
    given = other_net(steward)
    file = io.BytesIO(given.body)
    file.name = given.file_name
    told = {"under": COMMUNITY, "datum_b": "WGS-84", "datum_a": "WGS-84"}
    missing = browser.post(reverse("console:nets_compare"), told)
    assert missing.status_code == 400
    assert "error-summary" in sound(missing)
    html = words(sound(posted(browser, reverse("console:nets_compare"), {**told, "file_b": file})))
    (row,) = queries.net_comparisons(steward).rows
    assert f"{COMMUNITY}001 / PA-03" in html
    assert f"{row.share:.1%}" in html
    areas = json.loads(browser.get(reverse("console:net_areas", args=[row.id])).content)["features"]
    assert [one["properties"].get("band", "") for one in areas].count("far_above") == 1
    assert len(json.loads(browser.get(reverse("console:net_lines", args=[row.id])).content)["features"]) == 4
    sound(browser.get(reverse("console:net", args=[row.id]), {"fate": "only_a"}))
    wrong = browser.post(reverse("console:net_draft", args=[row.id]), {"target": "0", "tolerance": "10"})
    assert "error" in sound(wrong)
    draft = {"target": "300", "tolerance": "10"}
    plan = words(sound(posted(browser, reverse("console:net_draft", args=[row.id]), draft)))
    assert ("由两张网合并" if language == "zh-hans" else "from two nets") in plan
    assert queries.grid_plans(steward).rows[0].approach is Approach.NETS
    sound(browser.get(reverse("console:nets")))
