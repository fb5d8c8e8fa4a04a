"""One way to open Chromium for every test that looks at pages, and how long such a test waits.

A machine may be slow or busy: what is waited for comes when it comes, and only what never comes fails.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import Browser, Locator, Page, expect, sync_playwright

from tests.needs import chromium

PATIENCE_MS = 60_000


@contextmanager
def opened_chromium(*arguments: str) -> Iterator[Browser]:
    """Chromium without a screen; from here on each `expect` waits for PATIENCE_MS, not for five seconds."""
    expect.set_options(timeout=PATIENCE_MS)
    with sync_playwright() as playwright:
        shown = playwright.chromium.launch(
            executable_path=chromium(),
            timeout=3 * PATIENCE_MS,
            args=["--no-sandbox", "--disable-gpu", "--disable-background-networking", *arguments],
        )
        yield shown
        shown.close()


def patient(page: Page) -> Page:
    """The page, whose clicks and addresses are waited for as long as every `expect`."""
    page.set_default_timeout(PATIENCE_MS)
    return page


def counted(rows: Locator) -> int:
    """How many there are once the page is all there: `count` alone does not wait for the rest of a page."""
    rows.page.wait_for_load_state()
    expect(rows.first).to_be_visible()
    return rows.count()


def map_ready(page: Page) -> None:
    """Until the map has shown its first whole picture."""
    page.locator("[data-map][data-ready]").wait_for(timeout=PATIENCE_MS, state="attached")


def map_still(page: Page) -> None:
    """Until the map shows a whole picture and nothing moves: what its box was changed to is drawn."""
    map_ready(page)
    page.evaluate("() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))")
    page.locator("[data-map][data-still]").wait_for(timeout=PATIENCE_MS, state="attached")
