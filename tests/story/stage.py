"""Who acts in the story: one window for each account, its words in one language, its pictures."""

from __future__ import annotations

import os
import re
from pathlib import Path

from django.utils import translation
from playwright.sync_api import Browser, BrowserContext, Locator, Page, expect

from tests.browsing import map_still, patient, violations
from tests.story.ground import ROOT, House

DESKTOP, PHONE = {"width": 1440, "height": 900}, {"width": 390, "height": 844}
PICTURES = ROOT / "docs" / "pictures"
CHINESE = re.compile(r"[\u4e00-\u9fff]")


OTHER = {"zh": "en", "en": "zh"}
CODES = {"zh": "zh-hans", "en": "en"}


class Stage:
    """Opens windows, signs in, says the words of the pages, takes pictures.

    With `beside` each page that is looked at is opened in the other language, too, in a window beside.
    """

    def __init__(self, browser: Browser, house: House, language: str, *, beside: bool = False) -> None:
        self.browser, self.house, self.language = browser, house, language
        self.contexts: dict[str, BrowserContext] = {}
        self.pages: dict[str, Page] = {}
        self.handed: dict[Page, int] = {}
        self.faults: list[str] = []
        self.unfit: list[tuple[str, str, list[object]]] = []
        self.beside = self._window_beside() if beside else None

    def told(self, english: str, **values: object) -> str:
        """A message of the console as this telling's pages say it."""
        from django.utils.translation import gettext

        with translation.override("zh-hans" if self.language == "zh" else "en"):
            said = gettext(english)
        assert self.language == "en" or CHINESE.search(said), f"no Chinese for: {english}"
        return said % values if values else said

    def who(self, username: str, *, phone: bool = False) -> Page:
        """The window of an account; the first time it signs in, with the mouse."""
        if username not in self.pages:
            context = self.browser.new_context(
                viewport=PHONE if phone else DESKTOP,  # type: ignore[arg-type]
                has_touch=phone,
                is_mobile=phone,
                locale="zh-CN" if self.language == "zh" else "en-GB",
                timezone_id="Asia/Shanghai",
                reduced_motion="reduce",  # nothing fades: axe need not wait for the colours of a theme
            )
            page = self._watched(context, username)
            self.contexts[username], self.pages[username] = context, page
            self._sign_in(page, username)
        return self.pages[username]

    def _watched(self, context: BrowserContext, who: str) -> Page:
        """A page whose every complaint is kept."""
        page = patient(context.new_page())
        page.on("pageerror", lambda error: self.faults.append(f"{who}: {error}"))
        page.on(
            "console",
            lambda m: self.faults.append(f"{who}, {page.url}: {m.text}") if m.type == "error" else None,
        )
        return page

    def _sign_in(self, page: Page, username: str) -> None:
        page.goto(self.house.address + "/")
        if self.language == "en":  # Chinese until somebody switches
            expect(page.locator("html")).to_have_attribute("lang", re.compile("^zh"))
            with page.expect_navigation():
                page.locator('button[type=submit][lang="en"]').click()
        expect(page.locator("html")).to_have_attribute("lang", re.compile(f"^{self.language}"))
        page.locator("#id_login").fill(username)
        page.locator("#id_password").fill(self.house.village.staff.password)
        page.get_by_role("button", name=self.told("Sign in")).click()
        page.wait_for_url(lambda url: "login" not in url)

    def press(self, page: Page | Locator, word: str) -> None:
        """Press the button, or follow the link, that says `word`; a page that comes of it is there in full."""
        said = self.told(word)
        button = page.get_by_role("button", name=said, exact=True)
        button.or_(page.get_by_role("link", name=said, exact=True)).first.click()
        (page if isinstance(page, Page) else page.page).wait_for_load_state()

    def go(self, page: Page, word: str) -> None:
        """Follow a line of the navigation on the left, until the page is there and its script listens."""
        with page.expect_navigation():
            page.locator("nav.nav").get_by_role("link", name=self.told(word), exact=True).click()

    def change_purpose(self, page: Page, code: str) -> None:
        """Choose another purpose in the menu at the top."""
        page.locator("details.who > summary").click()
        with page.expect_navigation():
            page.locator(f"details.who button[name=purpose][value={code}]").click()

    def fit(self, page: Page, name: str) -> None:
        """The page at both sizes: as `check` on the desk, and on a phone in the other theme, where nothing is wider.

        With the window beside every pair of language, theme and width is met. Pictures are kept where a folder is
        named.
        """
        self._desk(page, name, self.language)
        self._phone(page, name, self.language)
        if self._open_beside(page, name):
            self._desk(self.beside, name, OTHER[self.language])
            self._phone(self.beside, name, OTHER[self.language])

    def check(self, page: Page, name: str) -> None:
        """What axe finds on the page as it stands: in Chinese light, in English dark."""
        self._axe(page, name, self.language)
        if self._open_beside(page, name):
            self._axe(self.beside, name, OTHER[self.language])

    def phone(self, page: Page, name: str) -> None:
        """The half of `fit` that is the phone's."""
        self._phone(page, name, self.language)
        if self._open_beside(page, name):
            self._phone(self.beside, name, OTHER[self.language])

    def _desk(self, page: Page, name: str, language: str) -> None:
        self._axe(page, name, language)
        self._look(page, name, language)

    def _phone(self, page: Page, name: str, language: str) -> None:
        held = page.viewport_size
        page.set_viewport_size(PHONE)  # type: ignore[arg-type]
        self._axe(page, f"{name}, phone", language, swap=True)
        if page.evaluate("document.documentElement.scrollWidth") > PHONE["width"]:
            self.unfit.append((f"{name}, phone, {language}", "wider than the phone", []))
        self._look(page, f"{name}.phone", language)
        page.set_viewport_size(held)  # type: ignore[arg-type]

    def _window_beside(self) -> Page:
        context = self.browser.new_context(
            viewport=DESKTOP,  # type: ignore[arg-type]
            locale="en-GB" if self.language == "zh" else "zh-CN",
            timezone_id="Asia/Shanghai",
            reduced_motion="reduce",
        )
        self.contexts["beside"] = context
        return self._watched(context, "beside")

    def _open_beside(self, page: Page, name: str) -> bool:
        """The page as its account would see it in the other language, where its address alone brings it back."""
        if self.beside is None:
            return False
        context = self.beside.context
        cookies = [c for c in page.context.cookies() if c["name"] not in ("django_language", "theme")]
        context.clear_cookies()
        context.add_cookies(cookies)  # type: ignore[arg-type]
        other = OTHER[self.language]
        context.add_cookies([{"name": "django_language", "value": CODES[other], "url": self.house.address}])
        self.beside.set_viewport_size(page.viewport_size)  # type: ignore[arg-type]
        answer = self.beside.goto(page.url)
        assert answer is not None
        assert answer.status == 200, (name, page.url, answer.status)
        expect(self.beside.locator("html")).to_have_attribute("lang", re.compile(f"^{other}"))
        return True

    def _look(self, page: Page, name: str, language: str) -> None:
        if folder := os.environ.get("WANGGE_LOOK"):
            page.screenshot(path=Path(folder) / f"{name}.{language}.png", animations="disabled")

    def _axe(self, page: Page, name: str, language: str, *, swap: bool = False) -> None:
        theme = "light" if (language == "zh") != swap else "dark"
        self.unfit += [(f"{name}, {language}", rule, places) for rule, places in violations(page, theme)]

    def picture(self, page: Page, name: str, *, full: bool = False) -> None:
        """Have axe look; keep what the window shows for the README only when asked to: a test run changes no file."""
        self.check(page, name)
        if os.environ.get("WANGGE_PICTURES") != "1":
            return
        page.wait_for_load_state("networkidle")
        expect(page.locator("#toasts > *")).to_have_count(0)  # words in the corner go by themselves
        if page.locator("[data-map]").count():
            map_still(page)
        page.wait_for_timeout(300)
        page.mouse.move(2, 2)
        PICTURES.mkdir(parents=True, exist_ok=True)
        taken = PICTURES / f"{name}.{self.language}.png"
        page.screenshot(path=taken, full_page=full, animations="disabled")

    def close(self) -> None:
        for context in self.contexts.values():
            context.close()
