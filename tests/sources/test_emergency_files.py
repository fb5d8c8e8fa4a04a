"""What an emergency brings, and what visits bring back."""

import io

import pytest

from tests.engine.test_rows import GOOD
from tests.sources.receiving import accept, files, sheet
from wangge.access import actions as access_actions
from wangge.kernel.problems import BadInput, NotFound, Refused
from wangge.sources import actions, queries
from wangge.sources.states import BatchState
from wangge.sources.types import Correction

pytestmark = pytest.mark.django_db

MARKER = "标记甲乙丙丁"


@pytest.fixture
def outbreak(access_for, emergency, system_access, tmp_path, settings):
    settings.WANGGE_VAULT = tmp_path / "vault"
    office = access_actions.create_organisation(
        system_access("operations"), code="cdc", name_zh="疾控", name_en="CDC", kind="department"
    )
    lead = access_for("epidemiologist", "epidemic_response", emergency=emergency, organisation=office)
    resource = actions.register_source(
        lead,
        code="cdc.line",
        name_zh=MARKER,
        name_en=MARKER,
        organisation=office,
        schema="patient",
        division="120110",
        emergency=emergency,
    )
    return lead, resource, emergency


def line_list() -> io.BytesIO:
    head = ("病例编号", "姓名", "身份证号", "发病日期", f"备注{MARKER}")
    return sheet(
        ["P1", MARKER, GOOD[4], "2026-11-01", MARKER], ["P2", "", "", "2026-13-40", MARKER], headers=head
    )


def marker_in_tables() -> list[str]:
    from django.apps import apps

    found = []
    for model in apps.get_app_config("sources").get_models():
        for row in model.objects.values_list():
            text = " ".join(
                bytes(v).decode("latin-1") if isinstance(v, memoryview | bytes) else str(v) for v in row
            )
            if MARKER in text or MARKER.encode().decode("latin-1") in text:
                found.append(model.__name__)
    return found


def test_what_an_emergency_brought_is_sealed_under_its_key_and_destroyed_at_its_end(
    outbreak, system_access, access_for, django_capture_on_commit_callbacks
):
    lead, resource, emergency = outbreak
    batch = actions.receive_file(
        lead, resource=resource, filename=f"{MARKER}.csv", stream=line_list(), emergency=emergency
    )
    actions.confirm_mapping(lead, batch=batch.id)
    judged = actions.admit(lead, batch=batch.id)
    assert (judged.rows_accepted, judged.rows_quarantined) == (1, 1)
    system = system_access("epidemic_response", emergency=emergency)
    rows = queries.accepted_rows(system, batch=batch.id)
    assert rows.frame()["name"].to_list() == [MARKER]
    assert all(MARKER.encode() not in path.read_bytes() for path in files())
    for peacetime in (
        system_access("registry_maintenance"),
        system_access("registry_maintenance", emergency=emergency),
    ):
        with pytest.raises(NotFound):
            queries.batch(peacetime, batch=batch.id)
        assert queries.sources(peacetime) == ()
    kept = len(files())
    with pytest.raises(Refused):
        actions.destroy_emergency(system_access("operations"), emergency=emergency)
    with django_capture_on_commit_callbacks(execute=True):
        counts = actions.destroy_emergency(
            system_access("operations", emergency=emergency), emergency=emergency
        )
    by_store = {count.store: count.count for count in counts}
    assert by_store == {
        "sources_quarantinedrow": 1, "sources_part": 1, "sources_sheet": 1, "sources_batch": 1, "sources_mapping": 1, "sources_dataresource": 1, "vault": kept,
    }  # fmt: skip
    assert files() == []
    assert marker_in_tables() == []
    with pytest.raises(FileNotFoundError):
        rows.frame()


def test_emergency_lists_come_in_under_the_emergency_only(house, outbreak, access_for):
    steward, _ = house
    lead, resource, emergency = outbreak
    with pytest.raises(NotFound):
        actions.receive_file(steward, resource=resource, filename="x.csv", stream=line_list())
    with pytest.raises(Refused):
        actions.receive_file(
            steward, resource=resource, filename="x.csv", stream=line_list(), emergency=emergency
        )
    with pytest.raises(Refused):
        actions.register_source(
            steward,
            code="p",
            name_zh="p",
            name_en="p",
            organisation=steward.organisation,
            schema="patient",
            division="120110",
        )
    with pytest.raises(Refused):
        actions.receive_file(lead, resource=resource, filename="x.csv", stream=line_list())


def test_corrections_of_a_visit_come_in_as_a_batch_and_once(house, system_access):
    _, resource = house
    system = system_access("registry_maintenance")
    person = batch_id = accept(house, GOOD).id
    told = (
        Correction("obs-1", {"name": "王芳", "phone": "13700001111", "lives_alone": "是"}, person),
        Correction("obs-2", {"name": "李伟", "birth": "1990-02-30"}),
    )
    batch = actions.receive_corrections(system, resource=resource, key="visit-1", corrections=told)
    assert (batch.state, batch.media, batch.rows_accepted, batch.rows_quarantined) == (
        BatchState.ACCEPTED,
        "corrections",
        1,
        1,
    )
    again = actions.receive_corrections(system, resource=resource, key="visit-1", corrections=told)
    assert (again.id, again.again) == (batch.id, True)
    row = queries.accepted_rows(system, batch=batch.id).frame().to_dicts()[0]
    assert (row["record_id"], row["phone"], row["lives_alone"], row["person_ref"]) == (
        "obs-1",
        "13700001111",
        True,
        str(person),
    )
    assert [rows.batch for rows in queries.latest_accepted(system, schema="person")] == [batch_id, batch.id]
    alone = actions.receive_corrections(
        system,
        resource=resource,
        key="visit-3",
        corrections=(Correction("obs-3", {"phone": "13700001112"}, person),),
    )
    assert (alone.rows_accepted, alone.rows_quarantined) == (1, 0), (
        "the person is known: nothing else need be said"
    )
    with pytest.raises(BadInput):
        actions.receive_corrections(
            system, resource=resource, key="visit-2", corrections=(Correction("o", {"民族": "x"}),)
        )
