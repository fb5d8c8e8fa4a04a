"""事件 pages: list and filters, a matter's whole loop by its buttons, reporting one, refusals, the map's points."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from tests.console.district import MATTERS, UNIT, District
from tests.console.places import searched
from tests.console.sound import no_chinese_left, sound, text_of
from wangge.cases import queries
from wangge.kernel.ids import new_id

pytestmark = pytest.mark.django_db
PART = {"HX-Request": "true", "HX-Target": "record"}
DATA = (
    *(title for _code, title, _place in MATTERS),
    *(place for _code, _title, place in MATTERS),
    "天津市东丽区", "张贵庄街道", "华亭里社区", "先锋里社区", "自来水公司", "监督中心", "指挥中心", "刘洋", "王先生",
    "居民反映，请尽快处理。", "止水修复", "中", "刘", "王", *(f"第{n}网格" for n in "一二三四五六七八九"),
)  # fmt: skip


def _case(district: District, at: int = 0) -> str:
    return f"/cases/{district.cases[at].case_id}/"


def test_the_list_shows_matters_with_place_and_state(district: District, language: str) -> None:
    html = sound(district.client("dispatcher", language).get("/cases/"))
    for _code, title, _place in MATTERS:
        assert title in html
    assert ("已上报" if language == "zh-hans" else "Reported") in html
    if language == "en":
        assert no_chinese_left(html.partition("<main")[2], *DATA) == ""


def test_filters_are_chips_in_the_address(district: District) -> None:
    client = district.client("dispatcher")
    closed = text_of(sound(client.get("/cases/?state=closed")))
    assert "没有符合条件的事件" in closed
    html = sound(client.get("/cases/?state=reported&category=F0137"))
    assert MATTERS[1][1] in html and MATTERS[0][1] not in html
    assert 'href="/cases/?' in html or 'href="?' in html
    number = district.cases[2].number
    assert MATTERS[2][1] in sound(client.get(f"/cases/?number={number}"))


def test_a_record_stands_in_the_whole_page_and_as_a_part(district: District, language: str) -> None:
    client = district.client("dispatcher", language)
    whole = sound(client.get(_case(district)))
    part = client.get(_case(district), headers=PART).content.decode()
    assert f'data-record="case:{district.cases[0].case_id}"' in whole
    assert "<html" not in part and MATTERS[0][1] in part
    assert "13800138000" in part and "刘洋" in part
    if language == "en":
        assert no_chinese_left(part, *DATA) == ""


def _step(client: Any, address: str, verb: str, **given: Any) -> Any:
    return client.post(f"{address}{verb}/", given)


def test_the_whole_loop_by_its_buttons(district: District) -> None:
    address = _case(district)
    desk, water, eye = (district.client(r) for r in ("dispatcher", "handler", "supervisor"))
    assert "受理立案" in desk.get(address).content.decode()
    assert _step(desk, address, "accept").status_code == 303
    form = sound(desk.get(f"{address}?act=dispatch"))
    assert "自来水公司" in form and 'type="datetime-local"' in form
    assert _step(desk, address, "dispatch", organisation=str(district.water), note="").status_code == 303
    assert "处置反馈" in water.get(address).content.decode()
    assert _step(water, address, "resolve", note="已更换水管").status_code == 303
    assert _step(eye, address, "rework", note="还在渗水").status_code == 303
    assert _step(water, address, "resolve", note="已重新接管").status_code == 303
    assert _step(eye, address, "verify").status_code == 303
    assert _step(eye, address, "close").status_code == 303
    assert _step(eye, address, "evaluate", score="5", note="").status_code == 303
    seen = queries.case(district.posts["supervisor"], case_id=district.cases[0].case_id)
    assert seen.state == "evaluated" and [s.verb for s in seen.steps][-3:] == ["verify", "close", "evaluate"]
    html = sound(eye.get(address))
    assert "已重新接管" in html and "5/5" in html


def test_a_step_without_its_reason_is_asked_again_where_it_was(district: District, language: str) -> None:
    address = _case(district)
    client = district.client("dispatcher", language)
    response = client.post(f"{address}cancel/", {"note": ""})
    html = sound(response, 400)
    target = re.search(r'error-summary.*?<a href="#(\w+)">', html, re.DOTALL)
    assert target and f'id="{target[1]}"' in html
    late = client.post(f"{address}accept/") and client.post(
        f"{address}dispatch/", {"organisation": str(district.water), "deadline_at": "2020-01-01T08:00"}
    )
    assert ("已过" if language == "zh-hans" else "in the past") in sound(late, 400)


def test_a_step_by_htmx_gives_record_row_and_word(district: District) -> None:
    address = _case(district)
    response = district.client("dispatcher").post(f"{address}accept/", headers=PART)
    html = response.content.decode()
    assert 'hx-swap-oob="true"' in html and "已立案" in html and "<html" not in html
    told = json.loads(response.headers["HX-Trigger"])
    assert set(told) == {"wangge:notice", "wangge:map"}


def test_a_step_that_is_not_open_is_a_conflict_and_others_see_nothing(district: District) -> None:
    address = _case(district)
    assert district.client("dispatcher").post(f"{address}close/").status_code == 409
    assert district.client("handler").get(address).status_code == 404, "not dispatched to this department"
    assert district.client("dispatcher").get(f"/cases/{new_id()}/").status_code == 404
    masked = sound(district.client("auditor").get(address))
    assert "13800138000" not in masked and "138****8000" in masked


def test_a_matter_is_reported_by_address_or_by_grid(district: District) -> None:
    client = district.client("dispatcher")
    html = sound(client.get("/cases/new/"))
    key = re.search(r'name="client_id" value="([^"]+)"', html)
    assert key
    given = {
        "client_id": key[1],
        "category_code": "M0501",
        "title": "楼道漏水",
        "place": "先锋里2号楼",
        "source_kind": "hotline",
    }
    done = client.post("/cases/new/", given)
    assert done.status_code == 303, text_of(done.content.decode())[:600]
    again = client.post("/cases/new/", given)
    assert again.headers["Location"] == done.headers["Location"], "sent twice, it is one matter"
    case_id = done.headers["Location"].split("/")[-2]
    seen = queries.case(district.posts["dispatcher"], case_id=case_id)
    assert seen.unit_no // 1000 == 120110001006 and seen.lon is not None
    nowhere = client.post("/cases/new/", {**given, "client_id": str(new_id()), "place": "不存在的地方"})
    assert "请在地图上选择网格" in sound(nowhere, 400)
    picked = {**given, "client_id": str(new_id()), "place": "", "grid": str(UNIT + 2)}
    assert client.post("/cases/new/", picked).status_code == 303
    outside = {**picked, "client_id": str(new_id()), "grid": "310110001005001"}
    assert "不在您的辖区内" in sound(client.post("/cases/new/", outside), 400)


def test_an_address_says_where_it_leads(district: District) -> None:
    client = district.client("dispatcher")
    part = {"HX-Request": "true", "HX-Target": "where"}
    assert (
        "华亭里社区 · 第三网格"
        in client.get("/cases/where/?place=华亭里3号楼", headers=part).content.decode()
    )
    assert "没有对应" in client.get("/cases/where/?place=不存在的地方", headers=part).content.decode()


def test_the_map_gets_the_ground_and_only_open_matters_of_the_filters(district: District) -> None:
    client = district.client("dispatcher")
    ground = json.loads(client.get("/ground/areas.geojson").content)
    grids = [f["properties"] for f in ground["features"] if f["properties"]["level"] == "grid"]
    assert len(grids) == 12 and all(g["id"] == f"grid:{g['code']}" for g in grids)
    assert {f["properties"]["level"] for f in ground["features"]} >= {"street", "community"}
    points = json.loads(client.get("/cases/points.geojson").content)["features"]
    assert len(points) == 4
    assert points[0]["properties"]["href"].startswith("/cases/")
    some = json.loads(client.get("/cases/points.geojson?category=F0137").content)["features"]
    assert [p["properties"]["title"] for p in some] == ["路灯"]
    assert json.loads(district.client("handler").get("/cases/points.geojson").content)["features"] == []


def test_the_first_page_says_what_waits_and_where(district: District) -> None:
    for role, word in (("dispatcher", "受理"), ("leader", "事件：")):
        html = text_of(sound(district.client(role).get("/")))
        assert word in html, role
    html = sound(searched(district.client("dispatcher"), "/search/", district.cases[0].number))
    assert _case(district) in html
