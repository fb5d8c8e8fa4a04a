"""A plan of grids in Chromium: a building dragged on the map and back, moved by the keyboard alone, published."""

from __future__ import annotations

import math
import os
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import shapely
from playwright.sync_api import Browser, Page, expect

from tests.browsing import map_ready, map_still, violations
from tests.console.places import client_of
from tests.console.test_browser import DESKTOP, PHONE, browser, faults, opened
from tests.console.test_walks import beside_the_browser, served
from tests.engine.gridfiles import COMMUNITY
from tests.landscape.lines import feature, file_of
from tests.planning.ground import TARGET, draw, drawn
from tests.planning.nets import other_net
from tests.territory.ground import DIVISIONS
from wangge.landscape import actions as landscape
from wangge.landscape.types import AssetRow
from wangge.planning import actions, queries
from wangge.planning.states import PlanState
from wangge.territory import actions as territory

__all__ = ["beside_the_browser", "browser"]
pytestmark = [pytest.mark.browser, pytest.mark.slow]
ZOOM = 16
PICTURES = os.environ.get("WANGGE_PICTURES")  # a folder: look at what was walked


@pytest.fixture
def planned(
    committed_db: str, access_for: Callable[..., Any], system_access: Any
) -> Iterator[tuple[str, Any, Any]]:
    """The product's address, a steward, and a plan that is ready."""
    steward = access_for("data_steward", "territory_management")
    territory.import_divisions(steward, rows=DIVISIONS, valid_from=date(2023, 6, 30), source="test")
    draw(steward)
    road = shapely.LineString([(117.3, 39.1025), (117.3105, 39.1028)])
    rail = shapely.LineString([(117.3012, 39.0995), (117.3010, 39.106)])
    river = shapely.LineString([(117.2995, 39.1042), (117.305, 39.1045), (117.311, 39.1039)])
    named = ((road, "津塘路"), (rail, "铁路"), (river, "月牙河"))
    body = file_of(*(feature(line, name=name) for line, name in named))
    landscape.import_barriers(steward, file_name="lines.geojson", body=body, division="120110")
    lamps = [AssetRow(f"lamps/{n}", kind="路灯", owner="城管委", keeper="照明所", address=f"津塘路{n}号",
                      condition="完好", lon=117.3005 + n * 4e-4, lat=39.1027) for n in range(20)]  # fmt: skip
    landscape.import_assets(steward, source="lamps", rows=lamps, division="120110")
    plan = actions.draft_plan(steward, under="120110001", target=TARGET)
    drawn(system_access("territory_management"), plan)
    with served() as address:
        yield address, steward, plan


def shot(page: Page, name: str) -> None:
    if PICTURES:
        page.screenshot(path=Path(PICTURES) / f"{name}.png")


def desk(browser: Browser, base: str, access: Any, language: str, size: Any, theme: str = "light") -> Any:
    key = client_of(access, language).cookies["sessionid"].value
    phone = {"has_touch": True, "is_mobile": True} if size is PHONE else {}
    made = browser.new_context(viewport=size, reduced_motion="reduce", **phone)
    named = {"sessionid": key, "django_language": language, "theme": theme}
    made.add_cookies([{"name": name, "value": value, "url": base} for name, value in named.items()])
    return made


def sound(page: Page) -> None:
    assert violations(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= page.viewport_size["width"]  # type: ignore[index]


def movable(steward: Any, plan: Any) -> Any:
    """A building with somewhere to go, the farthest from the others."""
    return next(
        plot
        for grid in queries.plan_grids(steward, plan=plan, community=COMMUNITY)
        for plot in queries.plan_plots(steward, plan=plan, code=grid.code)
        if plot.options
    )


def nearest(steward: Any, plan: Any, one: Any) -> Any:
    """The nearest building of a grid beside it."""
    others = [p for code in one.options for p in queries.plan_plots(steward, plan=plan, code=code)]
    return min(others, key=lambda p: (p.lon - one.lon) ** 2 + (p.lat - one.lat) ** 2)


def drag(page: Page, one: Any, to: Any) -> None:
    """From the middle of the map, where the building is, to where another lies; the button stays down."""
    canvas = page.locator(".maplibregl-canvas").bounding_box()
    assert canvas is not None
    x, y = canvas["x"] + canvas["width"] / 2, canvas["y"] + canvas["height"] / 2
    scale = 512 * 2**ZOOM / 360
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + 8, y + 8, steps=2)
    page.mouse.move(
        x + (to.lon - one.lon) * scale,
        y - (to.lat - one.lat) * scale / math.cos(math.radians(one.lat)),
        steps=6,
    )


