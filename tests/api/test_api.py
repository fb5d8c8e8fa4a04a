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

    def make(role: str, purpose: str, organisation: str | None = None) -> Caller:
        access = access_for(role, purpose, organisation=organisation)
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


def test_the_description_is_valid_openapi() -> None:
    validate(Client().get("/api/v1/openapi.json").json())
