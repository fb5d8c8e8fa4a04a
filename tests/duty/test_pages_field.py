"""现场 pages: the doors in walking order, a visit once however often it is sent, corrections, matters, refusals."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.utils import timezone

from tests.console.district import PEOPLE, UNIT, District
from tests.console.sound import no_chinese_left, sound, text_of
from tests.duty.test_pages_cases import DATA
from tests.duty.test_pages_tasks import ABOUT, TEAM
from wangge.cases import queries as case_queries
from wangge.field import queries
from wangge.tasks import actions as task_actions
from wangge.tasks import queries as task_queries

pytestmark = pytest.mark.django_db
JSON = {"Accept": "application/json"}


def _task(district: District) -> Any:
    return next(t for t in task_queries.my_tasks(district.posts["grid_worker"]) if t.name == "王秀兰")


def _sent(task: Any, **more: Any) -> dict[str, Any]:
    return {
        "idempotency_key": str(uuid4()),
        "saved_at": (timezone.now() - timedelta(minutes=3)).isoformat(),
        "started_at": (timezone.now() - timedelta(minutes=20)).isoformat(),
        "form": "care_visit",
        "form_version": "2026.1",
        "unit_no": str(task.unit_no),
        "person_id": "",
        "saw_person": "yes",
        "saw_dwelling": "yes",
        "saw_state": "yes",
        "q_living": "alone",
        "q_wellbeing": "fair",
        "q_hazards": ["gas", "water"],
        "q_next_visit_days": "14",
        "observations": "厨房漏水",
        **more,
    }


def test_the_doors_stand_in_walking_order(district: District, language: str) -> None:
    client = district.client("grid_worker", language)
    html = sound(client.get("/field/"))
    order = [html.index(person[2]) for person in PEOPLE]
    mine = task_queries.my_tasks(district.posts["grid_worker"])
    walked = [html.index(task.address) for task in mine]
    assert walked == sorted(walked) and len(order) == 4
    if language == "en":
        assert no_chinese_left(html.partition("<main")[2], *DATA, *TEAM, *ABOUT) == ""


def test_a_task_shows_whom_where_why_and_is_seen(district: District, language: str) -> None:
    client = district.client("grid_worker", language)
    task = _task(district)
    html = sound(client.get(f"/field/tasks/{task.task_id}/"))
    assert "王秀兰" in html and 'href="tel:13812340001"' in html and "31 天未走访" in html
    assert task_queries.task_outline(district.posts["grid_worker"], task_id=task.task_id).state == "seen"
    form = sound(client.get(f"/field/tasks/{task.task_id}/visit/"))
    assert 'data-outbox="task:' in form and 'name="q_living"' in form and 'name="new_phone"' in form
    if language == "en":
        for page in (html, form):
            assert no_chinese_left(page.partition("<main")[2], *DATA, *TEAM, *ABOUT) == ""


def test_a_visit_sent_twice_counts_once_and_closes_the_task(district: District) -> None:
    client, task = district.client("grid_worker"), _task(district)
    address, sent = f"/field/tasks/{task.task_id}/visit/", None
    sent = _sent(task, new_phone="13900009999", old_phone=task.phone)
    first = client.post(address, sent, headers=JSON)
    again = client.post(address, sent, headers=JSON)
    assert (first.status_code, again.status_code) == (201, 201)
    assert first.json() == again.json()
    visit = queries.visit(district.posts["grid_worker"], visit_id=first.json()["receipt"])
    assert visit.outcome == "complete" and visit.observations == "厨房漏水"
    assert [(c.field, c.old, c.new) for c in visit.corrections] == [("phone", "13812340001", "13900009999")]
    assert task_queries.task_outline(district.posts["grid_worker"], task_id=task.task_id).state == "done"
    receipt = sound(client.get(f"/field/visits/{visit.visit_id}/"))
    assert "13900009999" in receipt and "燃气、漏水" in receipt


def test_a_matter_goes_out_with_the_visit_once(district: District) -> None:
    client, task = district.client("grid_worker"), _task(district)
    sent = _sent(task, matter_category="M0501", matter_title="厨房水管漏水", old_address=task.address)
    for _ in range(2):
        receipt = client.post(f"/field/tasks/{task.task_id}/visit/", sent, headers=JSON).json()["receipt"]
    desk = district.posts["dispatcher"]
    made = [r for r in case_queries.case_page(desk).rows if r.title == "厨房水管漏水"]
    assert len(made) == 1
    assert case_queries.case(desk, case_id=made[0].case_id).origin == f"visit:{receipt}"


def test_an_answer_the_form_refuses_stays_on_the_phone_with_the_reason(
    district: District, language: str
) -> None:
    client, task = district.client("grid_worker", language), _task(district)
    refused = client.post(f"/field/tasks/{task.task_id}/visit/", _sent(task, q_living="castle"), headers=JSON)
    assert refused.status_code == 422
    assert ("居住状况" if language == "zh-hans" else "Lives") in refused.json()["problem"]
    asked = sound(client.get("/field/?show=asked"))
    held = queries.held_visits(district.posts["grid_worker"])
    assert len(held) == 1 and str(held[0].quarantine_id) in asked
    done = client.post(f"/field/held/{held[0].quarantine_id}/discard/", {"reason": "重复"})
    assert done.status_code == 303 and not queries.held_visits(district.posts["grid_worker"])


def test_nobody_met_is_an_attempt(district: District) -> None:
    client, task = district.client("grid_worker"), _task(district)
    address = f"/field/tasks/{task.task_id}/nobody/"
    assert 'name="q_living"' not in sound(client.get(address))
    sent = {k: v for k, v in _sent(task).items() if not k.startswith(("q_", "saw_"))}
    assert client.post(address, {**sent, "saw_dwelling": "yes"}, headers=JSON).status_code == 201
    outline = task_queries.task_outline(district.posts["grid_worker"], task_id=task.task_id)
    assert (outline.state, outline.attempts) == ("attempted", 1)
    assert "上门未遇" in sound(client.get("/field/"))


def test_a_visit_for_a_task_given_to_another_is_kept_and_waits_for_the_new_one(
    district: District, access_for: Any
) -> None:
    client, task = district.client("grid_worker"), _task(district)
    other = access_for("grid_worker", "community_service", username="zhao-lei")
    lead = access_for("dispatcher", "community_service")
    task_actions.reassign(lead, task_ids=[task.task_id], actor=other.actor, reason="休假")
    assert client.get(f"/field/tasks/{task.task_id}/").status_code == 404
    answer = client.post(f"/field/tasks/{task.task_id}/visit/", _sent(task), headers=JSON)
    assert answer.status_code == 201
    district.posts["other"] = other
    theirs = district.client("other")
    assert "原责任人所做" in sound(theirs.get("/field/?show=asked"))
    visit = f"/field/visits/{answer.json()['receipt']}/"
    assert "确认采信" in sound(theirs.get(visit))
    assert theirs.post(f"{visit}review/", {"verdict": "adopt"}).status_code == 303
    assert "确认采信" not in sound(theirs.get(visit))


def test_without_script_the_form_leads_to_its_receipt(district: District) -> None:
    client, task = district.client("grid_worker"), _task(district)
    sent = _sent(task)
    sent["page_key"] = sent.pop("idempotency_key")
    done = client.post(f"/field/tasks/{task.task_id}/visit/", sent)
    assert done.status_code == 303 and done.headers["Location"].startswith("/field/visits/")
    assert "已收到" in text_of(sound(client.get(done.headers["Location"])))


def test_a_matter_is_reported_from_the_phone(district: District, language: str) -> None:
    client = district.client("grid_worker", language)
    html = sound(client.get("/field/report/"))
    assert 'data-outbox="report:new"' in html
    sent = {
        "idempotency_key": str(uuid4()),
        "category": "F0192",
        "title": "垃圾满溢",
        "unit_no": str(UNIT),
    }
    first = client.post("/field/report/", sent, headers=JSON)
    assert (
        first.status_code == 201 and client.post("/field/report/", sent, headers=JSON).json() == first.json()
    )
    wrong = {**sent, "idempotency_key": str(uuid4()), "category": "nothing"}
    assert client.post("/field/report/", wrong, headers=JSON).status_code == 422
    assert json.loads(first.content)["receipt"][0].isdigit()


def test_the_phone_is_the_workers_own(district: District) -> None:
    for role in ("handler", "auditor", "leader"):
        assert district.client(role).get("/field/").status_code == 403, role
    html = sound(district.client("grid_worker").get("/"))
    assert "我的走访" in html and "待走访" in text_of(html)