def sure(page: Page, how: str) -> None:
    """Answers the question, where it is asked."""
    page.locator(".toasts :text-matches('.+'), #way-alone").first.wait_for()
    if page.locator("#way-alone").count():
        button = page.locator(f"#way-{how} form button")
        (button if button.count() else page.locator("#way-alone form button")).click()


def touched(page: Page, one: Any, to: Any) -> None:
    """As `drag`, with a finger: it sets down a little beside the building."""
    canvas = page.locator(".maplibregl-canvas").bounding_box()
    assert canvas is not None
    x, y = canvas["x"] + canvas["width"] / 2 + 3, canvas["y"] + canvas["height"] / 2 + 3
    scale = 512 * 2**ZOOM / 360
    wide, high = (to.lon - one.lon) * scale, -(to.lat - one.lat) * scale / math.cos(math.radians(one.lat))
    hand = page.context.new_cdp_session(page)

    def finger(kind: str, share: float = 0.0) -> None:
        at = [] if kind == "touchEnd" else [{"x": x + wide * share, "y": y + high * share}]
        hand.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": at})
        page.wait_for_timeout(30)

    finger("touchStart")
    for step in range(1, 7):
        finger("touchMove", step / 6)
    shot(page, "touch-en-phone")
    finger("touchEnd")


def moved_by_finger(browser: Browser, base: str, steward: Any, plan: Any) -> None:
    one = movable(steward, plan)
    made = desk(browser, base, steward, "en", PHONE)
    page = opened(made, f"{base}/plans/{plan}/grids/{one.code}/?view={one.lon},{one.lat},{ZOOM}")
    map_ready(page)
    page.locator("[data-shut]").click()
    page.locator('[data-shows-pane="map"]').click()
    expect(page.locator(".maplibregl-canvas")).to_be_visible()
    map_still(page)
    before = page.url
    touched(page, one, nearest(steward, plan, one))
    sure(page, "alone")
    expect(page.locator(".toasts")).to_contain_text(one.name)
    assert page.url.split("view=")[1] == before.split("view=")[1], "the map stayed where it was"
    shot(page, "touched-en-phone")
    moved = queries.grid_plan(steward, plan=plan).undo
    assert moved is not None
    assert (moved.plot, moved.plots) == (one.name, 1)
    page.locator("[data-shut]").click()
    page.locator('[data-shows-pane="list"]').click()
    page.locator('form[action$="/undo/"] button').click()
    expect(page.locator(".toasts")).to_contain_text("Taken back")
    assert faults(page) == []
    made.close()


def moved_without_a_mouse(browser: Browser, base: str, steward: Any, plan: Any) -> None:
    one = movable(steward, plan)
    made = desk(browser, base, steward, "en", PHONE, "dark")
    page = opened(made, f"{base}/plans/")
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    shot(page, "plans-en-phone")
    page.goto(f"{base}/plans/{plan}/")
    map_ready(page)
    shot(page, "plan-en-phone")
    page.locator(f'a[data-select="grid:{one.code}"]').click()
    form = page.locator(".homes form", has=page.locator(f'input[value="{one.id}"]'))
    form.locator("select").select_option(one.options[0])
    shot(page, "grid-en-phone")
    form.locator("button").focus()
    page.keyboard.press("Enter")
    page.locator(f'#way-alone, [data-record="grid:{one.options[0]}"]').first.wait_for()
    if page.locator("#way-alone").count():
        sound(page)
        shot(page, "choice-en-phone")
        page.locator("section[id^=way] form button").first.focus()
        page.keyboard.press("Enter")
    expect(page.locator(f'[data-record="grid:{one.options[0]}"]')).to_be_visible()
    page.locator('form[action$="/lock/"] button').click()
    expect(page.locator(".record-head .badge", has_text="Locked")).to_be_visible()
    sound(page)
    shot(page, "locked-en-phone")
    assert {g.code for g in queries.plan_grids(steward, plan=plan) if g.locked} == {one.options[0]}
    comparison = actions.compare_nets(steward, under=COMMUNITY, b=other_net(steward))
    for name in ("barriers", "fixtures", "nets", f"nets/{comparison}"):
        page.goto(f"{base}/{name}/")
        assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
        shot(page, f"{name[:6]}-en-phone")
    page.goto(f"{base}/plans/{plan}/changes/")
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    shot(page, "changes-en-phone")
    assert faults(page) == []
    made.close()


