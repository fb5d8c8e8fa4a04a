"""From a line list and a manifest as files to graded findings and tasks, over a register linked by the engine."""

from __future__ import annotations

import io
from datetime import timedelta
from uuid import UUID

import pytest
from django.utils import timezone

from tests.emergencies.conftest import declare, declared
from tests.registry.conftest import told
from tests.registry.telling import LI, WANG, valid
from wangge.access import actions as access_actions
from wangge.flows.lists import import_line_list, import_train_manifest
from wangge.flows.screening import screen_emergency
from wangge.flows.tasking import task_emergency
from wangge.flows.tracing import trace
from wangge.kernel.problems import NotFound
from wangge.outbreaks import queries as outbreaks
from wangge.screening import queries as findings
from wangge.sources import actions as sources
from wangge.sources import queries as source_queries
from wangge.sources.states import BatchState
from wangge.tasks.queries import task_page

pytestmark = pytest.mark.django_db
__all__ = ["declare", "declared", "told"]
TODAY = timezone.localdate()
RODE = TODAY - timedelta(days=6)
ZHAO = valid("12011019700505004")
LINE_LIST = f"""病例编号,姓名,性别,年龄,身份证号,联系电话,发病日期,确诊日期,临床分型,感染来源
BL0001,王建国,男,41,{WANG},13812345678,{RODE},{RODE + timedelta(days=2)},普通型,乘坐G1709次列车
BL0002,外地人,女,30,,,{RODE + timedelta(days=4)},{RODE + timedelta(days=5)},轻型,密切接触BL0001
"""
MANIFEST = f"""车次,乘车日期,车厢,席位,姓名,证件号码,手机号
G1709,{RODE},01,08A,王建国,{WANG},13812345678
G1709,{RODE},01,10C,赵敏,{ZHAO},13700000001
G1709,{RODE},01,无座,过客一,{valid("11010119800101001")},13700000002
G1709,{RODE},02,08A,过客二,{valid("11010119800101002")},13700000003
"""


@pytest.fixture
def brought_in(told, declared, access_for, system_access, tmp_path, settings) -> UUID:
    """Both lists received, mapped, accepted, taken over and traced; gives the emergency."""
    settings.WANGGE_VAULT = tmp_path / "vault"
    office = access_actions.create_organisation(
        system_access("operations"), code="cdc", name_zh="疾控", name_en="CDC", kind="department"
    )
    steward = access_for("epidemiologist", "epidemic_response", emergency=declared, organisation=office)
    for schema, text, take in (
        ("patient", LINE_LIST, import_line_list),
        ("passenger", MANIFEST, import_train_manifest),
    ):
        resource = sources.register_source(
            steward, code=f"cdc.{schema}", name_zh=schema, name_en=schema, organisation=office, schema=schema,
            division="120110", emergency=declared,
        )  # fmt: skip
        batch = sources.receive_file(
            steward,
            resource=resource,
            filename=f"{schema}.csv",
            stream=io.BytesIO(text.encode()),
            emergency=declared,
        )
        if batch.state is BatchState.RECEIVED:
            sources.confirm_mapping(steward, batch=batch.id)
        assert sources.admit(steward, batch=batch.id).rows_quarantined == 0
        take(declared, batch.id)
    trace(declared)
    return declared


def test_who_met_a_patient_is_graded_with_reasons_and_given_to_a_worker(brought_in, access_for) -> None:
    access = access_for("epidemiologist", "epidemic_response", emergency=brought_in)
    summary = outbreaks.emergency_summary(access)
    assert (summary.patients, summary.close_contacts, summary.general_contacts) == (2, 3, 1)
    assert (summary.unmatched, summary.non_contacts_dropped) == (1, 1)
    screen_emergency(brought_in)
    rows = findings.exposure_findings(access, kind=None).rows
    graded = sorted(r.rule for r in rows if r.kind == "exposure")
    assert graded == [
        "exposure.close_contact",
        "exposure.household",
        "exposure.household",
        "exposure.patient",
    ]
    for row in rows:
        detail = findings.exposure_finding(access, finding_id=row.id)
        assert detail.reasons and detail.facts_used and detail.change_zh and detail.change_en
    near = next(r for r in rows if r.rule == "exposure.close_contact")
    assert str(RODE) in near.reason_zh and str(RODE) in near.reason_en
    made = task_emergency(brought_in)
    assert made == len([r for r in rows if r.task])
    lead = access_for("emergency_lead", emergency=brought_in)
    assert {t.emergency for t in task_page(lead).rows} == {brought_in}


def test_the_rows_of_those_who_met_nobody_are_gone_from_the_file_too(
    brought_in, system_access, django_capture_on_commit_callbacks
) -> None:
    system = system_access("epidemic_response", brought_in)
    batches = {b.resource_code: b for b in source_queries.batches(system).rows}
    manifest, patients = batches["cdc.passenger"], batches["cdc.patient"]
    assert source_queries.accepted_rows(system, batch=manifest.id).files == ()
    assert manifest.rows_accepted == 4
    assert len(source_queries.accepted_rows(system, batch=patients.id).frame()) == 2
    with pytest.raises(NotFound):
        source_queries.original_row(system, batch=manifest.id, sheet_no=1, row_no=2)
    with django_capture_on_commit_callbacks(execute=True):
        again = sources.receive_file(
            system,
            resource="cdc.passenger",
            filename="again.csv",
            stream=io.BytesIO(MANIFEST.encode()),
            emergency=brought_in,
        )
    assert (again.again, again.rows_in) == (False, 4)


def test_all_of_it_again_changes_nothing(brought_in, access_for) -> None:
    screen_emergency(brought_in)
    task_emergency(brought_in)
    assert trace(brought_in).household_contacts == 0
    again = screen_emergency(brought_in)
    assert (again.added, again.superseded, again.lapsed) == (0, 0, 0)
    assert task_emergency(brought_in) == 0
    assert LI not in repr(again)
