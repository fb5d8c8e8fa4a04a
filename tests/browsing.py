"""One way to open Chromium for every test that looks at pages, and how long such a test waits.

A machine may be slow or busy: what is waited for comes when it comes, and only what never comes fails.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Browser, Locator, Page, expect, sync_playwright

from tests.needs import chromium

PATIENCE_MS = 60_000
JUDGE = """async theme => {
    const root = document.documentElement, before = root.dataset.theme;
    if (theme) root.dataset.theme = theme;
    const { violations } = await axe.run({ resultTypes: ["violations"] });
    if (before === undefined) delete root.dataset.theme; else root.dataset.theme = before;
    return violations.map(({ id, nodes }) => [id, nodes.slice(0, 3).map(node => node.target)]);
}"""


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


def violations(page: Page, theme: str = "") -> list[tuple[str, list[object]]]:
    """What axe finds on the page as it stands, with up to three places each; `theme` is put on while it looks.

    A page is given the script once: it is half a megabyte to read.
    """
    page.wait_for_load_state()
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE_SCRIPT)
    return [(str(rule), list(places)) for rule, places in page.evaluate(JUDGE, theme)]
