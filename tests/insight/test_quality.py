"""A source is measured after each batch, each linkage and each month; what stands is what the rows say."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.insight.conftest import BLANK, GOOD, IMPOSSIBLE, TOTAL, TWICE
from wangge.access import actions as access_actions
from wangge.flows import linkage, quality
from wangge.flows.jobs import measure_quality
from wangge.insight import queries
from wangge.insight.rules.measuring import occasion_for
from wangge.insight.rules.mending import CHANGES_AT_MOST, changes, worths
from wangge.insight.states import Occasion
from wangge.kernel.ids import new_id
from wangge.kernel.problems import BadInput, NotFound, Refused
from wangge.sources import actions
from wangge.sources import queries as sources

TODAY = date(2026, 11, 22)


def shares(found):
    return {m.formula: (m.now.counted, m.now.of) for m in found.measures}


@pytest.mark.django_db
def test_a_batch_is_measured_once_and_again_when_a_new_one_comes(steward, send, tmp_path: Path) -> None:
    send(GOOD, GOOD, TWICE, BLANK, IMPOSSIBLE, TOTAL)
    assert quality.measure_due(tmp_path / "a", TODAY) == 1
    (found,) = queries.data_quality(steward).sources
    assert (found.code, found.rows, found.promised, found.occasion) == ("housing", 3, True, Occasion.BATCH)
    assert shares(found) == {
        "completeness": (13, 18),
        "validity": (3, 5),
        "timeliness": (21, 7),
        "uniqueness": (2, 4),
    }
    assert quality.measure_due(tmp_path / "b", TODAY) == 0
    send(GOOD, as_of=date(2026, 11, 20))
    assert quality.measure_due(tmp_path / "c", TODAY) == 1
    (found,) = queries.data_quality(steward).sources
    assert shares(found)["completeness"] == (6, 6)
    turned = {m.formula: m.turn for m in found.measures}
    assert turned["completeness"] == turned["validity"] == turned["timeliness"] == "better"
    assert len(found.changes) == CHANGES_AT_MOST
    assert found.mend == ()


@pytest.mark.django_db
def test_every_figure_opens_to_its_rows_through_the_doors_of_sources(steward, send, tmp_path: Path) -> None:
    batch = send(GOOD, TWICE, BLANK, IMPOSSIBLE)
    quality.measure_due(tmp_path, TODAY)
    detail = queries.source_quality(steward, resource="housing")
    (phone,) = [i for i in detail.items if (i.formula, i.item) == ("completeness", "phone")]
    assert (phone.counted, phone.of, phone.zh, phone.en) == (2, 3, "联系电话", "Phone")
    ((sheet, row),) = phone.places
    assert "R2" in sources.original_row(steward, batch=batch.id, sheet_no=sheet, row_no=row).cells
    (aside,) = [i for i in detail.items if i.formula == "kept_aside"]
    (held,) = sources.quarantine(steward, batch=batch.id, reason=aside.item).rows
    assert aside.places == ((held.sheet_no, held.row_no),)
    assert {f.code for f in detail.formulas} >= {"completeness", "validity", "conflict", "timeliness"}


@pytest.mark.django_db
def test_a_month_without_a_file_is_measured_too_because_its_age_has_grown(
    steward, send, tmp_path: Path
) -> None:
    send(GOOD)
    quality.measure_due(tmp_path / "a", TODAY)
    assert quality.measure_due(tmp_path / "b", date(2026, 11, 30)) == 0
    assert quality.measure_due(tmp_path / "c", date(2026, 12, 1)) == 1
    (found,) = queries.data_quality(steward).sources
    assert found.occasion is Occasion.MONTH
    assert [p.counted for p in found.measure("timeliness").trend] == [21, 30]


@pytest.mark.django_db
def test_a_linkage_compares_facts_and_the_next_batch_keeps_what_it_found(
    steward, send, resource, system_access, tmp_path: Path
) -> None:
    office = access_actions.create_organisation(
        system_access("operations"), code="health", name_zh="卫健委", name_en="Health", kind="department"
    )
    other = actions.register_source(
        system_access("registry_maintenance"), code="health", name_zh="健康档案", name_en="Health",
        organisation=office, schema="person", division="120110",
    )  # fmt: skip
    send(GOOD, TWICE)
    access = system_access("registry_maintenance")
    from tests.console.places import table

    wrong = [*GOOD[:5], "13666665555", *GOOD[6:]]
    batch = actions.receive_file(access, resource=other, filename="档案.csv", stream=table(wrong))
    actions.confirm_mapping(access, batch=batch.id)
    actions.admit(access, batch=batch.id)
    made = linkage.relink("120110", tmp_path / "link")
    assert quality.measure_linked(made, tmp_path / "q", TODAY) == 2
    told = queries.data_quality(access).sources
    conflicts = {s.code: s.measure("conflict") for s in told}
    assert all(conflict.current for conflict in conflicts.values())
    assert sum(conflict.now.counted for conflict in conflicts.values()) == 1, "one of the two telephones"
    (loser,) = [s for s in told if s.measure("conflict").now.counted]
    items = queries.source_quality(access, resource=loser.code).items
    (phone,) = [i for i in items if (i.formula, i.item) == ("conflict", "phone")]
    assert (phone.counted, phone.places) == (1, ((1, 2),))
    send(GOOD, as_of=date(2026, 11, 20))
    quality.measure_due(tmp_path / "later", TODAY)
    (own,) = queries.data_quality(steward).sources
    assert own.measure("conflict") is not None
    assert not own.measure("conflict").current


@pytest.mark.django_db
def test_a_department_sees_its_own_tables_a_leader_all_a_worker_none(
    steward, send, access_for, system_access, tmp_path: Path
) -> None:
    send(GOOD, BLANK)
    quality.measure_due(tmp_path / "a", TODAY)
    office = access_actions.create_organisation(
        system_access("operations"), code="health", name_zh="卫健委", name_en="Health", kind="department"
    )
    stranger = access_for("data_steward", "registry_maintenance", organisation=office)
    assert queries.data_quality(stranger).sources == ()
    with pytest.raises(NotFound):
        queries.source_quality(stranger, resource="housing")
    assert len(queries.data_quality(access_for("leader")).sources) == 1
    with pytest.raises(Refused):
        queries.data_quality(access_for("grid_worker", "community_service"))


@pytest.mark.django_db
def test_a_source_without_a_file_is_named_as_not_measured(steward, resource, tmp_path: Path) -> None:
    assert quality.measure_due(tmp_path, TODAY) == 0
    overview = queries.data_quality(steward)
    assert overview.sources == ()
    assert overview.unmeasured == (("housing", "房屋居住登记", "Dwellers"),)


@pytest.mark.django_db
def test_a_promise_has_bounds_and_stays_until_another_is_made(steward, resource) -> None:
    told = {"code": "housing", "name_zh": "名", "name_en": "n", "organisation": steward.organisation,
            "schema": "person", "division": "120110"}  # fmt: skip
    with pytest.raises(BadInput):
        actions.register_source(steward, **told, cycle_days=0)
    actions.register_source(steward, **told)
    assert sources.source(steward, resource="housing").cycle_days == 7
    actions.register_source(steward, **told, cycle_days=30)
    assert sources.source(steward, resource="housing").cycle_days == 30


@pytest.mark.django_db
def test_the_clock_measures_what_is_due_and_leaves_no_file(steward, send, settings, tmp_path: Path) -> None:
    settings.WANGGE_HOME = tmp_path / "home"
    send(GOOD)
    assert measure_quality(timestamp=0) == 1
    assert measure_quality(timestamp=0) == 0
    assert list((tmp_path / "home" / "work").iterdir()) == []


@given(st.dates(date(2026, 1, 1), date(2026, 12, 31)), st.integers(1, 3), st.booleans())
def test_a_measurement_is_due_for_a_new_batch_or_a_new_month_only(day, revision, same) -> None:
    batch = new_id()
    assert occasion_for(None, batch, revision, day) is Occasion.BATCH
    last = (batch if same else new_id(), 1, day)
    expected = None if same and revision == 1 else Occasion.BATCH
    assert occasion_for(last, batch, revision, day) is expected
    if expected is None:
        assert occasion_for(last, batch, revision, day + timedelta(days=31)) is Occasion.MONTH


counts = st.dictionaries(
    st.tuples(st.sampled_from(["completeness", "fault", "conflict"]), st.sampled_from(["name", "phone", ""])),
    st.tuples(st.integers(0, 50), st.just(50)),
)


@given(counts, counts)
def test_nothing_whole_is_named_and_what_did_not_change_is_not_told(now, before) -> None:
    weights = {"completeness": 1.0, "fault": 2.0, "conflict": 1.5}
    mend = worths(now, weights, rows=50)
    assert [w for w, _, _ in mend] == sorted((w for w, _, _ in mend), reverse=True)
    assert all(records > 0 for _, _, records in mend)
    moved = changes(now, before)
    assert len(moved) <= CHANGES_AT_MOST
    assert all(item and now.get((f, item)) != before.get((f, item)) for f, item in moved)
    assert changes(now, now) == []


def test_lateness_grows_with_the_days_over_and_stops_growing() -> None:
    late = [
        worths({("timeliness", ""): (days, 31)}, {}, rows=100)[0][0] if days > 31 else 0.0
        for days in (31, 40, 93, 900)
    ]
    assert late == sorted(late)
    assert late[0] == 0.0
    assert late[2] == late[3] == 100.0