def dragged_and_published(browser: Browser, base: str, steward: Any, plan: Any) -> None:
    made = desk(browser, base, steward, "zh-hans", DESKTOP)
    page = opened(made, f"{base}/plans/")
    shot(page, "plans-zh")
    comparison = actions.compare_nets(steward, under=COMMUNITY, b=other_net(steward))
    page.goto(f"{base}/nets/")
    sound(page)
    shot(page, "nets-zh")
    for name in ("barriers", "fixtures", f"nets/{comparison}"):
        page.goto(f"{base}/{name}/")
        map_ready(page)
        sound(page)
        shot(page, f"{name.partition('/')[0]}-zh")
        if name == "fixtures":
            page.locator("a[data-select]").first.click()
            expect(page.locator(".record-head h2")).to_have_text("路灯")
            shot(page, "fixture-zh")
    page.locator("a[data-select]").first.click()
    expect(page.locator("a[data-select]").first).to_have_attribute("aria-current", "true")
    shot(page, "net-zh")
    page.goto(f"{base}/plans/")
    with page.expect_navigation():
        page.locator("tbody a").first.click()
    map_ready(page)
    shot(page, "plan-zh")
    one = movable(steward, plan)
    page.goto(f"{base}/plans/{plan}/grids/{one.code}/?view={one.lon},{one.lat},{ZOOM}")
    map_still(page)
    shot(page, "grid-zh")
    sound(page)
    drag(page, one, nearest(steward, plan, one))
    shot(page, "dragging-zh")
    page.mouse.up()
    page.locator("#way-alone, .toasts p").first.wait_for()
    shot(page, "choice-zh")
    sure(page, "balance")
    expect(page.locator(".toasts")).to_contain_text(one.name)
    shot(page, "moved-zh")
    moved = queries.grid_plan(steward, plan=plan).undo
    assert moved is not None
    assert moved.plot == one.name
    where = {p.id: p.code for p in queries.plan_plots(steward, plan=plan, code=moved.code)}
    assert where[one.id] == moved.code != one.code
    page.locator('form[action$="/undo/"] button').click()
    expect(
        page.locator(f'[data-record="grid:{one.code}"], [data-record="grid:{moved.code}"]')
    ).to_be_visible()
    expect(page.locator(".toasts")).to_contain_text("已撤销")
    undone = queries.plan_steps(steward, plan=plan)[0]
    assert (undone.plot, undone.undone) == (one.name, True)
    with page.expect_navigation():
        page.locator('a.primary[href$="/changes/"]').click()
    shot(page, "changes-zh")
    sound(page)
    with page.expect_navigation():
        page.locator('form[action$="/publish/"] button').click()
    map_ready(page)
    shot(page, "published-zh")
    assert faults(page) == []
    made.close()


def test_a_plan_is_mended_by_keys_on_the_phone_and_by_mouse_at_the_desk_and_published(
    browser: Browser, planned: tuple[str, Any, Any]
) -> None:
    base, steward, plan = planned
    moved_by_finger(browser, base, steward, plan)
    moved_without_a_mouse(browser, base, steward, plan)
    dragged_and_published(browser, base, steward, plan)
    assert queries.grid_plan(steward, plan=plan).state is PlanState.PUBLISHED
