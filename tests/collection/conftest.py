"""A small register to ask: dwellings, households and people set straight into its tables, quickly."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from wangge.access import actions as access_actions
from wangge.access.models import Organisation
from wangge.access.vault import vault
from wangge.collection.types import NewQuestion
from wangge.kernel.units import interval_of

COMMUNITY = "120110003005"
BASIS = "社会救助暂行办法 第十五条"

# Synthetic people: surnames and given names drawn from short lists, nobody real. Each dwelling of the grid gets a
# household; of every third person no phone is known, of every fifth no identity number.
_DWELLINGS = """
INSERT INTO registry_dwelling (id, key, estate, building, unit, room, unit_no)
SELECT gen_random_uuid(), 'estate|' || n, '金台园', ((n - 1) / 60 + 1)::text, ((n - 1) / 20 %% 3 + 1)::text,
       ((n - 1) %% 20 / 4 + 1) || '0' || ((n - 1) %% 4 + 1), %(unit)s + 1 + (n - 1) %% %(grids)s
FROM generate_series(1, %(doors)s) AS n
"""
_HOUSEHOLDS = """
INSERT INTO registry_household (id, key, dwelling_id, unit_no, members)
SELECT gen_random_uuid(), 'h|' || key, id, unit_no, 0 FROM registry_dwelling WHERE %(doors)s > 0
"""
_PEOPLE = """
INSERT INTO registry_person (id, unit_no, household_id, dwelling_id, name, given, pinyin, sound, initials, sex, birth_on,
  id_no_sealed, id_no_blind, phone_sealed, phone_blind, facts, provenance, records, as_of_on, retired)
SELECT gen_random_uuid(), h.unit_no, h.id, h.dwelling_id,
       substr('王李张刘陈杨赵黄', n %% 8 + 1, 1) || substr('伟芳娜敏静强磊洋艳勇', n %% 10 + 1, 1), '', '', '', '',
       CASE WHEN n %% 2 = 0 THEN 'male' ELSE 'female' END,
       CASE WHEN n %% 50 = 49 THEN NULL ELSE current_date - (n %% 90) * 366 - 20 END,
       CASE WHEN n %% 5 = 0 THEN NULL ELSE %(sealed)s::bytea END, NULL,
       CASE WHEN n %% 3 = 0 THEN NULL ELSE %(sealed)s::bytea END, NULL,
       CASE WHEN n %% 7 = 0 THEN '{"lives_alone": {"v": "true", "s": "civil_affairs", "d": "2026-03-01"}}'
            ELSE '{}' END::jsonb,
       '{"phone": ["grid_office", "g1", "2026-10-01", 1, 1, 0.9], "birth": ["public_security", "p1", "2020-01-01", 2, 1, 0.99],
         "name": ["public_security", "p1", "2020-01-01", 2, 1, 0.99]}'::jsonb,
       2, current_date, false
FROM (SELECT row_number() OVER (ORDER BY unit_no, id) AS at, * FROM registry_household) h
JOIN generate_series(0, %(people)s - 1) AS n ON n %% %(doors)s + 1 = h.at
"""


@pytest.fixture
def register(system_access: Callable[..., Any]) -> Callable[..., None]:
    """`register(doors=12, people=30, grids=3)` fills the register of the test community."""

    def fill(doors: int = 12, people: int = 30, grids: int = 3) -> None:
        values = {
            "unit": interval_of(COMMUNITY).lo, "grids": grids, "doors": doors, "people": people,
            "sealed": vault("registry").seal("13800000000"),
        }  # fmt: skip
        scope = interval_of("120110")
        with connection.cursor() as cursor:
            cursor.execute("SELECT set_config('wangge.lo', %s, true), set_config('wangge.hi', %s, true)",
                           [str(scope.lo), str(scope.hi)])  # fmt: skip
            for statement in (_DWELLINGS, _HOUSEHOLDS, _PEOPLE):
                cursor.execute(statement, values)
            cursor.execute("SELECT set_config('wangge.lo', '', true), set_config('wangge.hi', '', true)")

    return fill


@pytest.fixture
def civil(system_access: Callable[..., Any]) -> Any:
    """The department that asks."""
    id_ = access_actions.create_organisation(
        system_access("operations"),
        code="civil_affairs",
        name_zh="民政局",
        name_en="Civil affairs",
        kind="department",
    )
    return Organisation.objects.get(id=id_).id


@pytest.fixture
def steward(access_for: Callable[..., Any], civil: Any) -> Any:
    return access_for("data_steward", "registry_maintenance", organisation=civil)


@pytest.fixture
def worker(access_for: Callable[..., Any]) -> Any:
    return access_for("grid_worker", "community_service", scope=COMMUNITY, username="li")


@pytest.fixture
def questions() -> tuple[NewQuestion, ...]:
    """Name, phone, age, whether they live alone, and one that the register cannot know."""
    about = {"purpose": "核发高龄津贴", "basis": BASIS}
    return (
        NewQuestion("姓名", field="name", **about),
        NewQuestion("联系电话", field="phone", **about),
        NewQuestion("年龄", **about),
        NewQuestion("是否独居", **about),
        NewQuestion("是否需要助餐服务", choices=(("yes", "需要", "yes"), ("no", "不需要", "no")), **about),
    )


@pytest.fixture
def tomorrow() -> Any:
    return timezone.now() + timedelta(days=1)
