"""The credential on the screen: applied for, printed, replaced, given back; and what verifiers take along."""

from __future__ import annotations

from uuid import uuid4

import pytest
from django.urls import reverse

from tests.console.places import CHINESE, client_of, sound, words
from tests.credentials.test_status import MET, check
from tests.screening.conftest import HOME
from wangge.credentials import queries
from wangge.flows import credentials as flow
from wangge.screening import actions as screening
from wangge.screening.queries import exposure_findings_of
from wangge.tasks import actions as tasks
from wangge.tasks.queries import my_tasks
from wangge.tasks.types import Appointment, NewTask, Subject

pytestmark = pytest.mark.django_db
ASKED = {"act": "apply", "way": "in_person", "carried": "strips", "days": "1"}


def test_a_person_applies_and_the_sheet_says_what_it_must_and_no_more(
    investigator, declared, wang, grade, published
) -> None:
    zh, en = client_of(investigator), client_of(investigator, "en")
    address = reverse("console:credential", args=[declared, wang])
    assert "尚未进行暴露分级" in words(sound(zh.post(address, ASKED)))
    grade({uuid4(): MET})
    assert "本人申领" in words(sound(zh.get(address)))
    assert zh.post(address, {**ASKED, "way": "unasked"}).status_code == 400
    assert zh.post(address, ASKED).status_code == 303
    page = sound(zh.get(address))
    said = words(page)
    for word in ("WJG", "03-12", "绿", "它不说明什么", "如果颜色有误"):
        assert word in said
    assert "王建国" not in page and "1985" not in page and 'viewBox="0 0 ' in page
    told = words(sound(en.get(address)))
    assert "What it does not say" in told and not CHINESE.findall(
        told.split("What it says")[1].split("Apply again")[0]
    )
    first = queries.credential_of(investigator, person_id=wang).codes[0].text
    assert zh.post(address, {"act": "lost"}).status_code == 303
    assert check(published, first).code == "revoked"
    assert zh.post(address, {"act": "back"}).status_code == 303
    assert queries.credential_of(investigator, person_id=wang) is None


def test_the_page_of_credentials_counts_and_hands_out_what_verifiers_load(
    investigator, declared, wang, grade, published, access_for
) -> None:
    client, address = client_of(investigator), reverse("console:credentials", args=[declared])
    grade({uuid4(): MET})
    assert client.get(reverse("console:verifier_trust")).status_code == 404
    assert "签发第一张凭证时生成" in words(sound(client.get(address)))
    flow.apply(investigator, person_id=wang, way="in_person")
    assert "核验页面" in words(sound(client.get(address)))
    trust = client.get(reverse("console:verifier_trust"))
    assert trust.content == (published / "verifier.trust").read_bytes()
    assert "attachment" in trust.headers["Content-Disposition"]
    outsider = client_of(access_for("dispatcher", "case_handling"))
    assert outsider.get(address).status_code == 403
    assert outsider.get(reverse("console:credential", args=[declared, wang])).status_code == 403


def test_the_verifier_page_is_handed_out_with_the_trust_file_inside(
    investigator, declared, wang, grade, monkeypatch, tmp_path
) -> None:
    built = tmp_path / "verifier.html"
    built.write_text('<body><script type="application/json" id="trust"></script></body>')
    monkeypatch.setattr(queries, "BUILT", built)
    grade({uuid4(): MET})
    flow.apply(investigator, person_id=wang, way="in_person")
    page = client_of(investigator).get(reverse("console:verifier_page")).content.decode()
    assert "wangge-trust/1" in page and str(wang) not in page


def test_a_finding_withdrawn_on_appeal_changes_the_colour_at_once(
    investigator, declared, wang, grade, access_for
) -> None:
    grade({wang: MET})
    flow.apply(investigator, person_id=wang, way="in_person")
    assert queries.credential_of(investigator, person_id=wang).colour == "red"
    (finding,) = exposure_findings_of(investigator, person_id=wang)
    screening.appeal_finding(investigator, finding_id=finding.id, statement="当日不在车上")
    lead = client_of(access_for("emergency_lead", "epidemic_response", emergency=declared))
    told = {"decision": "withdraw", "reason": "票已退，核实无误"}
    assert lead.post(reverse("console:finding_decide", args=[finding.id]), told).status_code == 303
    assert queries.credential_of(investigator, person_id=wang).colour == "green"


def test_the_worker_at_the_door_takes_an_application_in_and_revokes_none(
    declared, wang, grade, access_for, system_access
) -> None:
    grade({uuid4(): MET})
    worker = access_for("grid_worker", "epidemic_response", scope=str(HOME), emergency=declared)
    system = system_access("epidemic_response", declared)
    tasks.appoint(system, appointments=[Appointment(HOME, "manager", "刘洋", actor=worker.actor)])
    tasks.create_tasks(system, tasks=[NewTask("exposure_visit", HOME, "finding:1", Subject(person_id=wang))])
    (task,) = my_tasks(worker)
    client, address = client_of(worker), reverse("console:credential", args=[declared, wang])
    assert address in sound(client.get(reverse("console:field_task", args=[task.task_id])))
    assert client.post(address, ASKED).status_code == 303
    assert "WJG" in sound(client.get(address))
    assert client.post(address, {"act": "lost"}).status_code == 400, "revoking is not theirs"
