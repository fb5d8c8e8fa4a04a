"""A plan of grids on the screen: asked for, watched, mended by hand without a mouse, looked through, published."""

from __future__ import annotations

import json
from datetime import date, timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from tests.console.places import client_of, posted, sound, words
from tests.engine.gridfiles import COMMUNITY
from tests.planning.ground import TARGET, draw, drawn
from tests.territory.ground import DIVISIONS
from wangge.planning import actions, queries
from wangge.planning.states import Approach, PlanState
from wangge.tasks.actions import appoint
from wangge.tasks.types import Appointment
from wangge.territory import actions as territory
from wangge.territory import queries as ground

pytestmark = pytest.mark.django_db
PART = {"HTTP_HX_REQUEST": "true", "HTTP_HX_TARGET": "record"}


@pytest.fixture
def steward(access_for: Any) -> Any:
    access = access_for("data_steward", "territory_management")
    territory.import_divisions(access, rows=DIVISIONS, valid_from=date(2023, 6, 30), source="test")
    draw(access)
    return access


@pytest.fixture
def browser(steward: Any, language: str) -> Client:
    return client_of(steward, language)


@pytest.fixture
def plain(steward: Any) -> Client:
    """A browser in Chinese, where the language makes no difference."""
    return client_of(steward, "zh-hans")


@pytest.fixture
def plan(steward: Any, system_access: Any) -> Any:
    asked = actions.draft_plan(steward, under=COMMUNITY, target=TARGET)
    drawn(system_access("territory_management"), asked)
    return asked


def test_a_plan_is_asked_for_and_watched(
    browser: Client, steward: Any, system_access: Any, language: str
) -> None:
    assert browser.get(reverse("console:plans")).status_code == 200
    wrong = browser.post(reverse("console:plan_ask"), {"under": COMMUNITY, "target": "0"})
    assert wrong.status_code == 400
    assert "error-summary" in sound(wrong)
    told = {"under": "120110001000", "approach": "least_change", "target": "240", "tolerance": "10"}
    html = sound(posted(browser, reverse("console:plan_ask"), told))
    (row,) = queries.grid_plans(steward).rows
    assert row.state is PlanState.DRAFT
    assert 'hx-trigger="every 2s"' in html
    drawn(system_access("territory_management"), row.id)
    home = words(sound(browser.get("/")))
    assert ("已划分，尚未生效" if language == "zh-hans" else "nothing is in force yet") in home
    whole = words(sound(browser.get(reverse("console:plan", args=[row.id]))))
    assert ("最小变动" if language == "zh-hans" else "least change") in whole
    part = browser.get(
        reverse("console:plan", args=[row.id]), headers={"HX-Request": "true", "HX-Target": "live"}
    )
    assert 'hx-trigger="load"' in part.content.decode(), "the watcher is led to the plan"


def test_a_building_is_moved_locked_and_taken_back_by_forms_alone(
    plain: Client, steward: Any, plan: Any
) -> None:
    grid = next(
        grid
        for grid in queries.plan_grids(steward, plan=plan)
        if any(plot.options for plot in queries.plan_plots(steward, plan=plan, code=grid.code))
    )
    plot = next(p for p in queries.plan_plots(steward, plan=plan, code=grid.code) if p.options)
    record = sound(plain.get(reverse("console:plan_grid", args=[plan, grid.code])))
    assert f'<option value="{plot.options[0]}">' in record
    asked = {"plot": plot.id, "to": plot.options[0], "from": grid.code}
    choices = queries.move_choices(steward, plan=plan, plot=plot.id, to=plot.options[0])
    if not choices.harmless:
        question = plain.post(reverse("console:plan_move", args=[plan]), asked)
        assert plot.name in words(sound(question)), "the question is a page of its own, too"
        part = plain.post(reverse("console:plan_move", args=[plan]), asked, **PART)  # type: ignore[arg-type]
        assert 'name="how" value="alone"' in part.content.decode()
        assert queries.grid_plan(steward, plan=plan).undo is None, "nothing is changed by asking"
        asked |= {"how": "balance" if choices.balanced else "alone", "seen": choices.seen}
    answer = plain.post(reverse("console:plan_move", args=[plan]), asked, **PART)  # type: ignore[arg-type]
    assert answer.status_code == 200
    assert 'hx-swap-oob="true"' in answer.content.decode()
    told = json.loads(answer.headers["HX-Trigger"])
    assert plot.name in told["wangge:notice"]["text"]
    assert set(told["wangge:map"]) == {"areas", "patch", "points"}
    patch = json.loads(plain.get(told["wangge:map"]["patch"]).content)["features"]
    assert {f["properties"]["community"] for f in patch} == {COMMUNITY}, "only what changed is drawn again"
    where = {p.id: p.code for p in queries.plan_plots(steward, plan=plan, code=plot.options[0])}
    assert where[plot.id] == plot.options[0]
    again = plain.post(reverse("console:plan_move", args=[plan]), asked, **PART)  # type: ignore[arg-type]
    assert again.status_code == 409
    sound(posted(plain, reverse("console:plan_undo", args=[plan]), {"from": grid.code}))
    assert plot.id in {p.id for p in queries.plan_plots(steward, plan=plan, code=grid.code)}
    sound(posted(plain, reverse("console:plan_lock", args=[plan, plot.options[0]]), {"locked": "on"}))
    asked.pop("seen", None)
    shut = plain.post(reverse("console:plan_move", args=[plan]), asked)
    assert shut.status_code == 400
    assert "error-summary" in sound(shut)


