"""A register of few people, linked from what departments told."""

from __future__ import annotations

import pytest

from tests.registry.telling import NOWHERE, TOLD, relinked
from wangge.territory.actions import import_buildings
from wangge.territory.types import BuildingRow


@pytest.fixture
def told(system_access, tmp_path):
    """The registry with the six records of TOLD; gives the import report."""
    import_buildings(
        system_access("territory_management"),
        division="120110",
        rows=[BuildingRow(record_ref="b12", estate="嘉春园", building_no="12", community="120110003005")],
    )
    return relinked(system_access("registry_maintenance"), tmp_path / "first", TOLD)


@pytest.fixture
def steward(access_for):
    return access_for("data_steward", "registry_maintenance")


__all__ = ["NOWHERE", "steward", "told"]
