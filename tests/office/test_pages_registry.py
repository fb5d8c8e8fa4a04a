"""The register on the screen: found, opened to its sources, told apart."""

from __future__ import annotations

from typing import Any

import pytest
from django.urls import reverse

from tests.console.places import client_of, posted, searched, sound, words
from tests.registry.conftest import told
from tests.registry.telling import WANG
from wangge.kernel.problems import Refused
from wangge.ledger.models import Entry
from wangge.registry import queries

pytestmark = pytest.mark.django_db
__all__ = ["told"]


@pytest.fixture
def steward(access_for: Any) -> Any:
    return access_for("data_steward", "registry_maintenance")


def wang(access: Any) -> Any:
    return queries.search_persons(access, text=WANG).rows[0].person_id


def test_a_person_opens_to_every_source(told, steward, language: str) -> None:
    browser = client_of(steward, language)
    found = sound(searched(browser, reverse("console:people"), "wjg"))
    assert "王建国" in found and reverse("console:person", args=[wang(steward)]) in found
    html = sound(browser.get(reverse("console:person", args=[wang(steward)])))
    assert WANG in html and "李梅" in html and "王小明" in html
    said = words(html)
    assert ("该来源此类数据更常正确" in said) if language == "zh-hans" else ("are right more often" in said)
    assert ("系统会留痕" in said or "留痕" in said) if language == "zh-hans" else ("Recorded:" in said)
    part = browser.get(
        reverse("console:person", args=[wang(steward)]), headers={"HX-Request": "true", "HX-Target": "record"}
    )
    assert "<html" not in part.content.decode()


def test_the_search_box_finds_people(told, steward, language: str) -> None:
    html = words(sound(searched(client_of(steward, language), "/search/", "建国")))
    assert "王建国" in html


def test_who_may_not_see_is_shown_masks_or_nothing(told, access_for, steward) -> None:
    dispatcher = access_for("dispatcher", "community_service")
    html = sound(searched(client_of(dispatcher), reverse("console:people"), "王建国"))
    assert "13812345678" not in html and 'class="masked"' in html
    before = Entry.objects.count()
    leader = client_of(access_for("leader", "community_service"))
    assert reverse("console:people") not in leader.get("/").content.decode()
    assert searched(leader, reverse("console:people"), "王建国").status_code == 200
    assert leader.get(reverse("console:person", args=[wang(steward)])).status_code == 403
    assert Entry.objects.count() > before
    assert (
        client_of(steward)
        .get(reverse("console:person", args=[steward.organisation or steward.post]))
        .status_code
        == 404
    )


def test_two_records_are_said_to_be_two_people(told, steward, language: str) -> None:
    browser = client_of(steward, language)
    href = reverse("console:person_decide", args=[wang(steward)])
    html = sound(browser.get(href))
    assert 'value="public_security/p1"' in html and 'value="health/k1"' in html
    one = {"a": "health/k1", "b": "health/k1", "verdict": "different"}
    assert "error-summary" in sound(browser.post(href, one))
    assert browser.post(href, {"verdict": "same"}).status_code == 400
    posted(
        browser,
        href,
        {"a": "public_security/p1", "b": "health/k1", "verdict": "different", "reason": "两张照片"},
    )
    assert [(d.verdict, d.reason) for d in queries.decisions(steward)] == [("different", "两张照片")]
    li = queries.search_persons(steward, text="李梅").rows[0].person_id
    beside = sound(browser.get(href, {"with": str(li)}))
    assert 'name="b" value="public_security/p2"' in beside
    assert "李梅" in sound(searched(browser, href, "李梅"))


def test_linking_is_asked_for_by_stewards_only(told, steward, access_for) -> None:
    from wangge.linkage.actions import ask_linkage, begin_linkage, end_linkage
    from wangge.linkage.queries import linkage_runs
    from wangge.linkage.states import RunState

    worker = access_for("grid_worker", "community_service")
    with pytest.raises(Refused):
        ask_linkage(worker)
    run = ask_linkage(steward)
    from wangge.access.actions import enter_system

    system = enter_system(name="linkage", purpose="registry_maintenance")
    begin_linkage(system, run=run)
    assert [r.state for r in linkage_runs(steward)] == [RunState.RUNNING]
    end_linkage(system, run=run, rows=6, report=told)
    (done,) = linkage_runs(steward)
    assert (done.state, done.rows, done.persons) == (RunState.DONE, 6, 4)
    again = ask_linkage(steward)
    end_linkage(system, run=again, fault="OSError")
    assert linkage_runs(steward)[0].state == RunState.FAILED
