"""任务 and 责任 pages: lists by state and grid, a task's outline and whole, handing over, who answers for a place."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.console.district import PEOPLE, UNIT, District
from tests.console.places import searched
from tests.console.sound import no_chinese_left, sound, text_of
from tests.duty.test_pages_cases import DATA, PART
from wangge.kernel.ids import new_id
from wangge.tasks import queries

pytestmark = pytest.mark.django_db
TEAM = ("钱协管", "孙志愿", "邮政驿站", "王秀兰", "李建国", "张桂芬", "陈小满", "监督中心", "马主任", "周敏")
ABOUT = (*(p[2] for p in PEOPLE), *(r for p in PEOPLE for r in p[4]), "先锋里2号楼1单元101")


def _tasks(district: District) -> list[Any]:
    return list(queries.task_page(district.posts["leader"]).rows)


def _mine(district: District) -> Any:
    return next(t for t in _tasks(district) if t.actor)


def test_the_list_by_state_and_grid(district: District, language: str) -> None:
    client = district.client("dispatcher", language, purpose="community_service")
    html = sound(client.get("/tasks/"))
    assert html.count('data-select="task:') == 5
    if language == "en":
        assert no_chinese_left(html.partition("<main")[2], *DATA, *TEAM) == ""
    assert sound(client.get("/tasks/?state=unassigned")).count('data-select="task:') == 1
    assert sound(client.get(f"/tasks/?unit={UNIT}")).count('data-select="task:') == 4
    assert 'data-select="task:' not in sound(client.get("/tasks/?overdue=1"))
    assert client.get("/tasks/?unit=abc").status_code == 400


def test_whom_a_task_is_about_is_opened_only_for_who_may(district: District, language: str) -> None:
    address = f"/tasks/{_mine(district).task_id}/"
    whole = sound(district.client("dispatcher", language, purpose="community_service").get(address))
    assert "王秀兰" in whole and "13812340001" in whole
    outline = sound(district.client("leader", language).get(address))
    assert "王秀兰" not in outline and "13812340001" not in outline
    assert ("不能查看任务对象" if language == "zh-hans" else "not opened by your post") in outline
    if language == "en":
        part = district.client("dispatcher", "en", purpose="community_service").get(address, headers=PART)
        assert no_chinese_left(part.content.decode(), *DATA, *TEAM, *ABOUT) == ""


def test_a_task_is_handed_over_with_the_reason(district: District, access_for: Any) -> None:
    other = access_for("grid_worker", "community_service", username="zhao-lei")
    task = _mine(district)
    client = district.client("dispatcher", purpose="community_service")
    address = f"/tasks/{task.task_id}/"
    assert "zhao-lei" in sound(client.get(f"{address}?act=reassign"))
    missing = client.post(f"{address}reassign/", {"actor": other.actor, "reason": ""})
    assert "error-summary" in sound(missing, 400)
    done = client.post(f"{address}reassign/", {"actor": other.actor, "reason": "原责任人休假"}, headers=PART)
    html = done.content.decode()
    assert done.status_code == 200 and "原责任人休假" in html and 'hx-swap-oob="true"' in html
    assert queries.task_outline(district.posts["leader"], task_id=task.task_id).actor == other.actor
    stranger = client.post(f"{address}reassign/", {"actor": str(new_id()), "reason": "x"})
    assert stranger.status_code == 400
    assert district.client("leader").post(f"{address}reassign/", {}).status_code == 403


def test_a_task_is_called_off(district: District) -> None:
    task = _mine(district)
    client = district.client("dispatcher", purpose="community_service")
    address = f"/tasks/{task.task_id}/"
    assert "取消任务" in sound(client.get(f"{address}?act=cancel"))
    assert client.post(f"{address}cancel/", {"reason": "已入住养老院"}).status_code == 303
    assert queries.task_outline(district.posts["leader"], task_id=task.task_id).state == "cancelled"
    assert client.post(f"{address}cancel/", {"reason": "again"}).status_code == 404


def test_the_map_says_the_load_and_opens_the_grid(district: District) -> None:
    client = district.client("dispatcher", purpose="community_service")
    features = json.loads(client.get("/tasks/areas.geojson").content)["features"]
    grid = next(f["properties"] for f in features if f["properties"]["id"] == f"grid:{UNIT}")
    assert "待办 4 项" in grid["note"] and grid["href"] == f"/tasks/grid/{UNIT}/"
    card = sound(client.get(grid["href"]))
    assert "刘洋" in card and "13900001111" in card and "邮政驿站" in card and "空缺" in card


@pytest.mark.parametrize("asked", ["华亭里1号楼", str(UNIT)])
def test_anyone_finds_who_answers_for_a_place(district: District, language: str, asked: str) -> None:
    for role in ("handler", "dispatcher", "grid_worker", "auditor"):
        client = district.client(role, language)
        html = sound(searched(client, "/responsible/", asked))
        assert f'data-record="grid:{UNIT}"' in html and "刘洋" in html, role
        if language == "en":
            assert no_chinese_left(html.partition("<main")[2], *DATA, *TEAM, asked) == ""
    found = text_of(
        client.post(
            "/search/", {"q": asked}, headers={"HX-Request": "true", "HX-Target": "answers"}
        ).content.decode()
    )
    assert "刘洋" in found


def test_a_place_that_leads_nowhere_says_so(district: District) -> None:
    client = district.client("dispatcher")
    assert "没有对应的网格" in sound(searched(client, "/responsible/", "火星大街"))
    assert "没有对应的网格" in sound(searched(client, "/responsible/", "310110001005001"))
    assert client.get("/responsible/abc/").status_code == 400
    empty = sound(client.get(f"/responsible/{UNIT + 1}/"))
    assert "尚无责任人" in empty


def test_the_first_page_shows_tasks_nobody_has(district: District) -> None:
    html = text_of(sound(district.client("dispatcher", purpose="community_service").get("/")))
    assert "分派" in html and "此处无责任人" in html and "待办任务" in html
