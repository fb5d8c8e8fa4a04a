"""The pages in Chromium: one selection for map, list and record; the keyboard; the phone that loses no word."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

import pytest
from django.core.wsgi import get_wsgi_application
from django.test.utils import override_settings
from playwright.sync_api import Browser, BrowserContext, Page, Route, expect

from tests.browsing import counted, map_ready, map_still, opened_chromium, patient, violations
from wangge.console.assets import assets_of

pytestmark = [pytest.mark.browser, pytest.mark.slow]
DESKTOP, PHONE = {"width": 1440, "height": 900}, {"width": 390, "height": 844}


class _Threads(WSGIServer):
    """One thread a request: a page asks for several files at once."""

    daemon_threads = True

    def process_request(self, request: Any, client_address: Any) -> None:
        def answer() -> None:
            self.finish_request(request, client_address)
            self.shutdown_request(request)

        threading.Thread(target=answer, daemon=True).start()


class _Silent(WSGIRequestHandler):
    def log_message(self, format: str, *args: Any) -> None:
        """Nothing: the tests say what went wrong."""


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    """The style guide, served on a free port. It asks no database, and pytest would refuse one."""
    if not assets_of("src/app.ts").module:
        (pytest.fail if os.environ.get("CI") else pytest.skip)(
            "needs the built front end: npm run build in web/"
        )
    with override_settings(ROOT_URLCONF="tests.console.urls"):
        server = make_server("127.0.0.1", 0, get_wsgi_application(), _Threads, _Silent)
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        server.server_close()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with opened_chromium() as shown:
        yield shown


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    made = browser.new_context(
        viewport=DESKTOP, reduced_motion="reduce"
    )  # the map goes there, it does not fly
    yield made
    made.close()


@pytest.fixture
def phone(browser: Browser) -> Iterator[BrowserContext]:
    made = browser.new_context(viewport=PHONE, has_touch=True, is_mobile=True)
    yield made
    made.close()


def opened(context: BrowserContext, url: str, *, map_: bool = False) -> Page:
    """The page at `url`; any error the page reports fails the test when it is closed."""
    page = patient(context.new_page())
    faults: list[str] = []
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.on("console", lambda m: faults.append(m.text) if m.type == "error" else None)
    page.goto(url)
    if map_:
        map_ready(page)
    page.faults = faults  # type: ignore[attr-defined]
    return page


def faults(page: Page) -> list[str]:
    return page.faults  # type: ignore[attr-defined, no-any-return]


def test_a_row_opens_the_record_beside_it_and_the_address_reloads_it(
    context: BrowserContext, address: str
) -> None:
    page = opened(context, f"{address}/styleguide/work/?mine=1", map_=True)
    row = page.locator('a[data-select="case:20261122"]')
    row.click()
    expect(page.locator("#record [data-record='case:20261122']")).to_be_visible()
    expect(row).to_have_attribute("aria-current", "true")
    expect(page.locator("#record h2")).to_be_focused()
    page.wait_for_url("**/styleguide/work/20261122/*mine=1*")
    page.reload()
    expect(page.locator("#record [data-record='case:20261122']")).to_be_visible()
    expect(row).to_have_attribute("aria-current", "true")
    page.keyboard.press("Escape")
    expect(page.locator("#record [data-record]")).to_have_count(0)
    page.wait_for_url(f"{address}/styleguide/work/?mine=1*")
    page.go_back()
    expect(page.locator("#record [data-record='case:20261122']")).to_be_visible()
    assert faults(page) == []


def test_the_keyboard_walks_the_list_and_opens(context: BrowserContext, address: str) -> None:
    context.route("**/search/**", lambda route: route.fulfill(status=200, body=""))
    page = opened(context, f"{address}/styleguide/work/", map_=True)
    page.keyboard.press("j")
    page.keyboard.press("j")
    page.keyboard.press("k")
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    expect(page.locator("#record [data-record='case:20261121']")).to_be_visible()
    page.keyboard.press("/")
    expect(page.locator("#search")).to_be_focused()
    page.keyboard.type("j")
    expect(page.locator("#search")).to_have_value("j")
    page.keyboard.press("Escape")
    page.keyboard.press("?")
    expect(page.locator("dialog#keys")).to_be_visible()
    page.keyboard.press("Escape")
    with page.expect_navigation(url="**/styleguide/today/"):
        # at once, as fingers do: a busy machine would take its time between two presses, and "g" waits a second
        page.evaluate(
            "for (const key of 'gh') document.body.dispatchEvent(new KeyboardEvent('keydown', {key, bubbles: true}))"
        )


def test_the_map_is_walked_by_keyboard_and_shares_the_selection(
    context: BrowserContext, address: str
) -> None:
    page = opened(context, f"{address}/styleguide/work/?view=117.385,39.1,16", map_=True)
    canvas = page.locator(".maplibregl-canvas")
    canvas.focus()
    page.keyboard.press("ArrowUp")
    expect(page.locator(".map-says")).not_to_be_empty()
    page.keyboard.press("Enter")
    page.wait_for_url("**sel=grid:*")
    page.locator('a[data-select="case:20261123"]').click()
    expect(page.locator("#record [data-record='case:20261123']")).to_be_visible()
    page.wait_for_url("**/styleguide/work/20261123/**view=*")
    assert "sel=" not in page.url
    assert faults(page) == []


def test_the_whole_area_stays_whole_when_a_record_opens_beside_it(
    context: BrowserContext, address: str
) -> None:
    page = opened(context, f"{address}/styleguide/work/", map_=True)
    scale = page.locator(".map-scale")
    page.locator('a[data-select="case:20261122"]').click()
    expect(page.locator("#record [data-record='case:20261122']")).to_be_visible()
    page.wait_for_url("**/styleguide/work/20261122/")
    map_still(page)
    told = scale.inner_html()
    assert "view=" not in page.url, "the reader went nowhere"
    page.locator(".map-tools button").nth(2).click()
    map_still(page)
    assert scale.inner_html() == told, "it was the whole area already"


def test_a_click_on_the_map_opens_the_record(context: BrowserContext, address: str) -> None:
    page = opened(context, f"{address}/styleguide/work/", map_=True)
    row = page.locator('a[data-select="case:20261120"]')
    at = row.get_attribute("data-at")
    page.goto(f"{address}/styleguide/work/?view={at},17")
    map_still(page)
    box = page.locator(".map-host").bounding_box()
    assert box
    page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    expect(page.locator("#record [data-record='case:20261120']")).to_be_visible()
    expect(row).to_have_attribute("aria-current", "true")


def test_the_theme_is_kept_and_the_map_follows(context: BrowserContext, address: str) -> None:
    page = opened(context, f"{address}/styleguide/work/", map_=True)
    page.locator("[data-theme-switch]").click()
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    page.reload()
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    map_ready(page)
    assert faults(page) == []


def test_more_rows_follow_in_the_same_list(context: BrowserContext, address: str) -> None:
    page = opened(context, f"{address}/styleguide/work/", map_=True)
    before = counted(page.locator(".rows a[data-select]"))
    page.locator("#more a").click()
    expect(page.locator(".rows a[data-select]")).to_have_count(before + 2)
    assert "after" not in page.url


PATHS = (
    "",
    "?wrong",
    "today/",
    "today/?empty",
    "work/20261122/",
    "../accounts/login/",
    "field/",
    "field/visit/",
)


@pytest.mark.parametrize(("language", "theme"), [("zh-hans", "light"), ("en", "dark")])
def test_axe_finds_nothing(browser: Browser, address: str, theme: str, language: str) -> None:
    made = browser.new_context(viewport=DESKTOP, reduced_motion="reduce")
    made.add_cookies(
        [
            {"name": "theme", "value": theme, "url": address},
            {"name": "django_language", "value": language, "url": address},
        ]
    )
    page = patient(made.new_page())
    found = {}
    for path in PATHS:
        page.set_viewport_size(PHONE if "field" in path else DESKTOP)  # type: ignore[arg-type]
        page.goto(f"{address}/styleguide/{path}")
        if "work" in path:
            map_ready(page)
        page.evaluate("document.querySelectorAll('details').forEach(d => d.open = true)")
        found[path] = violations(page)
    made.close()
    assert {path: wrong for path, wrong in found.items() if wrong} == {}
    assert len(found) == len(PATHS)


def test_nothing_is_wider_than_the_phone(phone: BrowserContext, address: str) -> None:
    page = patient(phone.new_page())
    for language in ("zh-hans", "en"):
        phone.add_cookies([{"name": "django_language", "value": language, "url": address}])
        for path in (*PATHS, "work/"):
            page.goto(f"{address}/styleguide/{path}")
            assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"], (path, language)


def test_targets_on_the_phone_are_large_enough(phone: BrowserContext, address: str) -> None:
    page = opened(phone, f"{address}/styleguide/field/visit/")
    small = []
    for target in page.locator("button:visible, a:visible, label.choice:visible, summary:visible").all():
        box = target.bounding_box()
        if box and min(box["width"], box["height"]) < 44:
            small.append((target.inner_text(), box["width"], box["height"]))
    assert small == []


def test_the_phone_loses_no_word(phone: BrowserContext, address: str) -> None:
    page = opened(phone, f"{address}/styleguide/field/visit/")
    page.locator("textarea").fill("漏水，已关总阀")
    page.get_by_label("见到，在家").check()
    expect(page.locator("[data-saved-mark]")).to_have_attribute("data-state", "saved")
    page.close()

    again = opened(phone, f"{address}/styleguide/field/visit/")
    expect(again.locator("textarea")).to_have_value("漏水，已关总阀")
    expect(again.get_by_label("见到，在家")).to_be_checked()

    keys: list[str] = []
    online = False

    def centre(route: Route) -> None:
        if route.request.method != "POST":
            route.continue_()
            return
        keys.append(route.request.headers["idempotency-key"])
        if online:
            route.continue_()
        else:
            route.abort()

    phone.route("**/styleguide/field/visit/", centre)
    again.locator("button[type=submit][form=visit]").click()
    waiting = again.locator('[data-count="waiting"] b')
    expect(waiting).to_have_text("1")
    expect(again.locator("textarea")).to_have_value("")
    online = True
    again.goto(f"{address}/styleguide/field/")
    expect(again.locator('[data-count="sent"] b')).to_have_text("1")
    expect(waiting).to_have_text("0")
    assert len(keys) >= 2 and len(set(keys)) == 1, "every try carries the same key"
    kept = again.evaluate(
        """() => new Promise(done => { const r = indexedDB.open('wangge-field'); r.onsuccess = () => {
            const a = r.result.transaction('entries').objectStore('entries').getAll();
            a.onsuccess = () => done(JSON.stringify(a.result)); }; })"""
    )
    assert "SAMPLE-" in kept and "漏水" not in kept, "confirmed words leave the phone"
    fresh = opened(phone, f"{address}/styleguide/field/visit/")
    expect(fresh.locator("textarea")).to_have_value("")
    fresh.get_by_label("没有见到").check()
    fresh.locator("button[type=submit][form=visit]").click()
    fresh.wait_for_url("**/styleguide/field/")


def test_what_is_typed_while_the_storage_opens_is_kept_beside_what_was_kept_before(
    phone: BrowserContext, address: str
) -> None:
    first = opened(phone, f"{address}/styleguide/field/visit/")
    first.locator("textarea").fill("旧")
    first.get_by_label("见到，在家").check()
    expect(first.locator("[data-saved-mark]")).to_have_attribute("data-state", "saved")
    first.evaluate(  # holds the drafts, so that the next page waits for them
        """() => new Promise(done => { indexedDB.open('wangge-field').onsuccess = ({ target }) => {
            const drafts = target.result.transaction('drafts', 'readwrite').objectStore('drafts');
            const hold = () => { if (!window.freed) drafts.get(['nobody', 'none']).onsuccess = hold; };
            hold(); done(); }; })"""
    )
    page = opened(phone, f"{address}/styleguide/field/visit/")
    page.locator("textarea").fill("新")
    expect(page.get_by_label("见到，在家")).not_to_be_checked()
    first.evaluate("window.freed = true")
    expect(page.get_by_label("见到，在家")).to_be_checked()
    expect(page.locator("textarea")).to_have_value("新")
    expect(page.locator("[data-saved-mark]")).to_have_text("已存在本机")
    page.reload()
    expect(page.locator("textarea")).to_have_value("新")
    expect(page.get_by_label("见到，在家")).to_be_checked()


def test_a_missing_answer_is_said_first_and_leads_to_its_question(
    phone: BrowserContext, address: str
) -> None:
    page = opened(phone, f"{address}/styleguide/field/visit/")
    page.locator("button[type=submit][form=visit]").click()
    summary = page.locator(".error-summary")
    expect(summary).to_be_focused()
    summary.get_by_role("link").click()
    expect(page.get_by_label("见到，在家")).to_be_focused()
    expect(page.locator('[data-count="waiting"] b')).to_have_text("0")


def test_without_script_the_pages_still_work(browser: Browser, address: str) -> None:
    made = browser.new_context(viewport=DESKTOP, java_script_enabled=False)
    page = patient(made.new_page())
    page.goto(f"{address}/styleguide/work/")
    page.locator('a[data-select="case:20261122"]').click()
    expect(page.locator("#record [data-record='case:20261122']")).to_be_visible()
    page.locator("#record a[data-shut]").click()
    expect(page.locator("#record [data-record]")).to_have_count(0)
    page.locator("#more a").click()
    page.wait_for_url("**after=*")
    made.close()
