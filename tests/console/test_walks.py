"""The pages on live data in Chromium: a visit made without network arrives once; a case is carried on by its map."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from wsgiref.simple_server import make_server

import pytest
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections, connections
from playwright.sync_api import Browser, Route, expect

from tests.browsing import map_still
from tests.console.district import UNIT, District, make
from tests.console.test_browser import DESKTOP, PHONE, _Silent, _Threads, browser, faults, opened
from wangge.console.assets import assets_of
from wangge.field import queries
from wangge.tasks import queries as task_queries

__all__ = ["browser"]
pytestmark = [pytest.mark.browser, pytest.mark.slow]


@pytest.fixture(scope="module", autouse=True)
def beside_the_browser() -> Iterator[None]:
    """The browser's driver keeps an event loop in this thread; Django must not take it for an asynchronous view."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")
        yield


class _Closing(_Threads):
    """One thread a request, which gives its database connection back."""

    def finish_request(self, request: Any, client_address: Any) -> None:
        super().finish_request(request, client_address)
        close_old_connections()
        connections.close_all()


@contextmanager
def served() -> Iterator[str]:
    """The product's address while it answers."""
    if not assets_of("src/app.ts").module:
        pytest.skip("needs the built front end: npm run build in web/")
    server = make_server("127.0.0.1", 0, get_wsgi_application(), _Closing, _Silent)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


@pytest.fixture
def live(committed_db: str, access_for: Callable[..., Any]) -> Iterator[tuple[str, District]]:
    """The product on a database of its own, and the district in it."""
    district = make(access_for)
    with served() as address:
        yield address, district


def _session(district: District, role: str, base: str, language: str = "zh-hans") -> list[dict[str, str]]:
    key = district.client(role, language).cookies["sessionid"].value
    named = {"sessionid": key, "django_language": language}
    return [{"name": name, "value": value, "url": base} for name, value in named.items()]


def test_a_visit_made_without_network_arrives_once(browser: Browser, live: tuple[str, District]) -> None:
    base, district = live
    worker = district.posts["grid_worker"]
    task = next(t for t in task_queries.my_tasks(worker) if t.name == "王秀兰")
    phone = browser.new_context(viewport=PHONE, has_touch=True, is_mobile=True)
    phone.add_cookies(_session(district, "grid_worker", base))  # type: ignore[arg-type]
    page = opened(phone, f"{base}/field/")
    page.locator(f'a[href$="{task.task_id}/"]').click()
    page.locator(".phone-foot a.primary").click()
    page.wait_for_load_state()  # from here on the page's script listens
    for name in ("saw_person", "saw_dwelling", "saw_state"):
        page.locator(f'input[name="{name}"][value="yes"]').check()
    page.locator('input[name="q_living"][value="alone"]').check()
    page.locator("#observations").fill("厨房漏水，已关总阀")
    page.locator("button[form=visit]").click()
    expect(page.locator(".error-summary")).to_be_focused()
    page.locator('input[name="q_wellbeing"][value="fair"]').check()
    online, tries = False, []

    def centre(route: Route) -> None:
        if route.request.method == "POST":
            tries.append(route.request.headers["idempotency-key"])
            if not online:
                route.abort()
                return
        route.continue_()

    phone.route("**/field/tasks/**", centre)
    # The count shows before the first try: were the network back in between, the page would go on by itself.
    with page.expect_event("requestfailed"):
        page.locator("button[form=visit]").click()
    expect(page.locator('[data-count="waiting"] b')).to_have_text("1")
    assert queries.visit_page(worker).rows == ()
    online = True
    page.goto(f"{base}/field/")
    expect(page.locator('[data-count="sent"] b')).to_have_text("1")
    page.reload()
    assert len(set(tries)) == 1
    rows = queries.visit_page(worker).rows
    assert [r.outcome for r in rows] == ["complete"]
    expect(page.locator(f'a[href$="{task.task_id}/"]')).to_have_count(0)  # the door is done
    phone.close()


def test_a_case_is_carried_on_beside_its_map(browser: Browser, live: tuple[str, District]) -> None:
    base, district = live
    desk = browser.new_context(viewport=DESKTOP)
    desk.add_cookies(_session(district, "dispatcher", base))  # type: ignore[arg-type]
    page = opened(desk, f"{base}/cases/", map_=True)
    case = district.cases[0].case_id
    page.locator(f'a[data-select="case:{case}"]').click()
    page.locator("#record .pane-foot button.primary").click()
    row = page.locator(f"#case-{case} .badge")
    expect(row).to_have_text("已立案")
    page.locator("#record .pane-foot a.primary").click()
    page.locator("#id_organisation").select_option(str(district.water))
    page.locator("#record form .primary").click()
    expect(row).to_have_text("处置中")
    page.wait_for_url(f"{base}/cases/{case}/**")
    page.goto(f"{base}/cases/new/?view=117.3015,39.1012,17")
    map_still(page)
    canvas = page.locator(".maplibregl-canvas")
    canvas.focus()
    page.keyboard.press("Enter")
    expect(page.locator("#id_grid")).to_have_value(str(UNIT))
    assert faults(page) == []
    desk.close()
