"""A department with a table that sends files, measured by the flow."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from tests.console.places import table
from wangge.access import actions as access_actions
from wangge.sources import actions

GOOD = ["R1", "王建国", "男", "1985-03-12", "110101198503120017", "13812345678", "嘉春园12-3-502"]
TWICE = ["R2", "王建国", "男", "1985-03-12", "110101198503120017", "", "嘉春园12-3-502"]
BLANK = ["R3", "李娜", "", "", "", "13912345678", ""]
IMPOSSIBLE = ["R9", "赵敏", "女", "1985-02-30", "", "", ""]
TOTAL = ["合计", "4", "", "", "", "", ""]


@pytest.fixture
def steward(access_for, system_access, tmp_path, settings):
    settings.WANGGE_VAULT = tmp_path / "vault"
    office = access_actions.create_organisation(
        system_access("operations"), code="housing", name_zh="住建委", name_en="Housing", kind="department"
    )
    return access_for("data_steward", "registry_maintenance", organisation=office)


@pytest.fixture
def resource(steward):
    return actions.register_source(
        steward, code="housing", name_zh="房屋居住登记", name_en="Dwellers", organisation=steward.organisation,
        schema="person", division="120110", cycle_days=7,
    )  # fmt: skip


@pytest.fixture
def send(steward, resource):
    """Bring a file in and accept it; gives the batch."""

    def bring(*rows: list[str], as_of: date = date(2026, 11, 1)) -> Any:
        batch = actions.receive_file(
            steward, resource=resource, filename="名册.csv", stream=table(*rows), as_of=as_of
        )
        actions.confirm_mapping(steward, batch=batch.id)
        return actions.admit(steward, batch=batch.id)

    return bring
