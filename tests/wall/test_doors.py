"""The door: check, scope, mask, ledger, in one transaction; and no way round."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from django.db import connection, transaction
from django.utils import timezone

from wangge.access import actions, queries
from wangge.access.models import Mandate, Organisation
from wangge.access.policy import Circumstances, Judge, PolicyBook, parse
from wangge.kernel.access import Access
from wangge.kernel.doors import door
from wangge.kernel.keystore import KeyDestroyed
from wangge.kernel.privacy import Privacy, masked, personal, sensitive, subject, subjects_in
from wangge.kernel.problems import BadInput, Refused
from wangge.kernel.units import EVERYWHERE, Interval
from wangge.ledger.models import Entry

pytestmark = pytest.mark.django_db


def test_an_access_cannot_be_made_by_hand() -> None:
    with pytest.raises(TypeError, match="gate"):
        Access(actor="x", role="auditor", purpose="audit", scope=EVERYWHERE, at=timezone.now(), seal=object())  # type: ignore[arg-type]


def test_an_access_cannot_be_widened_and_only_the_gate_issues_one(access_for) -> None:
    access = access_for("grid_worker", "care", scope="120110001005")
    for change in ({"scope": EVERYWHERE}, {"purpose": "audit"}, {"role": "auditor"}, {"emergency": uuid4()}):
        with pytest.raises(TypeError, match="gate"):
            replace(access, **change)
    source = Path(__file__).resolve().parents[2] / "src"
    users = [
        str(p.relative_to(source))
        for p in source.rglob("*.py")
        if re.search(
            r"from wangge\.kernel\.access import .*\bissue\b|kernel\.access\.issue", p.read_text("utf-8")
        )
    ]
    assert users == ["wangge/access/actions.py"]


def test_passing_a_door_writes_the_ledger(access_for) -> None:
    access = access_for("administrator", "operations")
    actions.create_organisation(access, code="water", name_zh="水务局", name_en="Water", kind="department")
    entry = Entry.objects.get(door="access.create_organisation")
    assert (entry.kind, entry.actor, entry.purpose) == ("write", access.actor, "operations")
    assert entry.details["policies"] == ["access-administrator-accounts"]


def test_a_refusal_changes_nothing_and_stays_on_the_ledger(access_for) -> None:
    access = access_for("grid_worker", "care")
    with pytest.raises(Refused, match="not_permitted"):
        actions.create_organisation(access, code="x", name_zh="甲", name_en="A", kind="department")
    assert not Organisation.objects.filter(code="x").exists()
    assert Entry.objects.get(kind="refused").door == "access.create_organisation"


def test_work_and_ledger_row_stand_or_fall_together(access_for) -> None:
    access = access_for("administrator", "operations")
    with pytest.raises(RuntimeError), transaction.atomic():
        actions.create_organisation(access, code="y", name_zh="乙", name_en="B", kind="department")
        raise RuntimeError("the caller's work failed")
    assert not Organisation.objects.filter(code="y").exists()
    assert not Entry.objects.filter(door="access.create_organisation").exists()


def test_a_post_serves_only_its_purposes(access_for) -> None:
    with pytest.raises(Refused, match="purpose_not_for_role"):
        access_for("administrator", "care")


def test_an_ended_post_opens_nothing(access_for) -> None:
    access = access_for("administrator", "operations")
    actions.close_account(access, user=UUID(access.actor))
    with pytest.raises(Refused, match="post_not_held"):
        actions.enter(user=UUID(access.actor), post=access.post, purpose="operations")


def test_an_emergency_opens_and_closes_the_door(access_for, emergency, system_access) -> None:
    access = access_for("emergency_lead", "epidemic_response", emergency=emergency)
    assert queries.mandate(access, id=emergency).in_force
    from wangge.access.vault import vault

    sealed = vault(emergency).seal("李某")
    assert vault(emergency).unseal(sealed) == "李某"
    assert actions.close_mandate(access, id=emergency) is True
    with pytest.raises(KeyDestroyed):
        vault(emergency)
    assert Mandate.objects.get(id=emergency).closed_at is not None


def test_the_second_net_shows_an_emergency_to_no_other_purpose_or_territory(
    access_for, emergency, system_access
) -> None:
    def standing_emergency(access: Access) -> str:
        told = []

        def watch(execute, statement, values, many, context):
            if "wangge.emergency" in statement:
                told.append(values[2])
            return execute(statement, values, many, context)

        with connection.execute_wrapper(watch):
            queries.organisations(access)
        return told[0]

    inside = access_for("epidemiologist", "epidemic_response", emergency=emergency)
    assert standing_emergency(inside) == str(emergency)
    for outside in (
        access_for("dispatcher", "community_service", emergency=emergency),
        access_for("epidemiologist", "epidemic_response", scope="310115", emergency=emergency),
    ):
        assert standing_emergency(outside) == ""
    destroying = system_access("operations", emergency=emergency)
    assert standing_emergency(destroying) == str(emergency), "what is left is destroyed after the end"


def test_an_emergency_without_an_end_or_a_basis_is_refused(access_for) -> None:
    access = access_for("emergency_lead", "epidemic_response")
    now = timezone.now()
    whole = {
        "scope": Interval(1, 2),
        "purposes": ("epidemic_response",),
        "valid_from": now,
        "valid_until": now + timedelta(days=1),
        "legal_basis": "传染病防治法",
    }
    for fault, code in (
        ({"valid_until": now - timedelta(hours=1)}, "end_in_the_past"),
        ({"legal_basis": " "}, "legal_basis_missing"),
        ({"purposes": ()}, "purpose_unknown"),
    ):
        with pytest.raises(BadInput, match=code):
            actions.open_mandate(access, id=uuid4(), **(whole | fault))


def test_no_scope_is_left_standing_in_the_callers_transaction(access_for) -> None:
    queries.organisations(access_for("auditor", "audit"))
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_setting('wangge.lo', true), current_setting('wangge.hi', true)")
        assert cursor.fetchone() in (("", ""), (None, None))


def test_a_policy_that_errs_denies(tmp_path) -> None:
    (tmp_path / "a.cedar").write_text(
        '@id("yes") permit (principal, action, resource);\n'
        '@id("no") forbid (principal, action, resource) when { context.no_such_thing == 1 };\n'
    )
    decision = Judge(PolicyBook(tmp_path)).decide(
        "enter", "house", Circumstances("auditor", "audit", False, False)
    )
    assert not decision.allowed and decision.faulty


def test_every_policy_needs_its_own_id() -> None:
    with pytest.raises(ValueError, match="@id"):
        parse("permit (principal, action, resource);")
    with pytest.raises(ValueError, match="action in"):
        parse('@id("a") permit (principal, action == Action::"read:case", resource);')


def test_the_least_mask_of_all_permits_counts(tmp_path) -> None:
    (tmp_path / "a.cedar").write_text(
        '@id("masked") @obligation("mask:personal,sensitive") permit (principal, action, resource);\n'
        '@id("open") @obligation("mask:sensitive") permit (principal == Role::"auditor", action, resource);\n'
    )
    judge = Judge(PolicyBook(tmp_path))
    assert judge.decide("enter", "house", Circumstances("auditor", "audit", False, False)).masks == {
        Privacy.SENSITIVE
    }
    assert judge.decide("enter", "house", Circumstances("leader", "care", False, False)).masks == {
        Privacy.PERSONAL,
        Privacy.SENSITIVE,
    }


@dataclass(frozen=True, slots=True)
class Someone:
    person_id: UUID = subject()
    name: str = personal(mask="name")
    phone: str = personal(mask="phone")
    illness: str = sensitive()
    family: tuple[Someone, ...] = ()


def test_masking_reaches_inside_and_subjects_are_found() -> None:
    child = Someone(uuid4(), "王小明", "", "哮喘")
    parent = Someone(uuid4(), "王建国", "13812345678", "", (child,))
    shown = masked(parent, frozenset({Privacy.PERSONAL, Privacy.SENSITIVE}))
    assert (shown.name, shown.phone, shown.illness) == ("王**", "138****5678", "")
    assert (shown.family[0].name, shown.family[0].illness) == ("王**", "***")
    assert subjects_in((parent,)) == [str(parent.person_id), str(child.person_id)]


def test_a_door_takes_access_first_then_keywords() -> None:
    with pytest.raises(TypeError, match="first"):

        @door(reads="thing")
        def wrong(who: Access) -> None: ...

    with pytest.raises(TypeError, match="keywords"):

        @door(reads="thing")
        def loose(access: Access, thing: int) -> None: ...


def test_a_token_stands_for_one_post_and_purpose_until_its_end(access_for) -> None:
    worker = access_for("grid_worker", "care")
    administrator = access_for("administrator", "operations")
    until = timezone.now() + timedelta(hours=1)
    token = actions.issue_token(
        administrator, post=worker.post, purpose="care", label="device", valid_until=until
    )
    entered = actions.enter_with_token(token)
    assert (entered.actor, entered.role, entered.purpose, entered.scope) == (
        worker.actor,
        "grid_worker",
        "care",
        worker.scope,
    )
    with pytest.raises(Refused, match="token_not_valid"):
        actions.enter_with_token(token + "x")
    actions.close_account(administrator, user=UUID(worker.actor))
    with pytest.raises(Refused, match="token_not_valid"):
        actions.enter_with_token(token)
