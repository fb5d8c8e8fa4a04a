"""Division codes: versions by day, real lists, and what is refused."""

from __future__ import annotations

import csv
from datetime import date

import pytest
from django.db import IntegrityError, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.engine.gridfiles import COMMUNITY, DISTRICT, STREET
from wangge.kernel.problems import BadInput, Conflict, NotFound, Refused
from wangge.kernel.units import Interval
from wangge.territory import actions, queries
from wangge.territory.models import Division
from wangge.territory.states import Level
from wangge.territory.types import DivisionImport, DivisionRow


def take(access, *rows, day=date(2025, 1, 1), under=None):
    return actions.import_divisions(
        access, rows=[DivisionRow(*row) for row in rows], valid_from=day, source="test", complete_under=under
    )


def test_the_same_list_again_changes_nothing(steward):
    again = take(steward, ("120110", "天津市东丽区"), ("120110001", "张贵庄街道"))
    assert again == DivisionImport(added=0, renamed=0, ended=0, unchanged=2)


def test_a_renamed_code_keeps_both_names_with_their_days(steward):
    assert take(steward, (COMMUNITY, "华亭新里社区居委会")).renamed == 1
    before = queries.division(steward, code=COMMUNITY, on=date(2024, 12, 31))
    after = queries.division(steward, code=COMMUNITY, on=date(2025, 1, 1))
    assert (before.name, before.valid_to) == ("华亭里社区居委会", date(2025, 1, 1))
    assert (after.name, after.valid_to) == ("华亭新里社区居委会", None)
    assert after.level is Level.COMMUNITY
    assert after.scope == Interval(120110001005000, 120110001005999)


def test_what_a_complete_list_leaves_out_ends(steward):
    assert take(steward, (COMMUNITY, "华亭里社区居委会"), under=STREET).ended == 1
    assert [one.code for one in queries.divisions(steward, parent=STREET, on=date(2025, 1, 1))] == [COMMUNITY]
    assert len(queries.divisions(steward, parent=STREET, on=date(2024, 1, 1))) == 2


def test_history_is_not_rewritten(steward):
    take(steward, (COMMUNITY, "华亭新里社区居委会"))
    with pytest.raises(Conflict, match="later_version_stands"):
        take(steward, (COMMUNITY, "旧名社区"), day=date(2024, 1, 1))
    assert queries.division(steward, code=COMMUNITY, on=date(2024, 6, 1)).name == "华亭里社区居委会"


@pytest.mark.parametrize(
    ("row", "code"),
    [
        (("12011000100", "x"), "code_length"),
        (("1201X0", "x"), "code_not_digits"),
        (("120110099001", "x"), "division_parent_unknown"),
        ((COMMUNITY, " "), "division_name_missing"),
    ],
)
def test_a_bad_row_refuses_the_list_and_names_its_place(steward, row, code):
    with pytest.raises(BadInput) as caught:
        take(steward, ("120110002", "丰年村街道"), row)
    assert caught.value.code == code
    assert caught.value.place
    with pytest.raises(NotFound):
        queries.division(steward, code="120110002")


def test_one_code_with_two_names_is_refused(steward):
    with pytest.raises(BadInput, match="division_code_twice"):
        take(steward, (COMMUNITY, "甲社区"), (COMMUNITY, "乙社区"))


def test_a_division_ends_after_those_below_it(steward):
    with pytest.raises(Conflict, match="division_has_children"):
        actions.end_division(steward, code=STREET, last_day=date(2025, 12, 31))
    actions.end_division(steward, code=COMMUNITY, last_day=date(2025, 12, 31))
    assert queries.division(steward, code=COMMUNITY, on=date(2025, 12, 31)).valid_to == date(2026, 1, 1)
    with pytest.raises(NotFound):
        queries.division(steward, code=COMMUNITY, on=date(2026, 1, 1))
    with pytest.raises(BadInput, match="division_unknown"):
        actions.end_division(steward, code=COMMUNITY, last_day=date(2026, 6, 1))


def test_only_stewards_and_administrators_redraw_but_everyone_reads(steward, access_for):
    worker = access_for("grid_worker", purpose="community_service", scope="120110001005001")
    assert queries.division(worker, code=DISTRICT).name == "天津市东丽区"
    with pytest.raises(Refused):
        take(worker, (COMMUNITY, "x"))
    elsewhere = access_for("data_steward", purpose="registry_maintenance")
    with pytest.raises(Refused):
        take(elsewhere, (COMMUNITY, "x"))


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(st.integers(0, 30), st.sampled_from("甲乙丙")), min_size=1, max_size=8))
def test_one_code_has_at_most_one_version_a_day(steward, changes):
    """Whatever names are taken in on whatever days, no day has two versions and none is lost in between."""
    code = "120110001099"
    Division.objects.filter(code=code).delete()
    first = None
    for offset, name in changes:
        day = date(2025, 1, 1 + offset)
        try:
            with transaction.atomic():
                take(steward, (code, name), day=day)
        except Conflict:
            continue
        first = min(first or day, day)
    rows = [row for row in Division.objects.filter(code=code) if row.valid_to != row.valid_from]
    for offset in range(40):
        day = date.fromordinal(date(2025, 1, 1).toordinal() + offset)
        holding = [
            row for row in rows if row.valid_from <= day and (row.valid_to is None or day < row.valid_to)
        ]
        assert len(holding) == (1 if day >= first else 0)


def test_the_database_itself_refuses_two_versions_of_one_day(steward):
    row = Division.objects.get(code=COMMUNITY)
    with pytest.raises(IntegrityError), transaction.atomic():
        Division.objects.create(
            code=row.code, level=row.level, name="x", parent=row.parent, lo=row.lo, hi=row.hi,
            valid_from=date(2026, 1, 1), source="x",
        )  # fmt: skip


def test_bundled_codes_of_a_named_district(steward):
    done = actions.import_reference_divisions(steward, districts=["120110"])
    assert done.added + done.unchanged + done.renamed > 150
    street = queries.divisions(steward, parent="120110", level=Level.STREET)
    assert "张贵庄街道" in {one.name for one in street}
    with pytest.raises(BadInput, match="district_not_in_reference"):
        actions.import_reference_divisions(steward, districts=["999999"])


@pytest.mark.shared_data
def test_the_official_lists_go_through_the_door(system_access, db, shared_data):
    access = system_access("territory_management")
    rows, parents = [], {}
    for name in ("districts", "streets", "communities"):
        with (shared_data / "territory" / f"{name}.csv").open(encoding="utf-8", newline="") as file:
            records = list(csv.DictReader(file))
        rows += [DivisionRow(record["code12"], record["name"]) for record in records]
        parents |= {record["code12"]: record.get("street9") or record.get("district6") for record in records}
    done = actions.import_divisions(access, rows=rows, valid_from=date(2023, 6, 30), source="NBS 2023")
    assert done.added == len(rows) > 1_000
    found = {level: queries.divisions(access, level=level) for level in Level}
    assert len(found[Level.COMMUNITY]) == sum(row.code[9:] != "000" for row in rows)
    for one in (*found[Level.STREET], *found[Level.COMMUNITY]):
        assert one.parent.startswith(parents[one.code])
        assert all(
            one.scope.lo <= below.scope.lo for below in found[Level.COMMUNITY] if below.parent == one.code
        )
