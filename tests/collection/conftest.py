"""Who asks, who knocks, and what is asked."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from tests.collection.register import BASIS, COMMUNITY, fill
from wangge.access import actions as access_actions
from wangge.access.models import Organisation
from wangge.collection.types import NewQuestion


@pytest.fixture
def register(db: None) -> Callable[..., None]:
    """`register(doors=12, people=30, grids=3)` fills the register of the test community."""
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
