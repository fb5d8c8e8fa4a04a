"""What pages say of their own accord: through whom, why called off, and whom screening does not cover."""

from __future__ import annotations

from typing import Any

import pytest
from django.urls import reverse

from tests.console.district import District
from tests.console.places import client_of, sound, words
from tests.emergencies.conftest import declare, declared
from tests.flows.test_chains import SON, ZHAO, met, person, register
from wangge.flows.screening import screen_emergency
from wangge.flows.tracing import trace
from wangge.outbreaks import queries
from wangge.outbreaks.queries import emergency_summary
from wangge.tasks import queries as tasks
from wangge.watch.pages import outbreaks as page

pytestmark = pytest.mark.django_db
__all__ = ["declare", "declared", "met", "register"]


def test_a_contact_of_a_contact_says_through_whom(met, declared, system_access, language: str) -> None:
    trace(declared)
    all_of_them = queries.close_contacts(met).rows
    son = next(c for c in all_of_them if c.person_id == person(system_access, declared, SON))
    zhao = next(c for c in all_of_them if c.person_id == person(system_access, declared, ZHAO))
    html = sound(client_of(met, language).get(reverse("console:contact", args=[declared, son.id])))
    record = html.partition("data-record=")[2]
    assert reverse("console:contact", args=[declared, zhao.id]) in record
    said = words(record)
    assert ("经由" if language == "zh-hans" else "Through") in said
    assert "赵*" in said and "赵敏" not in said
    direct = sound(client_of(met, language).get(reverse("console:contact", args=[declared, zhao.id])))
    assert ("经由" if language == "zh-hans" else "Through") not in words(direct.partition("data-record=")[2])


def test_who_lives_outside_is_not_named(met, declared, system_access) -> None:
    trace(declared)
    son = next(
        c for c in queries.close_contacts(met).rows if c.person_id == person(system_access, declared, SON)
    )
    detail = queries.close_contact(met, contact_id=son.id)

    def nowhere(*_: Any, **__: Any) -> Any:
        raise page.NotFound(code="contact_unknown", zh="没有此接触者。", en="There is no such contact.")

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(page.queries, "close_contact", nowhere)
        (through,) = page._through(met, detail).values()
    assert (through.contact_id, through.name) == (None, "")


def test_the_worker_reads_why_a_task_was_called_off(district: District, language: str) -> None:
    task = tasks.my_tasks(district.posts["grid_worker"])[0]
    lead = district.client("dispatcher", purpose="community_service")
    assert lead.post(f"/tasks/{task.task_id}/cancel/", {"reason": "已入住养老院"}).status_code == 303
    worker = district.client("grid_worker", language)
    listed = sound(worker.get("/field/"))
    assert f"/field/tasks/{task.task_id}/" in listed.partition("<details")[2]
    said = words(sound(worker.get(f"/field/tasks/{task.task_id}/")))
    assert "已入住养老院" in said
    assert ("取消原因" if language == "zh-hans" else "Why it was called off") in said
    open_one = tasks.my_tasks(district.posts["grid_worker"])[0]
    assert "取消原因" not in words(sound(worker.get(f"/field/tasks/{open_one.task_id}/")))


def test_screening_says_whom_it_does_not_cover(met, declared, access_for, language: str) -> None:
    trace(declared)
    screen_emergency(declared)
    left = emergency_summary(met).unmatched
    assert left == 1, "the traveller whom the register does not know"
    html = sound(client_of(met, language).get(reverse("console:exposure_findings")))
    assert f"{reverse('console:contacts', args=[declared])}?found=no" in html
    said = words(html)
    if language == "zh-hans":
        assert "筛查未覆盖：不在任何名单上的人" in said and "1 名接触者未在底册中找到" in said
    else:
        assert "Not covered: who stands on no list" in said
    care = access_for("grid_worker", "care")
    said = words(sound(client_of(care, language).get(reverse("console:care_findings"))))
    assert ("未列入底册的人" if language == "zh-hans" else "who is not in the register") in said
