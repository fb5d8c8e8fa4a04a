"""A status credential: asked for, given, checked by the verifier, of another colour, lost, given back, gone at END."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from django.utils import timezone

from tests.credentials.conftest import see_all
from tests.screening.conftest import HOME
from wangge.access.vault import vault
from wangge.credentials import actions, keys, queries
from wangge.credentials.jobs import keep_current
from wangge.credentials.models import CredentialApplication, IssuedCredential
from wangge.credentials.states import Carried, Way
from wangge.flows import credentials as flow
from wangge.flows import emergencies
from wangge.kernel.keystore import KeyDestroyed
from wangge.kernel.problems import BadInput, Conflict, NotFound, Refused
from wangge_credential import cli, read_bundle
from wangge_credential.issuing import LIFE
from wangge_credential.verify import Verdict, Verifier

pytestmark = pytest.mark.django_db
MET = {"close_contact_on": timezone.localdate() - timedelta(days=2)}


def check(published: Path, text: str, at: Any = None) -> Verdict:
    """What a verifier says that loads the published file now."""
    moment = int((at or timezone.now()).timestamp())
    return Verifier(read_bundle(published / "verifier.trust")).check(text, moment)


@pytest.fixture
def nobody_met(grade: Any) -> None:
    grade({uuid4(): MET})  # somebody else was graded, so that colours can be said at all


def test_who_asks_is_given_strips_that_the_command_accepts_and_that_tell_only_what_they_must(
    investigator, wang, nobody_met, published, capsys
) -> None:
    made = flow.apply(investigator, person_id=wang, way=Way.IN_PERSON, days=3)
    seen = queries.credential_of(investigator, person_id=wang)
    assert seen is not None and seen == queries.credential(investigator, application_id=made)
    assert (seen.initials, seen.birthday, seen.colour, seen.issuer) == ("WJG", "03-12", "green", "CN-120110")
    assert len(seen.codes) >= 3 and all(
        c.expires_at - c.not_before == timedelta(seconds=LIFE) for c in seen.codes
    )
    assert seen.codes[0].not_before <= timezone.now() and seen.codes[-1].expires_at <= seen.until_at
    verdict = check(published, seen.codes[0].text)
    assert (verdict.verdict, verdict.initials, verdict.colour, verdict.form) == (
        "valid",
        "WJG",
        "green",
        "strip",
    )
    assert verdict.rule_pack.startswith("exp/") and len({c.text for c in seen.codes}) == len(seen.codes)
    trust = str(published / "verifier.trust")
    assert cli.main(["verify", seen.codes[0].text, "--trust", trust, "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["name"] == "WJG"
    assert seen.codes[0].drawing.startswith("<svg") and len(seen.codes[0].text) <= 260
    public = b"".join(p.read_bytes() for p in published.rglob("*") if p.is_file())
    assert str(wang).encode() not in public and "王建国".encode() not in public
    see_all(investigator.emergency)
    row = CredentialApplication.objects.get()
    kept = bytes(row.sealed) + bytes(row.subject_token) + bytes(IssuedCredential.objects.first().sealed)
    assert b"WJG" not in kept and b"green" not in kept and str(wang).encode() not in kept


def test_a_sheet_is_one_code_for_the_whole_time_and_nothing_outlives_the_emergency(
    declare, access_for, wang, table, published
) -> None:
    from wangge.screening.actions import screen_exposure

    short = declare(ends_at=timezone.now() + timedelta(days=2))
    access = access_for("emergency_lead", "epidemic_response", emergency=short)
    screen_exposure(access, table=table({uuid4(): MET}), packs=["exposure"])
    flow.apply(access, person_id=wang, way=Way.FOR_ANOTHER, carried=Carried.PAPER, days=14)
    seen = queries.credential_of(access, person_id=wang)
    assert seen is not None and len(seen.codes) == 1
    code = seen.codes[0]
    assert code.expires_at <= timezone.now() + timedelta(days=2) < seen.until_at
    assert check(published, code.text).form == "paper"


def test_another_colour_revokes_what_was_given_and_the_same_colour_touches_nothing(
    investigator, wang, grade, nobody_met, published, declared
) -> None:
    flow.apply(investigator, person_id=wang, way=Way.BY_PHONE, days=7)
    green = queries.credential_of(investigator, person_id=wang)
    grade({uuid4(): MET})
    assert flow.follow(declared).made == 0  # somebody else's grade is nobody's affair here
    grade({wang: MET})
    done = flow.follow(declared)
    assert (done.applications, done.revoked) == (1, len(green.codes))
    red = queries.credential_of(investigator, person_id=wang)
    assert (red.colour, red.until_at) == ("red", green.until_at)
    assert check(published, green.codes[0].text).code == "revoked"
    assert (check(published, red.codes[0].text).verdict, check(published, red.codes[0].text).colour) == (
        "valid",
        "red",
    )
    grade({uuid4(): MET})  # the finding lapses: green again, by the hourly job
    assert keep_current(0) >= 7
    assert queries.credential_of(investigator, person_id=wang).colour == "green"
    counts = queries.credential_counts(investigator)
    assert counts.applications == 1 and counts.revoked == len(green.codes) + len(red.codes)


def test_lost_ones_are_replaced_and_given_back_ones_leave_no_application(
    investigator, wang, nobody_met, published, system_access, declared, monkeypatch
) -> None:
    made = flow.apply(investigator, person_id=wang, way=Way.IN_PERSON)
    lost = queries.credential(investigator, application_id=made).codes
    assert flow.replace_lost(investigator, application_id=made) == len(lost)
    anew = queries.credential(investigator, application_id=made).codes
    assert (
        check(published, lost[0].text).code == "revoked" and check(published, anew[0].text).verdict == "valid"
    )
    assert flow.give_back(investigator, application_id=made) == len(anew)
    assert queries.credential_of(investigator, person_id=wang) is None
    assert check(published, anew[0].text).code == "revoked"
    with pytest.raises(NotFound):
        queries.credential(investigator, application_id=made)
    later = timezone.now() + timedelta(days=2)
    monkeypatch.setattr(actions.timezone, "now", lambda: later)
    assert actions.expire(system_access("epidemic_response", declared)) == len(lost) + len(anew)
    see_all(declared)
    assert not CredentialApplication.objects.exists()


def test_applying_again_takes_the_place_of_the_earlier_application(investigator, wang, nobody_met) -> None:
    first = flow.apply(investigator, person_id=wang, way=Way.IN_PERSON)
    second = flow.apply(investigator, person_id=wang, way=Way.IN_PERSON, days=3)
    assert queries.credential_of(investigator, person_id=wang).application_id == second != first
    assert queries.credential_counts(investigator).applications == 1


def test_who_may_not_and_what_cannot_be_is_refused_and_nothing_stands(
    investigator, wang, grade, declare, access_for, declared
) -> None:
    def ask(access: Any, **changes: Any) -> None:
        flow.apply(access, **{"person_id": wang, "way": Way.IN_PERSON, **changes})

    with pytest.raises(Conflict) as nobody:
        ask(investigator)
    assert nobody.value.code == "nobody_graded"
    grade({uuid4(): MET})
    with pytest.raises(BadInput):
        ask(investigator, days=365)
    with pytest.raises(NotFound):
        ask(investigator, person_id=uuid4())
    for access in (
        access_for("epidemiologist", "epidemic_response"),  # no emergency
        access_for("dispatcher", "case_handling"),
        access_for("auditor", "audit"),
    ):
        with pytest.raises(Refused):
            ask(access)
    elsewhere = access_for("grid_worker", "epidemic_response", scope=str(HOME + 1), emergency=declared)
    with pytest.raises(BadInput) as outside:
        ask(elsewhere)
    assert outside.value.code == "person_outside_territory"
    with pytest.raises(Refused):  # a colour is nobody's to choose: only the system issues
        actions.issue(investigator, application_id=uuid4())
    see_all(declared)
    assert not CredentialApplication.objects.exists()


def test_at_the_end_rows_are_gone_and_the_signer_with_them(
    investigator, wang, nobody_met, declared, access_for, published
) -> None:
    flow.apply(investigator, person_id=wang, way=Way.IN_PERSON)
    text = queries.credential_of(investigator, person_id=wang).codes[0].text
    certificate = emergencies.end(access_for("emergency_lead"), emergency_id=declared)
    counts = {s.store: s.count for s in certificate.stores}
    assert counts["credentials.credentialapplication"] == 1 and counts["credentials.issuedcredential"] >= 1
    see_all(declared)
    assert not CredentialApplication.objects.exists() and not IssuedCredential.objects.exists()
    assert check(published, text).code == "unknown_signer"
    with pytest.raises(KeyDestroyed):
        keys.signer(declared)
    assert not (published / str(declared)).exists()


def test_the_signer_is_its_emergencys_own(declared, declare) -> None:
    other = declare(name="另一起")
    assert keys.signer(declared).kid == keys.signer(declared).kid != keys.signer(other).kid
    assert keys.root().kid != keys.signer(declared).kid
    assert vault(declared).seed("a", 48) != vault(declared).seed("b", 48)
