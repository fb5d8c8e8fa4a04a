"""The HTTP entrance: tokens, problems in both languages, a matter carried through its steps, the description."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

import pytest
from django.test import Client
from django.utils import timezone
from openapi_spec_validator import validate

from wangge.access import actions
from wangge.kernel.units import unit_no

pytestmark = pytest.mark.django_db
UNIT = unit_no("120110001005", 1)
LAMP = "F0137"


class Caller:
    """Speaks to the API with one token."""

    def __init__(self, token: str) -> None:
        self.client = Client(headers={"authorization": f"Bearer {token}"})

    def get(self, path: str, **query: object):
        return self.client.get(f"/api/v1{path}", query)

    def post(self, path: str, body: dict[str, object]):
        return self.client.post(f"/api/v1{path}", body, content_type="application/json")


@pytest.fixture
def caller(access_for):
    administrator = access_for("administrator", "operations")

    def make(role: str, purpose: str, organisation: str | None = None, scope: str = "120110") -> Caller:
        access = access_for(role, purpose, scope=scope, organisation=organisation)
        token = actions.issue_token(
            administrator,
            post=access.post,
            purpose=purpose,
            label="test",
            valid_until=timezone.now() + timedelta(hours=1),
        )
        return Caller(token)

    return make


def test_without_a_token_nothing_opens() -> None:
    answer = Client().get("/api/v1/cases")
    assert answer.status_code == 401
    assert answer.json()["zh"] and answer.json()["en"]


def test_a_wrong_token_is_refused_in_both_languages() -> None:
    answer = Caller("wangge_nothing").get("/cases")
    assert (answer.status_code, answer.json()["code"]) == (401, "token_not_valid")


def test_a_matter_goes_through_its_steps(caller) -> None:
    worker = caller("grid_worker", "case_handling")
    body = {"category_code": LAMP, "unit_no": UNIT, "title": "路灯不亮", "client_id": str(uuid4())}
    made = worker.post("/cases", body)
    assert made.status_code == 201
    case_id = made.json()["case_id"]
    assert worker.post("/cases", body).json()["case_id"] == case_id, "sent again, the same case"
    dispatcher = caller("dispatcher", "case_handling")
    assert dispatcher.post(f"/cases/{case_id}/accept", {}).status_code == 200
    listed = dispatcher.get("/cases", state="accepted").json()
    assert [row["case_id"] for row in listed["rows"]] == [case_id]
    seen = dispatcher.get(f"/cases/{case_id}").json()
    assert [s["verb"] for s in seen["steps"]] == ["report", "accept"]
    refused = worker.post(f"/cases/{case_id}/close", {"note": "x"})
    assert (refused.status_code, refused.json()["code"]) == (403, "not_permitted")


def test_malformed_input_names_its_place(caller) -> None:
    answer = caller("grid_worker", "case_handling").post("/cases", {"unit_no": "much"})
    assert answer.status_code == 422
    assert "category_code" in answer.json()["place"]


def test_an_unknown_step_is_not_found(caller) -> None:
    answer = caller("dispatcher", "case_handling").post(f"/cases/{uuid4()}/explode", {})
    assert (answer.status_code, answer.json()["code"]) == (404, "step_unknown")


def test_the_auditor_reads_and_checks_the_ledger(caller) -> None:
    auditor = caller("auditor", "audit")
    assert auditor.get("/ledger/entries").status_code == 200
    doors = [row["door"] for row in auditor.get("/ledger/entries").json()["rows"]]
    assert "ledger.entries" in doors, "reading the ledger is itself on it"
    assert auditor.get("/ledger/verification").json()["verified"] is True


def test_a_person_is_searched_in_the_body_and_never_in_the_address(caller) -> None:
    steward = caller("data_steward", "registry_maintenance")
    assert steward.post("/persons/search", {"text": "王建国"}).json()["rows"] == []
    assert steward.get("/persons", q="王建国").status_code == 404
    unreadable = steward.post("/persons/search", {"text": "王", "after": "xx"})
    assert (unreadable.status_code, unreadable.json()["code"]) == (400, "page_mark_unreadable")
    told = Client().get("/api/v1/openapi.json").json()["paths"]
    assert "q" not in [
        p["name"] for at in told.values() for verb in at.values() for p in verb.get("parameters", ())
    ]


def test_the_description_is_valid_openapi() -> None:
    validate(Client().get("/api/v1/openapi.json").json())


def test_a_departments_file_goes_from_upload_to_admitted_rows(access_for, caller) -> None:
    from django.core.files.uploadedfile import SimpleUploadedFile

    steward = caller("data_steward", "registry_maintenance", organisation="civil")
    from wangge.access.models import Organisation

    own = Organisation.objects.get(code="civil").id
    made = steward.post(
        "/sources",
        {
            "code": "civil",
            "name_zh": "救助",
            "name_en": "Aid",
            "organisation": str(own),
            "canonical": "person",
            "division": "120110",
        },
    )
    assert made.status_code == 201
    text = (
        "编号,姓名,身份证号,性别,联系电话,现住址\n1,王建国,,男,13812345678,嘉春园12号楼3单元502\n2,,,女,,\n"
    )
    batch = steward.client.post(
        "/api/v1/sources/civil/batches", {"file": SimpleUploadedFile("救助.csv", text.encode("utf-8-sig"))}
    ).json()
    sheets = steward.get(f"/sources/batches/{batch['id']}/sheets").json()
    assert "name" in [c["column"] for c in sheets[0]["columns"]]
    assert steward.post(f"/sources/batches/{batch['id']}/mapping", {}).status_code == 200
    admitted = steward.post(f"/sources/batches/{batch['id']}/admission", {"despite": "试"}).json()
    if admitted["state"] != "accepted":
        admitted = steward.post(f"/sources/batches/{batch['id']}/admission", {"despite": "试"}).json()
    assert (admitted["rows_in"], admitted["rows_accepted"], admitted["rows_quarantined"]) == (2, 1, 1)
    held = steward.get(f"/sources/batches/{batch['id']}/quarantine").json()["rows"]
    assert held[0]["reasons"][0]["zh"]
    put_right = steward.post(f"/sources/quarantine/{held[0]['id']}", {"cells": {"姓名": "李梅"}})
    assert put_right.json()["rows_quarantined"] == 0


def test_anyone_on_staff_asks_who_is_responsible(caller) -> None:
    answer = caller("grid_worker", "care").get("/territory/responsible/120110001005001")
    assert answer.status_code == 200


def test_visits_sent_twice_count_once(caller) -> None:
    worker = caller("grid_worker", "care")
    at = timezone.now() - timedelta(minutes=30)
    visit = {
        "client_id": str(uuid4()),
        "form": "verification_visit",
        "started_at": at.isoformat(),
        "ended_at": (at + timedelta(minutes=9)).isoformat(),
        "saw_person": True,
        "saw_dwelling": True,
        "saw_state": True,
        "unit_no": UNIT,
        "answers": {"occupied": "owner", "residents": 3, "moved_away": False},
    }
    assert worker.post("/field/visits", [visit]).json()[0]["status"] == "accepted"  # type: ignore[arg-type]
    assert worker.post("/field/visits", [visit]).json()[0]["status"] == "duplicate"  # type: ignore[arg-type]


def test_an_emergency_is_declared_read_and_ended(caller) -> None:
    lead = caller("emergency_lead", "epidemic_response")
    body = {
        "name": "演练",
        "law": "infectious_diseases",
        "article": "第四十二条",
        "areas": {"120110": "level_2"},
        "data_sets": ["line_list"],
        "ends_at": (timezone.now() + timedelta(days=7)).isoformat(),
    }
    made = lead.post("/emergencies", body)
    assert made.status_code == 201, made.content
    emergency = made.json()["id"]
    past = lead.post("/emergencies", body | {"ends_at": "2020-01-01T00:00:00Z"})
    assert past.status_code == 400 and past.json()["zh"]
    ended = lead.post(f"/emergencies/{emergency}/end", {"reason": "演练结束"})
    assert ended.status_code == 200, ended.content
    assert lead.get(f"/emergencies/{emergency}").json()["state"] == "destroyed"


def _declared(caller, scope: str = "120110") -> tuple[Caller, str]:
    lead = caller("emergency_lead", "epidemic_response", scope=scope)
    made = lead.post(
        "/emergencies",
        {
            "name": "演练",
            "law": "infectious_diseases",
            "article": "第四十二条",
            "areas": {scope: "level_2"},
            "data_sets": ["line_list", "manifest", "household"],
            "ends_at": (timezone.now() + timedelta(days=7)).isoformat(),
        },
    )
    assert made.status_code == 201, made.content
    return lead, made.json()["id"]


def test_a_token_reaches_an_emergency_only_for_its_purpose_and_territory(caller) -> None:
    _, emergency = _declared(caller)
    under = {"X-Wangge-Emergency": emergency}
    for role, purpose, scope in (
        ("grid_worker", "care", "120110"),
        ("dispatcher", "community_service", "120110"),
        ("auditor", "audit", "120110"),
        ("epidemiologist", "epidemic_response", "310115"),
    ):
        program = caller(role, purpose, scope=scope)
        answer = program.client.get("/api/v1/field/tasks", headers=under)
        assert (answer.status_code, answer.json()["code"]) == (403, "emergency_not_in_force"), role
    own = caller("grid_worker", "epidemic_response")
    assert own.client.get("/api/v1/field/tasks", headers=under).status_code == 200


def test_only_who_investigates_has_a_list_taken_in_or_reads_what_was_found(caller) -> None:
    lead, emergency = _declared(caller)
    batch = _admitted_line_list(lead, emergency)
    for role, purpose in (("data_steward", "registry_maintenance"), ("auditor", "audit")):
        outsider = caller(role, purpose)
        for answer in (
            outsider.post(f"/emergencies/{emergency}/lists/{batch}", {}),
            outsider.get(f"/emergencies/{emergency}/findings"),
        ):
            assert answer.status_code == 403, role
    under = {"X-Wangge-Emergency": emergency}
    elsewhere = lead.client.get(f"/api/v1/emergencies/{uuid4()}/findings", headers=under)
    assert (elsewhere.status_code, elsewhere.json()["code"]) == (403, "emergency_differs")
    taken = lead.client.post(f"/api/v1/emergencies/{emergency}/lists/{batch}", headers=under)
    assert taken.status_code == 200, taken.content
    assert taken.json()["traced"]["patients"] == 1
    from wangge.ledger.models import Entry

    asked = Entry.objects.get(door="outbreaks.ask_take_in", kind="write")
    assert asked.role == "emergency_lead", (
        "who had the list taken in stands on the ledger, not only the system"
    )


def _admitted_line_list(lead: Caller, emergency: str) -> str:
    from django.core.files.uploadedfile import SimpleUploadedFile

    from wangge.access.models import Organisation

    centre = Organisation.objects.create(code="cdc", name_zh="疾控中心", name_en="CDC", kind="department")
    under = {"X-Wangge-Emergency": emergency}

    def send(path: str, body: dict[str, object]):
        answer = lead.client.post(f"/api/v1{path}", body, content_type="application/json", headers=under)
        assert answer.status_code in (200, 201), answer.content
        return answer.json()

    send(
        "/sources",
        {
            "code": "line-list",
            "name_zh": "病例",
            "name_en": "Patients",
            "organisation": str(centre.id),
            "canonical": "patient",
            "division": "120110",
        },
    )
    text = "病例编号,姓名,性别,年龄,发病日期,确诊日期\nP1,王建国,男,44,2026-11-01,2026-11-03\n"
    file = SimpleUploadedFile("病例.csv", text.encode("utf-8-sig"))
    answer = lead.client.post("/api/v1/sources/line-list/batches", {"file": file}, headers=under)
    batch = answer.json()["id"]
    send(f"/sources/batches/{batch}/mapping", {})
    for _ in range(2):
        state = send(f"/sources/batches/{batch}/admission", {"despite": "演练"})["state"]
        if state == "accepted":
            break
    return batch


def test_a_signed_in_account_without_a_post_is_told_so(db) -> None:
    from wangge.access.models import User

    client = Client()
    client.force_login(
        User.objects.create(username="li"), backend="allauth.account.auth_backends.AuthenticationBackend"
    )
    answer = client.get("/api/v1/cases")
    assert (answer.status_code, answer.json()["code"]) == (403, "post_not_held")


def test_a_session_changes_nothing_without_the_cross_site_token(access_for) -> None:
    from wangge.access.models import User

    client = Client(enforce_csrf_checks=True)
    client.force_login(
        User.objects.get(id=access_for("grid_worker", "case_handling").actor),
        backend="allauth.account.auth_backends.AuthenticationBackend",
    )
    body = {"category_code": LAMP, "unit_no": UNIT}
    answer = client.post("/api/v1/cases", body, content_type="application/json")
    assert (answer.status_code, answer.json()["code"]) == (403, "csrf_failed")
    assert client.get("/api/v1/cases").status_code == 200


def test_a_page_mark_of_another_kind_is_refused(caller) -> None:
    from wangge.kernel.pages import Cursor

    program, auditor = caller("dispatcher", "case_handling"), caller("auditor", "audit")
    for answer in (
        program.get("/cases", after=Cursor(("x", "y")).encode()),
        program.get("/cases", after=Cursor((None, 3)).encode()),
        program.get("/cases", after="e"),
        auditor.get("/ledger/entries", after=Cursor(("x",)).encode()),
    ):
        assert (answer.status_code, answer.json()["code"]) == (400, "page_mark_unreadable")
