"""The village of the demo: the hotline's calls added to the other departments' tables give what linking anew gives."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.db import connection, transaction

from demo.district import generate
from wangge.access import actions as access_actions
from wangge.flows import linkage
from wangge.sources import actions

EVERYWHERE = "SELECT set_config('wangge.lo', '0', true), set_config('wangge.hi', '999999999999999', true)"
RECORDS = "SELECT source, record_id, person_id FROM registry_sourcerecord"
PERSONS = """
SELECT id, name, birth_on, sex, phone_blind, id_no_blind, dwelling_id, records FROM registry_person WHERE NOT retired
"""
WRONG_HOMES = """
SELECT h.key FROM registry_household h JOIN registry_person p ON p.household_id = h.id AND NOT p.retired
GROUP BY h.key, h.members HAVING h.members <> count(*)
"""


def standing(query: str) -> set[tuple[Any, ...]]:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(EVERYWHERE)
        cursor.execute(query)
        return {tuple(bytes(v) if isinstance(v, memoryview) else v for v in row) for row in cursor.fetchall()}


@pytest.mark.long
@pytest.mark.django_db
def test_a_batch_added_gives_what_linking_anew_gives(
    system_access: Any, tmp_path: Path, settings: Any
) -> None:
    settings.WANGGE_VAULT = tmp_path / "vault"
    made = generate("village", 1, tmp_path / "demo")
    office = access_actions.create_organisation(
        system_access("operations"), code="centre", name_zh="网格中心", name_en="Centre", kind="centre"
    )
    access = system_access("registry_maintenance")

    def bring(path: str, code: str) -> None:
        resource = actions.register_source(
            access, code=code, name_zh=code, name_en=code, organisation=office, schema="person", division="120110"
        )  # fmt: skip
        with (made.out / path).open("rb") as stream:
            batch = actions.receive_file(
                access, resource=resource, filename=Path(path).name, stream=stream, as_of=made.as_of
            )
        actions.confirm_mapping(access, batch=batch.id)
        actions.admit(access, batch=batch.id, despite="示范")

    files = {f.department: f.path for f in made.of_kind("person")}
    for department, path in files.items():
        if department != "hotline":
            bring(path, department)
    whole = linkage.relink("120110", tmp_path / "whole")
    bring(files["hotline"], "hotline")
    added = linkage.relink("120110", tmp_path / "added")
    assert added.added and added.rows > whole.rows
    assert 0 < added.report.changed < whole.report.changed / 10
    records, persons = standing(RECORDS), standing(PERSONS)
    assert len(persons) == added.report.persons and not standing(WRONG_HOMES)
    anew = linkage.relink("120110", tmp_path / "anew", anew=True)
    assert not anew.added and anew.report.changed < whole.report.changed / 10
    assert (standing(RECORDS), standing(PERSONS)) == (records, persons)
