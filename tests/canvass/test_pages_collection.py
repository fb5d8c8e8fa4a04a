"""The pages that ask once: a form drafted, answered by the register, justified, sent, followed grid by grid."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from tests.collection.register import BASIS, fill
from tests.console.places import client_of, posted, sound, words
from tests.engine.gridfiles import COMMUNITY
from wangge.collection import queries
from wangge.collection.states import CampaignState, FormState
from wangge.flows.screening import screen_staleness
from wangge.tasks import queries as task_reads

pytestmark = pytest.mark.django_db


@pytest.fixture
def steward(district, access_for) -> Any:
    fill(doors=24, people=60, grids=2, community=COMMUNITY)
    return access_for("data_steward", "registry_maintenance", organisation="民政局")


@pytest.fixture
def browser(steward, language: str) -> Client:
    return client_of(steward, language)


def drafted(browser: Client, steward: Any, **more: Any) -> tuple[str, Any]:
    told = {
        "title": "高龄津贴核发", "area": COMMUNITY, "purpose": "核发高龄津贴", "basis": BASIS,
        "fields_picked": ["name", "phone"], "own": "是否需要助餐服务\n民族", **more,
    }  # fmt: skip
    html = sound(posted(browser, reverse("console:collect_draft"), told))
    return html, queries.form(steward, form_id=queries.forms(steward).rows[0].form_id)


def test_a_form_is_drafted_and_answered_question_by_question(browser: Client, steward, language: str) -> None:
    empty = sound(browser.get(reverse("console:collect")))
    assert ("还没有采集表" if language == "zh-hans" else "No forms yet") in empty
    html, form = drafted(browser, steward)
    said = words(html)
    assert form.state is FormState.CHECKED and len(form.questions) == 4
    name, phone = form.questions[:2]
    assert html.count('<svg class="answers"') == 3
    assert f"{phone.missing}" in said and f"{form.saved_cells}" in said
    assert ("已掌握" if language == "zh-hans" else "Held already") in said
    assert ("不得采集民族" if language == "zh-hans" else "Nobody may ask for ethnicity") in said
    assert name.asked == 0
    assert "高龄津贴核发" in sound(browser.get(reverse("console:collect")))


def test_asking_again_takes_a_reason_on_the_page(browser: Client, steward) -> None:
    _html, form = drafted(browser, steward)
    at = reverse("console:collect_change", args=[form.form_id])
    refused = browser.post(at, {"act": "justify", "code": "name", "reason": "核对"})
    assert refused.status_code == 400 and 'href="#justify-name"' in sound(refused)
    reason = "三分之一的姓名为曾用名，须核对"
    html = sound(posted(browser, at, {"act": "justify", "code": "name", "reason": reason}))
    assert reason in html
    html = sound(posted(browser, at, {"act": "drop_reason", "code": "name"}))
    assert reason in html, "kept, also when taken back"
    posted(browser, at, {"act": "drop", "code": "name"})
    posted(browser, at, {"act": "withdraw"})
    assert queries.form(steward, form_id=form.form_id).state is FormState.WITHDRAWN


def test_a_refused_question_is_given_its_basis(browser: Client, steward) -> None:
    html, form = drafted(browser, steward, basis="无", own="")
    assert [q.refused for q in form.questions] == ["basis_missing"] * 2 and 'id="basis-phone"' in html
    at = reverse("console:collect_change", args=[form.form_id])
    html = sound(
        posted(browser, at, {"act": "basis", "code": "phone", "purpose": "联系服务对象", "basis": BASIS})
    )
    assert html.count('<svg class="answers"') == 1


def test_a_form_is_sent_followed_and_stopped(browser: Client, steward, district, language: str) -> None:
    _html, form = drafted(browser, steward)
    day = (timezone.localdate() + timedelta(days=5)).isoformat()
    html = sound(posted(browser, reverse("console:collect_send", args=[form.form_id]), {"due_on": day}))
    (campaign,) = queries.campaigns(steward)
    assert campaign.doors.doors == campaign.doors.waiting > 0
    units = queries.progress(steward, campaign_id=campaign.campaign_id)
    for unit in units:
        assert reverse("console:campaign_unit", args=[campaign.campaign_id, unit.unit_no]) in html
    assert 'hx-trigger="every 15s"' in html
    at = reverse("console:campaign_unit", args=[campaign.campaign_id, units[0].unit_no])
    doors = sound(browser.get(at))
    assert doors.count('data-seen="') == 0 and ("待走访" if language == "zh-hans" else "To visit") in doors
    live = browser.get(
        reverse("console:campaign", args=[campaign.campaign_id]),
        headers={"HX-Request": "true", "HX-Target": "live"},
    )
    assert "<html" not in live.content.decode() and "figures" in live.content.decode()
    areas = browser.get(reverse("console:campaign_areas", args=[campaign.campaign_id])).json()
    assert any(str(campaign.doors.doors // 2) in f["properties"].get("note", "") for f in areas["features"])
    none = sound(browser.get(reverse("console:campaign_answers", args=[campaign.campaign_id])))
    assert ("尚无答复" if language == "zh-hans" else "No answers yet") in none
    back = sound(posted(browser, reverse("console:campaign_send_back", args=[campaign.campaign_id]), {}))
    assert ("没有待退回的答复" if language == "zh-hans" else "No answers wait") in back
    end = reverse("console:campaign_end", args=[campaign.campaign_id])
    early = browser.post(end, {"reason": ""})
    assert early.status_code == 409 and "24" in early.content.decode()
    assert "台风" in sound(posted(browser, end, {"reason": "台风来临，暂停入户"}))
    assert queries.campaign(steward, campaign_id=campaign.campaign_id).state is CampaignState.STOPPED
    sound(browser.get(reverse("console:campaigns")))


def test_a_day_that_has_passed_is_refused_in_words(browser: Client, steward) -> None:
    _html, form = drafted(browser, steward)
    at = reverse("console:collect_send", args=[form.form_id])
    response = browser.post(at, {"due_on": "2020-01-01"})
    assert response.status_code == 400 and 'href="#id_due_on"' in sound(response)
    assert "error" in sound(browser.post(at, {"due_on": "soon"}))


def test_the_worker_sees_what_is_held_and_hands_in_the_rest(
    browser: Client, steward, district, language: str
) -> None:
    _html, form = drafted(browser, steward)
    day = (timezone.localdate() + timedelta(days=5)).isoformat()
    browser.post(reverse("console:collect_send", args=[form.form_id]), {"due_on": day})
    worker = district.posts["grid_worker"]
    task = next(t for t in task_reads.my_tasks(worker) if t.kind == "survey_visit")
    phone = client_of(worker, language)
    sound(phone.get(reverse("console:field_task", args=[task.task_id])))
    html = sound(phone.get(reverse("console:field_visit", args=[task.task_id])))
    fields = [part.split('"')[0] for part in html.split('name="')[1:]]
    assert not any(f.startswith("p_") and f.endswith("_name") for f in fields), "the name is held"
    asked = [f for f in fields if f.startswith("p_")]
    told = {
        "form": "survey_visit", "saw_person": "yes", "saw_dwelling": "yes", "saw_state": "yes",
        "q_result": "surveyed", "unit_no": str(task.unit_no),
    }  # fmt: skip
    told |= {f: "13900139000" if f.endswith("_phone") else "需要" for f in asked}
    unseen = phone.post(reverse("console:field_visit", args=[task.task_id]), told | {"saw_state": "no"})
    assert (
        unseen.status_code == 422
        and ("见状态" if language == "zh-hans" else "state seen") in unseen.content.decode()
    )
    done = phone.post(reverse("console:field_visit", args=[task.task_id]), told)
    assert done.status_code == 303
    (campaign,) = queries.campaigns(steward)
    assert campaign.doors.surveyed == 1 and campaign.answered == len({f.split("_")[1] for f in asked})


def test_the_list_to_verify_stands_by_grid(browser: Client, steward, language: str) -> None:
    nothing = sound(browser.get(reverse("console:freshness")))
    assert ("没有待核实的内容" if language == "zh-hans" else "Nothing to verify") in nothing
    screen_staleness()
    html = sound(browser.get(reverse("console:freshness")))
    unit = int(COMMUNITY + "001")
    at = reverse("console:freshness_unit", args=[unit])
    assert at in html and "<meter" in html
    listed = sound(browser.get(at))
    assert listed.count("/people/") > 5
    areas = browser.get(reverse("console:freshness_areas")).json()
    assert any("note" in f["properties"] for f in areas["features"])


def test_others_see_the_forms_but_draft_none(steward, district, language: str) -> None:
    leader = client_of(district.posts["leader"], language)
    html = sound(leader.get(reverse("console:collect")))
    assert reverse("console:collect_draft") not in html
    sound(leader.get(reverse("console:campaigns")))
