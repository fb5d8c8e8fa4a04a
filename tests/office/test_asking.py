"""What is searched for stands in no address: not in the log of a server, not in a Referer, not in a history."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.sessions.models import Session
from django.test import Client
from django.urls import reverse

from tests.console.places import client_of, searched, sound
from tests.office.test_pages_registry import steward, told
from tests.registry.test_registry import WANG
from wangge.kernel.pages import Cursor
from wangge.registry import queries

pytestmark = pytest.mark.django_db
__all__ = ["steward", "told"]
PEOPLE = "/people/"


def test_the_page_of_a_search_says_it_nowhere_in_an_address(told: Any, steward: Any) -> None:
    browser = client_of(steward)
    response = searched(browser, PEOPLE, WANG)
    html = sound(response)
    assert "王建国" in html and f'value="{WANG}"' in html
    assert WANG not in response.request["QUERY_STRING"]
    for part in html.split('href="')[1:] + html.split('hx-get="')[1:] + html.split('name="next" value="')[1:]:
        assert WANG not in part.partition('"')[0]
    assert all(WANG not in str(s.get_decoded()) for s in Session.objects.all()), "the session keeps it sealed"


def test_paging_and_the_other_language_keep_the_search(told: Any, steward: Any) -> None:
    browser = client_of(steward)
    where = browser.post(PEOPLE, {"q": "王"}).headers["Location"]
    first = sound(browser.get(where))
    assert "王建国" in first and "王小明" in first and f'name="next" value="{where}"' in first
    wang = queries.search_persons(steward, text=WANG).rows[0].person_id
    onward = {"HX-Request": "true", "HX-Target": "more"}
    after = Cursor((str(wang),)).encode()
    rest = browser.get(f"{where}&after={after}", headers=onward).content.decode()
    assert "王小明" in rest and "王建国" not in rest
    browser.cookies["django_language"] = "en"
    english = sound(browser.get(where))
    assert "王建国" in english and "Nobody found" not in english


def test_a_mark_opens_in_its_own_session_only(told: Any, steward: Any) -> None:
    where = client_of(steward).post(PEOPLE, {"q": "王建国"}).headers["Location"]
    other = sound(client_of(steward).get(where))
    assert "王建国" not in other and "您要找谁" in other
    assert "王建国" not in sound(client_of(steward).get(PEOPLE, {"q": "王建国"})), "no words from addresses"
    assert client_of(steward).get(PEOPLE, {"find": "错"}).status_code == 200


def test_every_search_of_people_is_a_form_with_a_token(told: Any, steward: Any) -> None:
    wang = queries.search_persons(steward, text=WANG).rows[0].person_id
    browser = client_of(steward)
    for address in (PEOPLE, reverse("console:person_decide", args=[wang])):
        for form in browser.get(address).content.decode().split("<form")[1:]:
            if 'name="q"' in form.partition("</form")[0]:
                assert 'method="post"' in form.partition(">")[0] and "csrfmiddlewaretoken" in form
    strict = Client(enforce_csrf_checks=True)
    strict.cookies = browser.cookies
    assert strict.post(PEOPLE, {"q": "王建国"}).status_code == 403


def test_only_the_latest_searches_are_kept(told: Any, steward: Any) -> None:
    browser = client_of(steward)
    first = browser.post(PEOPLE, {"q": "王建国"}).headers["Location"]
    for n in range(12):
        last = browser.post(PEOPLE, {"q": f"李{n}"}).headers["Location"]
    assert 'value="王建国"' not in sound(browser.get(first))
    assert 'value="李11"' in sound(browser.get(last))
    assert browser.post(PEOPLE, {"q": " "}).headers["Location"] == PEOPLE
