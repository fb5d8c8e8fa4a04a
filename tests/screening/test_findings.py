"""Findings through their doors: made, explained, renewed, superseded, lapsed, expired, appealed, destroyed."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import connection
from django.utils import timezone

from wangge.emergencies.actions import end_emergency
from wangge.kernel.problems import BadInput, Conflict, NotFound, Refused
from wangge.kernel.units import interval_of
from wangge.screening import actions, queries
from wangge.screening.models import Finding, RulePack
from wangge.screening.states import FindingState, PackKind, Tier

from .conftest import HOME

pytestmark = pytest.mark.django_db
OLD = {"age": 85, "lives_alone": True, "phone_known": True}


def met(days: int, **more) -> dict:
    return {"close_contact_on": timezone.localdate() - timedelta(days=days), **more}


@pytest.fixture
def carer(access_for):
    return access_for("leader", "care")


@pytest.fixture
def machine(system_access):
    return system_access("care", name="screening")


def everything(page_of, access, **filters) -> list:
    rows, after = [], None
    while True:
        page = page_of(access, after=after, **filters)
        rows += page.rows
        if (after := page.next) is None:
            return rows


def test_a_gap_in_care_is_found_in_peacetime_and_explains_itself(machine, carer, table) -> None:
    who = uuid4()
    run = actions.screen_care(machine, table=table({who: OLD}, lives_alone=("民政局", "2026-10-01")))
    assert [(c.kind, c.tier, c.count) for c in run.counts] == [("care", "blue", 1), ("staleness", "blue", 1)]
    row = queries.care_findings(carer, kind=PackKind.CARE).rows[0]
    assert (row.person_id, row.unit_no, row.rule, row.task) == (who, HOME, "care.alone_80", "care_visit")
    detail = queries.care_finding(carer, finding_id=row.id)
    assert "85 周岁" in detail.reasons[0].zh and "85 years" in detail.reasons[0].en
    assert {r.rule for r in detail.priority_reasons} == {"vulnerability.age_80", "vulnerability.lives_alone"}
    used = {f.name: f for f in detail.facts_used}
    assert (used["lives_alone"].value, used["lives_alone"].source, used["lives_alone"].as_of) == (
        "True",
        "民政局",
        "2026-10-01",
    )
    assert detail.change_zh and detail.change_en and detail.pack_source and detail.otherwise is None
    assert detail.finding.expires_at > timezone.now()


def test_exposure_is_graded_under_an_emergency_and_vulnerability_only_moves_it_forward(
    investigator, table
) -> None:
    weak, strong, far = uuid4(), uuid4(), uuid4()
    people = {
        weak: met(2, age=82, illness_declared=True),
        strong: met(2, age=30),
        far: {"general_contact_on": timezone.localdate()},
    }
    run = actions.screen_exposure(investigator, table=table(people))
    assert {(c.kind, c.tier): c.count for c in run.counts} == {
        ("exposure", "red"): 2,
        ("exposure", "yellow"): 1,
    }
    rows = queries.exposure_findings(investigator).rows
    assert [r.person_id for r in rows] == [weak, strong, far]
    assert [r.tier for r in rows] == ["red", "red", "yellow"]
    assert rows[0].priority > rows[1].priority == 0
    assert [r.rule for r in queries.exposure_finding(investigator, finding_id=rows[0].id).reasons] == [
        "exposure.close_contact"
    ]
    assert queries.exposure_findings_of(investigator, person_id=far)[0].tier == "yellow"
    assert queries.exposure_findings(investigator, tier=Tier.YELLOW).rows[0].person_id == far
    units = queries.exposure_counts_by_unit(investigator)
    assert [(u.unit_no, u.red, u.yellow, u.blue) for u in units] == [(HOME, 2, 1, 0)]


def test_screening_again_renews_and_a_changed_fact_supersedes(machine, carer, table) -> None:
    who = uuid4()
    first = actions.screen_care(machine, table=table({who: OLD}), packs=["care"])
    again = actions.screen_care(machine, table=table({who: OLD}), packs=["care"])
    assert (first.added, again.added, again.renewed) == (1, 0, 1)
    before = queries.care_findings(carer).rows[0]
    changed = actions.screen_care(machine, table=table({who: {**OLD, "age": 86}}), packs=["care"])
    assert (changed.added, changed.superseded) == (0, 1)
    after = queries.care_findings(carer).rows
    assert len(after) == 1 and after[0].id != before.id
    past = queries.care_finding(carer, finding_id=after[0].id).history
    assert [(p.id, p.state) for p in past] == [(before.id, FindingState.SUPERSEDED)]
    assert "85" in queries.care_finding(carer, finding_id=before.id).reasons[0].zh


def test_a_finding_lapses_when_nothing_holds_any_more(machine, carer, table) -> None:
    who, other = uuid4(), uuid4()
    actions.screen_care(machine, table=table({who: OLD, other: OLD}), packs=["care"])
    seen = {**OLD, "last_visit_on": timezone.localdate()}
    run = actions.screen_care(machine, table=table({who: seen}), packs=["care"])
    assert run.lapsed == 1
    assert [r.person_id for r in queries.care_findings(carer).rows] == [other]
    moved = actions.screen_care(machine, table=table({who: seen}), packs=["care"], complete=True)
    assert moved.lapsed == 1
    assert queries.care_findings(carer).rows == ()


def test_an_expired_finding_is_shown_nowhere(machine, carer, table, system_access) -> None:
    who = uuid4()
    actions.screen_care(machine, table=table({who: OLD}), packs=["care"])
    over = queries.care_findings(carer).rows[0].id
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT set_config('wangge.lo', '0', true), set_config('wangge.hi', '999999999999999', true),"
            " set_config('wangge.emergency', '', true)"
        )
        cursor.execute("UPDATE screening_finding SET expires_at = now() - interval '1 second'")
    assert queries.care_findings(carer).rows == ()
    assert queries.care_findings_of(carer, person_id=who) == ()
    assert queries.care_counts(carer) == ()
    assert queries.care_counts_by_unit(carer) == ()
    assert actions.expire_findings(system_access("operations")) == 1
    assert queries.care_finding(carer, finding_id=over).finding.state == FindingState.EXPIRED
    assert actions.expire_findings(system_access("operations")) == 0


def test_peacetime_and_emergency_do_not_mix(machine, carer, investigator, table) -> None:
    who = uuid4()
    actions.screen_care(machine, table=table({who: OLD}), packs=["care"])
    actions.screen_exposure(investigator, table=table({who: met(1)}), packs=["exposure"])
    assert [r.kind for r in queries.care_findings(carer).rows] == ["care"]
    assert [r.kind for r in queries.exposure_findings(investigator).rows] == ["exposure"]
    under = queries.exposure_findings(investigator).rows[0].id
    with pytest.raises(NotFound):
        queries.care_finding(carer, finding_id=under)


@pytest.mark.parametrize(
    "role", ["grid_worker", "leader", "dispatcher", "auditor", "administrator", "data_steward"]
)
def test_grades_of_exposure_are_for_investigators_only(declared, access_for, role) -> None:
    with pytest.raises(Refused):
        queries.exposure_findings(access_for(role, emergency=declared))


def test_a_grid_worker_sees_the_own_grid_only(machine, table, access_for) -> None:
    here, there = uuid4(), uuid4()
    actions.screen_care(machine, table=table({here: OLD}), packs=["care"])
    actions.screen_care(machine, table=table({there: OLD}, unit=HOME + 1), packs=["care"])
    worker = access_for("grid_worker", "care", scope=str(HOME))
    assert [r.person_id for r in queries.care_findings(worker).rows] == [here]
    assert queries.care_findings_of(worker, person_id=there) == ()


def test_wrong_packs_people_and_days_are_refused(machine, investigator, table, access_for) -> None:
    who = uuid4()
    with pytest.raises(BadInput, match="pack_not_for_this"):
        actions.screen_care(machine, table=table({who: OLD}), packs=["exposure"])
    with pytest.raises(BadInput, match="pack_not_for_this"):
        actions.screen_exposure(investigator, table=table({who: OLD}), packs=["staleness"])
    with pytest.raises(BadInput, match="person_outside_territory"):
        actions.screen_exposure(investigator, table=table({who: met(1)}, unit=330106001001001))
    with pytest.raises(BadInput, match="pack_not_valid"):
        actions.screen_care(
            machine, table=table({who: OLD}), packs=["care"], on=timezone.localdate().replace(year=2001)
        )
    with pytest.raises(Refused):
        actions.screen_exposure(access_for("epidemiologist"), table=table({who: met(1)}))


def test_pages_go_through_everybody_once_most_pressing_first(investigator, table) -> None:
    people = {uuid4(): met(1, age=20 + i) for i in range(70)} | {
        uuid4(): {"general_contact_on": timezone.localdate(), "age": 30 + i} for i in range(50)
    }
    actions.screen_exposure(investigator, table=table(people), packs=["exposure"])
    rows = everything(queries.exposure_findings, investigator, size=17)
    assert len({r.id for r in rows}) == len(rows) == 120
    order = [(-Tier(r.tier).rank, -r.priority) for r in rows]
    assert order == sorted(order)
    inside = everything(queries.exposure_findings, investigator, within=interval_of("120110001001"))
    assert len(inside) == 120
    assert queries.exposure_findings(investigator, within=interval_of("120110002")).rows == ()


def test_an_appeal_freezes_escalation_and_a_human_decides(declared, investigator, access_for, table) -> None:
    who = uuid4()
    facts = {"general_contact_on": timezone.localdate()}
    actions.screen_exposure(investigator, table=table({who: facts}), packs=["exposure"])
    finding = queries.exposure_findings(investigator).rows[0]
    with pytest.raises(Refused, match="finding_reason_missing"):
        actions.appeal_finding(investigator, finding_id=finding.id, statement=" ")
    actions.appeal_finding(investigator, finding_id=finding.id, statement="当天未乘车，车票已退。")
    worse = actions.screen_exposure(investigator, table=table({who: {**facts, **met(1)}}), packs=["exposure"])
    assert worse.frozen == 1
    assert queries.exposure_findings(investigator).rows[0].tier == "yellow"
    lead = access_for("emergency_lead", emergency=declared)
    with pytest.raises(Refused):
        actions.decide_appeal(investigator, finding_id=finding.id, uphold=False, reason="退票属实")
    actions.decide_appeal(lead, finding_id=finding.id, uphold=False, reason="退票属实")
    assert queries.exposure_findings(investigator).rows == ()
    appeal = queries.exposure_finding(investigator, finding_id=finding.id).appeals[0]
    assert (appeal.statement, appeal.decision, appeal.reason) == (
        "当天未乘车，车票已退。",
        "withdraw",
        "退票属实",
    )
    same = actions.screen_exposure(investigator, table=table({who: facts}), packs=["exposure"])
    assert same.added == 0
    new = actions.screen_exposure(investigator, table=table({who: met(0)}), packs=["exposure"])
    assert new.added == 1


def test_whoever_took_the_appeal_in_does_not_decide_it(declared, investigator, access_for, table) -> None:
    actions.screen_exposure(investigator, table=table({uuid4(): met(1)}), packs=["exposure"])
    finding = queries.exposure_findings(investigator).rows[0]
    lead = access_for("emergency_lead", emergency=declared)
    actions.appeal_finding(lead, finding_id=finding.id, statement="座位信息有误。")
    with pytest.raises(Refused, match="own_appeal"):
        actions.decide_appeal(lead, finding_id=finding.id, uphold=True, reason="维持")
    other = access_for("emergency_lead", emergency=declared)
    actions.decide_appeal(other, finding_id=finding.id, uphold=True, reason="核对无误")
    assert queries.exposure_findings(investigator).rows[0].state == FindingState.OPEN


def test_a_pack_changed_without_a_new_version_is_refused(machine, table) -> None:
    from wangge.screening.library import keep
    from wangge.screening.rules.packs import read_pack, shipped

    actions.screen_care(machine, table=table({uuid4(): OLD}), packs=["care"])
    assert RulePack.objects.filter(code="care").get().digest == shipped()["care"].digest
    altered = read_pack(
        shipped()["care"].text.replace("days_since(last_visit_on) > 7", "days_since(last_visit_on) > 8")
    )
    with pytest.raises(Conflict, match="pack_changed_without_version"):
        keep(altered)


def test_rules_are_open_to_all_staff_and_runs_hold_counts_only(machine, table, access_for) -> None:
    run = actions.screen_care(machine, table=table({uuid4(): OLD}), packs=["care"])
    access = access_for("auditor", "audit")
    assert {p.kind for p in queries.rule_packs(access)} == set(PackKind)
    assert queries.screening_runs(access)[0] == run


def test_destroying_an_emergency_takes_its_findings_and_leaves_peacetime(
    declared, investigator, machine, table, access_for, system_access
) -> None:
    who = uuid4()
    actions.screen_care(machine, table=table({who: OLD}), packs=["care"])
    actions.screen_exposure(investigator, table=table({who: met(1)}), packs=["exposure"])
    finding = queries.exposure_findings(investigator).rows[0]
    actions.appeal_finding(investigator, finding_id=finding.id, statement="不认可")
    system = system_access("operations", declared)
    with pytest.raises(Conflict, match="emergency_still_active"):
        actions.destroy_emergency(system, emergency=declared)
    end_emergency(access_for("emergency_lead", emergency=declared), emergency_id=declared)
    counts = {s.store: s.count for s in actions.destroy_emergency(system, emergency=declared)}
    assert counts == {"screening.appeal": 1, "screening.finding": 1, "screening.screeningrun": 1}
    assert len(queries.care_findings(access_for("leader", "care")).rows) == 1
    with pytest.raises(Refused, match="emergency_not_in_force"):
        queries.exposure_findings(investigator)


def test_nothing_about_a_person_stands_readable_in_the_table(investigator, table) -> None:
    who = uuid4()
    actions.screen_exposure(investigator, table=table({who: met(1)}, close_contact_on=("标记来源", "2026")))
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT set_config('wangge.lo', '0', true), set_config('wangge.hi', '999999999999999', true),"
            " set_config('wangge.emergency', %s, true)",
            [str(investigator.emergency)],
        )
        cursor.execute("SELECT string_agg(f::text, '') FROM screening_finding f")
        stored = cursor.fetchone()[0]
    for mark in (str(who), who.hex, "标记来源"):
        assert mark not in stored and mark.encode().hex() not in stored


def test_the_database_refuses_red_in_peacetime(machine, table) -> None:
    from django.db import IntegrityError, transaction

    actions.screen_care(machine, table=table({uuid4(): OLD}), packs=["care"])
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT set_config('wangge.lo', '0', true), set_config('wangge.hi', '999999999999999', true),"
            " set_config('wangge.emergency', '', true)"
        )
    with pytest.raises(IntegrityError, match="red_and_yellow"), transaction.atomic():
        Finding.objects.update(tier="red")