def test_the_map_shows_bands_and_buildings(plain: Client, steward: Any, plan: Any) -> None:
    areas = json.loads(plain.get(reverse("console:plan_areas", args=[plan])).content)["features"]
    told = {f["properties"]["code"]: f["properties"] for f in areas if f["properties"]["level"] == "grid"}
    rows = {grid.code: grid for grid in queries.plan_grids(steward, plan=plan)}
    assert set(told) == set(rows)
    assert all((told[code]["band"] == "on") == row.within for code, row in rows.items())
    points = json.loads(plain.get(reverse("console:plan_points", args=[plan])).content)["features"]
    assert len(points) == ground.buildings(steward, under=COMMUNITY, size=500).rows.__len__()
    assert all(p["properties"]["drags"] for p in points)


def test_changes_are_looked_through_and_published(
    browser: Client, steward: Any, plan: Any, language: str
) -> None:
    view = queries.grid_plan(steward, plan=plan)
    html = words(sound(browser.get(reverse("console:plan_changes", args=[plan]))))
    for flow in queries.plan_flows(steward, plan=plan):
        assert flow.before in html
        assert flow.after in html
    late = browser.post(reverse("console:plan_publish", args=[plan]), {"valid_from": "2026-01-02"})
    assert late.status_code == 400
    assert "error-summary" in sound(late)
    day = timezone.localdate() + timedelta(days=2)
    done = words(
        sound(posted(browser, reverse("console:plan_publish", args=[plan]), {"valid_from": day.isoformat()}))
    )
    assert day.isoformat() in done
    codes = {g.code for g in ground.grids(steward, under=COMMUNITY, on=day).rows}
    assert set(view.figures.new_codes) <= codes
    assert not set(view.figures.retired_codes) & codes
    assert queries.grid_plan(steward, plan=plan).state is PlanState.PUBLISHED
    assert browser.post(reverse("console:plan_discard", args=[plan])).status_code == 409


def test_a_plan_is_let_go_of(plain: Client, steward: Any, plan: Any) -> None:
    sound(posted(plain, reverse("console:plan_discard", args=[plan]), {}))
    assert queries.grid_plan(steward, plan=plan).state is PlanState.DISCARDED


def test_the_page_of_changes_says_what_is_handed_on(
    plain: Client, steward: Any, access_for: Any, system_access: Any
) -> None:
    asked = actions.draft_plan(steward, under=COMMUNITY, approach=Approach.AFRESH, target=2 * TARGET)
    drawn(system_access("territory_management"), asked)
    heirs = queries.plan_heirs(steward, plan=asked)
    assert len(heirs) == 2
    one = heirs[0]
    worker = access_for("grid_worker", "community_service", scope=one.code)
    manager = Appointment(int(one.code), "manager", "李网格", actor=worker.actor, phone="13900001111")
    appoint(access_for("dispatcher", "community_service"), appointments=[manager])
    html = sound(plain.get(reverse("console:plan_changes", args=[asked])))
    told = words(html[html.index('id="handed"') :])
    assert "李网格" in told
    assert one.heir in told
    assert "暂无：由调度员分派任务" in told, "the other grid had nobody"
    done = words(
        sound(posted(plain, reverse("console:plan_publish", args=[asked]), {"valid_from": "2027-01-01"}))
    )
    assert "已移交：团队岗位 1 个" in done
