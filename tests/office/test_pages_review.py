"""Review, merge, split and correction requests as pages: what they show, what they do, in both languages."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from django.urls import reverse
from django.utils import timezone

from tests.console.places import client_of, posted, searched, sound, words
from tests.linkage.test_pairs import by_name, pair
from tests.linkage.test_requests import WRONG, asked, found, house
from tests.registry.conftest import told
from tests.registry.telling import LI
from tests.registry.test_reviewing import two_zhao
from wangge.linkage.queries import correction_request
from wangge.registry import queries

__all__ = ["by_name", "house", "pair", "told", "two_zhao"]
pytestmark = pytest.mark.django_db


@pytest.fixture
def steward(access_for: Any) -> Any:
    return access_for("data_steward", "registry_maintenance")


def one(access: Any, name: str) -> UUID:
    return queries.search_persons(access, text=name).rows[0].person_id


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_a_pair_is_decided_and_the_next_page_offers_to_take_it_back(
    two_zhao, pair, steward, language: str
) -> None:
    browser = client_of(steward, language)
    queue = sound(browser.get(reverse("console:review")))
    assert reverse("console:review_pair", args=[pair]) in queue
    html = sound(browser.get(reverse("console:review_pair", args=[pair])))
    said = words(html)
    assert (
        ("并列对照" in said and "如果是同一人" in said) if language == "zh-hans" else ("Side by side" in said)
    )
    assert 'data-key="s"' in html and 'data-key="d"' in html and 'data-key="u"' in html and "<meter" in html
    refused = browser.post(reverse("console:review_verdict", args=[pair]), {"verdict": "unsure"})
    assert refused.status_code == 400 and ("请说明" in words(sound(refused))) == (language == "zh-hans")
    after = posted(
        browser, reverse("console:review_verdict", args=[pair]), {"verdict": "same", "reason": "核实"}
    )
    assert 'data-key="z"' in sound(after)
    assert len(queries.search_persons(steward, text="赵敏").rows) == 1
    act = queries.acts_about(steward, person_id=one(steward, "赵敏"))[0].id
    browser.post(reverse("console:review_undo", args=[act]))
    assert len(queries.search_persons(steward, text="赵敏").rows) == 2


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_a_split_and_a_merge_are_shown_before_they_are_done(told, steward, language: str) -> None:
    browser = client_of(steward, language)
    wang = one(steward, "王建国")
    html = sound(browser.get(reverse("console:person", args=[wang])))
    assert (
        ("这些记录为何是同一人" in html)
        if language == "zh-hans"
        else ("Why these records are one person" in html)
    )
    record = next(
        k.record for k in queries.person(steward, person_id=wang).links if k.source == "grid_office"
    )
    split = reverse("console:person_split", args=[wang])
    assert str(record) in sound(browser.get(split))
    shown = words(sound(browser.get(split, {"records": str(record)})))
    assert ("另成一人" in shown) if language == "zh-hans" else ("A person of their own" in shown)
    assert browser.post(split, {"records": str(record), "reason": ""}).status_code == 400
    page = sound(posted(browser, split, {"records": str(record), "reason": "同名"}))
    assert ("人工操作" in page) if language == "zh-hans" else ("Changed by hand" in page)
    other = next(a.other for a in queries.acts_about(steward, person_id=wang))
    merge = reverse("console:person_merge", args=[wang])
    assert str(other) in sound(searched(browser, merge, "王建国"))
    shown = words(sound(browser.get(merge, {"with": str(other)})))
    assert ("将推翻" in shown) if language == "zh-hans" else ("will be overruled" in shown)
    posted(browser, f"{merge}?with={other}", {"reason": "还是一人"})
    assert queries.person(steward, person_id=wang).records == 3


def test_a_split_of_everything_is_told_in_the_page(told, steward) -> None:
    browser = client_of(steward)
    wang = one(steward, "王建国")
    everything = [str(k.record) for k in queries.person(steward, person_id=wang).links]
    answer = browser.get(reverse("console:person_split", args=[wang]), {"records": everything})
    assert answer.status_code == 400 and "两边都要有记录" in words(sound(answer))


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_the_centre_asks_and_the_department_answers(house, language: str) -> None:
    centre, health = house
    desk, office = client_of(centre, language), client_of(health, language)
    request = found(centre).id
    listed = sound(desk.get(reverse("console:requests")))
    assert str(request) in listed and 'name="requests"' in listed
    seen = words(sound(desk.get(reverse("console:request", args=[request]))))
    assert LI in seen and WRONG in seen
    late = desk.post(reverse("console:requests_send"), {"requests": str(request), "due_on": "2020-01-01"})
    assert late.status_code == 400 and 'href="#due_on"' in sound(late)
    assert desk.post(reverse("console:requests_send"), {"due_on": "x"}).status_code == 400
    due = (timezone.localdate() + timedelta(days=5)).isoformat()
    sent = posted(desk, reverse("console:requests_send"), {"requests": str(request), "due_on": due})
    assert str(request) in sound(sent)
    assert str(request) in sound(office.get(reverse("console:requests")))
    assert str(request) in sound(office.get(reverse("console:home"))), "it waits on the first page"
    seen = words(sound(office.get(reverse("console:request", args=[request]))))
    assert WRONG in seen and LI not in seen, "the department does not see another's data"
    answer = reverse("console:request_answer", args=[request])
    refused = office.post(answer, {"answer": "correct", "value": ""})
    assert refused.status_code == 400 and 'href="#value"' in sound(refused)
    done = words(sound(posted(office, answer, {"answer": "correct", "value": LI, "note": "笔误"})))
    assert ("已作为批次" in done) if language == "zh-hans" else ("as a batch" in done)


def test_a_request_is_withdrawn_with_its_reason(house) -> None:
    centre, _ = house
    request = asked(centre)
    desk = client_of(centre)
    assert desk.post(reverse("console:request_withdraw", args=[request]), {"reason": ""}).status_code in (
        400,
        403,
    )
    posted(desk, reverse("console:request_withdraw", args=[request]), {"reason": "已核实"})
    assert correction_request(centre, request=request).state == "withdrawn"


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_a_join_on_a_rare_name_says_what_it_rests_on(by_name, steward, language: str) -> None:
    _, pair = by_name
    browser = client_of(steward, language)
    said = words(sound(browser.get(reverse("console:review_pair", args=[pair]))))
    told = (
        ("只知道一人叫这个名字", "94%")
        if language == "zh-hans"
        else ("Only one bearer of this name", "94 in 100")
    )
    assert all(word in said for word in told)
    parted = posted(browser, reverse("console:review_verdict", args=[pair]), {"verdict": "different"})
    assert ("已分为两人" if language == "zh-hans" else "Parted into two people") in words(sound(parted))
