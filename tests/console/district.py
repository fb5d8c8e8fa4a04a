"""A small district for the pages, made through the doors: ground, staff, a team, matters and tasks."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.test import Client
from django.utils import timezone

from tests.engine.gridfiles import COMMUNITY, OTHER, grid_file
from tests.engine.tilings import LAT, LON, STEP_LAT, STEP_LON, lattice
from tests.territory.ground import DIVISIONS
from wangge.access.models import Organisation, User
from wangge.cases import actions as cases
from wangge.kernel.ids import new_id
from wangge.tasks import actions as tasks
from wangge.tasks.types import Appointment, NewTask, Subject
from wangge.territory import actions as territory
from wangge.territory.types import BuildingRow
from wangge_engine.topology.checking import Cell

UNIT = int(COMMUNITY + "001")
NAMES = {
    "dispatcher": ("周敏", "Zhou Min"),
    "grid_worker": ("刘洋", "Liu Yang"),
    "handler": ("赵工", "Zhao"),
    "supervisor": ("孙立", "Sun Li"),
    "leader": ("马主任", "Director Ma"),
    "auditor": ("何审", "He Shen"),
}
MATTERS = (
    ("M0501", "3 号楼门前水管爆裂，水漫到小路上", "华亭里3号楼"),
    ("F0137", "小区北门两盏路灯不亮", "华亭里1号楼"),
    ("F0192", "垃圾桶满溢，两天未清运", "先锋里2号楼"),
    ("F0402", "行道树倒伏，压住非机动车道", "华亭里2号楼"),
)
PEOPLE = (
    ("王秀兰", "13812340001", "华亭里3号楼2单元201", "red", ("独居，80 岁以上", "31 天未走访")),
    ("李建国", "13812340002", "华亭里3号楼2单元402", "yellow", ("独居，75 岁",)),
    ("张桂芬", "13812340003", "华亭里2号楼1单元101", "", ("残疾，家人外出务工",)),
    ("陈小满", "", "华亭里1号楼3单元302", "blue", ("独自在家的儿童",)),
)


@dataclass
class District:
    """The accesses by role, and what was made."""

    posts: dict[str, Any]
    cases: list[Any]
    water: Any

    def client(self, role: str, language: str = "zh-hans", purpose: str = "") -> Client:
        """A browser signed in as the one who holds the role."""
        client = Client()
        client.force_login(User.objects.get(id=self.posts[role].actor))
        client.cookies["django_language"] = language
        if purpose:
            client.post("/standing/", {"purpose": purpose})
        return client


def _draw(access_for: Callable[..., Any]) -> None:
    steward = access_for("data_steward", purpose="territory_management")
    territory.import_divisions(steward, rows=DIVISIONS, valid_from=date(2023, 6, 30), source="test")
    shapes = lattice(4, 3, 5)
    cells, counts = [], {COMMUNITY: 0, OTHER: 0}
    for (i, _j), shape in shapes.items():
        community = COMMUNITY if i < 2 else OTHER
        counts[community] += 1
        cells.append(
            Cell(
                f"{community}{counts[community]:03d}", community=community, geometry=shape, row=len(cells) + 1
            )
        )
    name, body = grid_file(cells)
    report = territory.import_grids(steward, file_name=name, body=body, valid_from=date(2026, 1, 1))
    assert report.state == "imported", report.defects
    rows = []
    for number in (1, 2, 3):
        for estate, at in (("华亭里", 0.5), ("先锋里", 2.5)):
            rows.append(
                BuildingRow(
                    f"b:{estate}{number}",
                    estate=estate,
                    building_no=str(number),
                    address=f"{estate}{number}号楼",
                    lon=LON + at * STEP_LON,
                    lat=LAT + (number - 0.5) * STEP_LAT,
                )
            )
    territory.import_buildings(steward, rows=rows, division="120110")


def make(access_for: Callable[..., Any]) -> District:
    """The district; dispatchers work on cases unless they change their purpose."""
    _draw(access_for)
    purposes = {"grid_worker": "community_service", "leader": "community_service", "auditor": "audit"}
    organisations = {"handler": "自来水公司", "supervisor": "监督中心", "dispatcher": "指挥中心"}
    posts = {}
    for role, (zh, en) in NAMES.items():
        posts[role] = access_for(
            role,
            purposes.get(role, "case_handling"),
            organisation=organisations.get(role),
            username=f"{role}-1",
        )
        User.objects.filter(id=posts[role].actor).update(display_zh=zh, display_en=en)
    water = Organisation.objects.get(code="自来水公司")
    Organisation.objects.filter(id=water.id).update(name_en="Water company")
    lead = access_for("dispatcher", "community_service", username="dispatcher-2")
    worker = posts["grid_worker"]
    tasks.appoint(
        lead,
        appointments=[
            Appointment(UNIT, "manager", "刘洋", actor=worker.actor, phone="13900001111"),
            Appointment(UNIT, "assistant", "钱协管", phone="13700000000"),
            Appointment(UNIT, "volunteer", "孙志愿", station="邮政驿站"),
        ],
    )
    made = [
        cases.report(
            worker,
            category_code=code,
            unit_no=UNIT + at,
            title=title,
            description="居民反映，请尽快处理。",
            place=place,
            lon=LON + 0.4 * STEP_LON + at * 0.0006,
            lat=LAT + (at + 0.5) * STEP_LAT * 0.7,
            reporter_name="王先生",
            reporter_phone="13800138000",
            client_id=new_id(),
        )
        for at, (code, title, place) in enumerate(MATTERS)
    ]
    now = timezone.now()
    tasks.create_tasks(
        lead,
        tasks=[
            NewTask(
                "care_visit",
                UNIT,
                f"finding:{n}",
                Subject(name=name, phone=phone, address=address, reasons=reasons),
                grade=grade,
                deadline_at=now + timedelta(hours=3 + 20 * n),
            )
            for n, (name, phone, address, grade, reasons) in enumerate(PEOPLE)
        ]
        + [
            NewTask("verification_visit", UNIT + 1, "finding:x", Subject(address="先锋里2号楼1单元101")),
        ],
    )
    return District(posts, made, water.id)
