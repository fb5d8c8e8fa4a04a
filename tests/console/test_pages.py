"""Pages: whole and in part, in both languages, under a strict policy, for who may see them."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from typing import Any

import pytest
from django.test import Client

GUIDE = ["/styleguide/", "/styleguide/?wrong", "/styleguide/today/", "/styleguide/work/", "/styleguide/work/?empty",
         "/styleguide/work/20261122/", "/styleguide/field/", "/styleguide/field/visit/"]  # fmt: skip
VOID = {"meta", "link", "input", "hr", "img", "br", "path", "rect"}
CHINESE = re.compile(r"[\u4e00-\u9fff]")

pytestmark = pytest.mark.django_db


class Page(HTMLParser):
    """Ids, open elements, inline styles and scripts of a page."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.ids: list[str] = []
        self.faults: list[str] = []
        self.stack: list[str] = []
        self.lang = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag == "html":
            self.lang = given.get("lang") or ""
        if "id" in given:
            self.ids.append(given["id"] or "")
        if "style" in given or any(name.startswith("on") for name in given):
            self.faults.append(f"inline style or handler on <{tag}>")
        if tag == "style" or (
            tag == "script" and "src" not in given and given.get("type") != "application/json"
        ):
            self.faults.append(f"inline <{tag}>")
        if tag == "button" and "type" not in given:
            self.faults.append("a button without a type sends its form")
        if tag == "img" and "alt" not in given:
            self.faults.append("an image without words")
        if tag not in VOID:
            self.stack.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag in VOID:
            return
        if not self.stack or self.stack.pop() != tag:
            self.faults.append(f"</{tag}> closes nothing")


@pytest.mark.parametrize("address", GUIDE)
def test_a_page_is_sound(guide: Client, language: str, address: str) -> None:
    response = guide.get(address)
    assert response.status_code == 200
    page = Page(response.content.decode())
    assert page.faults == []
    assert page.stack == []
    assert sorted(set(page.ids)) == sorted(page.ids)
    assert page.lang == {"zh-hans": "zh-Hans", "en": "en"}[language]
    assert response.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize("address", ["/styleguide/today/", "/styleguide/work/?empty", "/accounts/login/"])
def test_the_english_page_has_no_chinese_left(guide: Client, language: str, address: str) -> None:
    html = guide.get(address).content.decode()
    text = re.sub(r"<script.*?</script>|<[^>]*>", " ", html, flags=re.DOTALL)
    text = re.sub(r"中(?=\s)", "", text)  # the switch to the other language says itself in it
    assert bool(CHINESE.search(text)) == (language == "zh-hans")


def test_htmx_gets_the_record_alone_and_history_gets_the_page(guide: Client) -> None:
    address = "/styleguide/work/20261122/"
    part = guide.get(address, headers={"HX-Request": "true", "HX-Target": "record"}).content.decode()
    assert part.startswith("<title>") and "data-record" in part and "<html" not in part
    back = {"HX-Request": "true", "HX-Target": "record", "HX-History-Restore-Request": "true"}
    assert "<html" in guide.get(address, headers=back).content.decode()
    whole = guide.get(address).content.decode()
    assert part.partition("</title>")[2].strip()[:60] in whole, (
        "loaded whole, the address shows the same record"
    )


def test_more_rows_are_rows_only(guide: Client) -> None:
    response = guide.get(
        "/styleguide/work/?after=20261125", headers={"HX-Request": "true", "HX-Target": "more"}
    )
    html = response.content.decode()
    assert html.lstrip().startswith("<li>") and "<html" not in html
    assert {"HX-Request", "HX-Target"} <= {v.strip() for v in response.headers["Vary"].split(",")}


def test_who_is_not_signed_in_is_sent_to_the_door() -> None:
    response = Client().get("/?a=1")
    assert (response.status_code, response.headers["Location"]) == (303, "/accounts/login/?next=/%3Fa%3D1")
    part = Client().post("/search/", {"q": "xx"}, headers={"HX-Request": "true", "HX-Target": "answers"})
    assert part.headers["HX-Redirect"].startswith("/accounts/login/")


def _signed_in(access_for: Any, role: str) -> Client:
    from django.contrib.auth import get_user_model

    access = access_for(role, username=f"{role}-pages")
    client = Client()
    client.force_login(get_user_model().objects.get(id=access.actor))
    return client


def test_a_signed_in_reader_sees_purpose_and_navigation(access_for: Any) -> None:
    html = _signed_in(access_for, "dispatcher").get("/").content.decode()
    assert "派遣员" in html and "处置事件" in html and 'aria-current="page"' in html


