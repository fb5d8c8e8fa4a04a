"""An emergency, somebody of the register who may ask for a credential, and a folder for what is published."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

import pytest
from django.db import connection

from tests.console.conftest import compiled_messages, language
from tests.emergencies.conftest import declare, declared, investigator
from tests.screening.conftest import HOME, table
from wangge.registry.models import Person
from wangge.screening import actions as screening

__all__ = ["compiled_messages", "declare", "declared", "investigator", "language", "table"]


def see_all(emergency: UUID | str = "") -> None:
    """Open the second net, so that the test itself may look at rows."""
    with connection.cursor() as cursor:
        for name, value in (("lo", "0"), ("hi", "999999999999999"), ("emergency", str(emergency))):
            cursor.execute("SELECT set_config(%s, %s, true)", [f"wangge.{name}", value])


@pytest.fixture(autouse=True)
def published(settings: Any, tmp_path: Any) -> Any:
    settings.WANGGE_PUBLISHED = tmp_path
    return tmp_path / "credentials"


@pytest.fixture
def wang(db: None) -> UUID:
    """王建国, born on the 12th of March."""
    see_all()
    return Person.objects.create(
        unit_no=HOME, name="王建国", given="建国", initials="wjg", birth_on=date(1985, 3, 12)
    ).id


@pytest.fixture
def grade(investigator: Any, table: Any) -> Any:
    """`grade({person: facts})`: everybody under the emergency is graded anew."""

    def run(people: dict[UUID, dict[str, Any]]) -> None:
        screening.screen_exposure(investigator, table=table(people), packs=["exposure"], complete=True)

    return run
