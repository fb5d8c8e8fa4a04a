"""A house with a department, its steward and one registered table."""

import pytest

from wangge.access import actions as access_actions
from wangge.sources import actions


@pytest.fixture
def house(access_for, system_access, tmp_path, settings):
    """A steward of the housing office, with one registered table of people."""
    settings.WANGGE_VAULT = tmp_path / "vault"
    office = access_actions.create_organisation(
        system_access("operations"), code="housing", name_zh="住建", name_en="Housing", kind="department"
    )
    steward = access_for("data_steward", "registry_maintenance", organisation=office)
    resource = actions.register_source(
        steward,
        code="housing.people",
        name_zh="房屋居住登记",
        name_en="Dwellers",
        organisation=office,
        schema="person",
        division="120110",
    )
    return steward, resource