def test_the_purpose_can_be_changed_and_a_foreign_address_is_not_followed(access_for: Any) -> None:
    client = _signed_in(access_for, "grid_worker")
    answer = client.post("/standing/", {"purpose": "care", "next": "https://evil.example/"})
    assert (answer.status_code, answer.headers["Location"]) == (303, "/")
    assert "关爱走访" in re.sub(r"<[^>]+>", "", client.get("/").content.decode())
    client.post("/standing/", {"purpose": "audit", "next": "/"})
    assert "审计" not in client.get("/").content.decode(), "a purpose the post does not have changes nothing"


def test_an_account_without_a_post_is_told_so() -> None:
    from django.contrib.auth import get_user_model

    client = Client()
    client.force_login(get_user_model().objects.create(username="nobody"))
    response = client.get("/")
    assert response.status_code == 403
    assert "此账户尚无岗位" in response.content.decode()
    part = client.post("/search/", {"q": "xx"}, headers={"HX-Request": "true", "HX-Target": "answers"})
    assert part.status_code == 403 and "<html" not in part.content.decode()


def test_search_says_what_is_missing(access_for: Any) -> None:
    client = _signed_in(access_for, "dispatcher")
    part = {"HX-Request": "true", "HX-Target": "answers"}
    assert "两个以上" in client.post("/search/", {"q": "王"}, headers=part).content.decode()
    assert "没有找到" in client.post("/search/", {"q": "不存在的"}, headers=part).content.decode()


def test_the_browser_s_language_is_not_asked_and_the_switch_is_kept(client: Client) -> None:
    assert "登录" in client.get("/accounts/login/", headers={"Accept-Language": "en"}).content.decode()
    client.post("/i18n/setlang/", {"language": "en", "next": "/accounts/login/"})
    assert "Sign in" in client.get("/accounts/login/", headers={"Accept-Language": "zh"}).content.decode()


def test_the_theme_is_the_readers(client: Client) -> None:
    client.cookies["theme"] = "dark"
    assert 'data-theme="dark"' in client.get("/accounts/login/").content.decode()
    client.cookies["theme"] = '"><script>'
    assert "data-theme" not in client.get("/accounts/login/").content.decode().partition(">")[2][:200]


@pytest.mark.parametrize(
    "address",
    [
        "/accounts/login/",
        "/accounts/password/change/",
        "/accounts/2fa/",
        "/accounts/2fa/totp/activate/",
        "/accounts/logout/",
    ],
)
def test_account_pages_are_ours(access_for: Any, address: str, language: str, settings: Any) -> None:
    settings.ACCOUNT_REAUTHENTICATION_TIMEOUT = 10_000
    client = Client() if "login" in address else _signed_in(access_for, "dispatcher")
    client.cookies["django_language"] = language
    response = client.get(address, follow=True)
    page = Page(response.content.decode())
    assert response.status_code == 200
    assert page.faults == [] and page.stack == []
    assert "toasts" in page.ids


def test_a_failed_sign_in_leads_to_the_field(client: Client) -> None:
    html = client.post("/accounts/login/", {"login": "", "password": ""}).content.decode()
    target = re.search(r'error-summary.*?<a href="#(\w+)">', html, re.DOTALL)
    assert target and f'id="{target[1]}"' in html


def test_the_policy_is_strict(client: Client) -> None:
    policy = client.get("/accounts/login/").headers["Content-Security-Policy"]
    assert "unsafe" not in policy and "style-src 'self'" in policy and "default-src 'none'" in policy


def test_an_unknown_address_and_an_expired_form_are_pages(access_for: Any) -> None:
    client = _signed_in(access_for, "dispatcher")
    missing = client.get("/nothing/here/")
    assert missing.status_code == 404 and "没有这个页面" in missing.content.decode()
    strict = Client(enforce_csrf_checks=True)
    expired = strict.post("/accounts/login/", {"login": "x"})
    assert expired.status_code == 403 and "表单已过期" in expired.content.decode()
    assert Page(expired.content.decode()).faults == []


def test_rooms_are_asked_for_needs_only_where_the_reader_may_look(
    access_for: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    from types import ModuleType

    from wangge.access import queries
    from wangge.console.page import Figure, Nav, Need
    from wangge.console.pages import home

    asked: list[str] = []

    def module(name: str, door: Any) -> ModuleType:
        made = ModuleType(name)

        def needs(access: Any) -> list[Need]:
            asked.append(name)
            return [Need("b", "/b", "do", urgency="soon"), Need("a", "/a", "do", urgency="late")]

        made.NAV = Nav("console:home", name, "home", door, order=1)  # type: ignore[attr-defined]
        made.needs = needs  # type: ignore[attr-defined]
        made.figures = lambda access: [Figure("n", "1", "/")]  # type: ignore[attr-defined]
        return made

    both = (module("open", queries.staff), module("closed", queries.grants))
    monkeypatch.setattr(home, "page_modules", lambda: both)
    found = home.today(access_for("dispatcher"))
    assert asked == ["open"]
    assert [n.title for n in found.needs] == ["a", "b"]
    assert len(found.figures) == 1
