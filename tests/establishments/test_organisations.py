"""One organisation from business, tax and property lists: linked, taken in once, merged when a code turns up."""

from __future__ import annotations

from datetime import date
from uuid import uuid4

import polars as pl
import pytest

from wangge.establishments import actions, queries
from wangge.establishments.analysis import link_organisations
from wangge.kernel.problems import NotFound

pytestmark = pytest.mark.django_db
NOWHERE = 120110000000000
CODE = "91120110MA05A1B25U"
BATCH = uuid4()


def listed(*rows: dict[str, object]) -> pl.DataFrame:
    columns = ("record_id", "name", "credit_code", "address", "legal_person", "phone", "kind")
    return pl.DataFrame(
        [{c: row.get(c) for c in columns} | {"unit_no": None, "row_no": at} for at, row in enumerate(rows)],
        schema_overrides=dict.fromkeys(columns, pl.String),
    )


BUSINESS = listed(
    {"record_id": "s1", "name": "天津华鑫盛商贸有限公司", "credit_code": CODE, "phone": "022-24301234", "kind": "有限责任公司"},
    {"record_id": "s2", "name": "天津市东丽区老王面馆", "address": "津塘路12号", "legal_person": "王立"},
)  # fmt: skip
PROPERTY = listed(
    {
        "record_id": "p1",
        "name": "华鑫盛商贸",
        "phone": "24301234",
        "address": "程林路8号",
        "legal_person": "周海涛",
    },
    {"record_id": "p1", "name": "众信房产中介", "phone": "13900001111"},
)
TAX = listed(
    {
        "record_id": "t1",
        "name": "老王面馆",
        "credit_code": "92120110MA06C2D30Y",
        "address": "津塘路12号",
        "legal_person": "王立",
    }
)


def told(*lists: tuple[str, pl.DataFrame]):
    return ((source, BATCH, date(2026, 1, 1), frame) for source, frame in lists)


@pytest.fixture
def steward_sees(system_access):
    """Take lists in, and give what then stands."""

    def take(work, *lists):
        access = system_access("registry_maintenance")
        rows = link_organisations(told(*lists), work)
        made = actions.import_organisations(access, rows=rows, unlocated=NOWHERE)
        return made, rows

    return take


def test_one_row_for_an_organisation_in_two_lists(steward_sees, tmp_path) -> None:
    made, rows = steward_sees(tmp_path / "work", ("market_supervision", BUSINESS), ("property", PROPERTY))
    assert made == 3
    found = {row.key: row for row in rows}
    assert set(found) == {CODE, "market_supervision/s2", "property/p1#2"}
    assert "property/p1" in found[CODE].other_keys


def test_every_field_of_an_organisation_says_who_told_it(steward_sees, access_for, tmp_path) -> None:
    steward_sees(tmp_path / "work", ("property", PROPERTY), ("market_supervision", BUSINESS), ("tax", TAX))
    steward = access_for("data_steward", "registry_maintenance")
    (firm,) = queries.search_entities(steward, text=CODE.lower()).rows
    assert (firm.records, firm.sources, firm.code_valid) == (2, 2, True)
    seen = queries.entity(steward, entity_id=firm.entity_id)
    assert (seen.name, seen.legal_person, seen.phone) == ("天津华鑫盛商贸有限公司", "周海涛", "022-24301234")
    fields = {f.field: f for f in seen.fields}
    assert [(t.source, t.value, t.chosen) for t in fields["name"].told] == [
        ("market_supervision", "天津华鑫盛商贸有限公司", True),
        ("property", "华鑫盛商贸", False),
    ]
    assert (fields["name"].why, fields["name"].different) == ("valid_code", 2)
    assert (fields["address"].why, fields["address"].told[0].source) == ("only_source", "property")
    counts = queries.entity_counts(steward)
    assert (counts.entities, counts.several, counts.uncoded) == (3, 2, 1)
    assert len(queries.search_entities(steward, kind="uncoded").rows) == 1
    masked = access_for("dispatcher", "case_handling")
    assert queries.entity(masked, entity_id=firm.entity_id).legal_person == "周**"
    with pytest.raises(NotFound):
        queries.entity(
            access_for("data_steward", "registry_maintenance", scope="330110"), entity_id=firm.entity_id
        )


def test_a_code_that_turns_up_later_takes_the_row_over(steward_sees, system_access, tmp_path) -> None:
    steward_sees(tmp_path / "one", ("market_supervision", BUSINESS))
    made, rows = steward_sees(tmp_path / "two", ("market_supervision", BUSINESS), ("tax", TAX))
    assert made == 2
    assert {row.key for row in rows} == {CODE, "92120110MA06C2D30Y"}
    assert queries.entity_counts(system_access("registry_maintenance")).entities == 2, "the row under s2 went"


def test_no_list_is_no_organisation(steward_sees, tmp_path) -> None:
    assert steward_sees(tmp_path / "work")[0] == 0
