"""An emergency on the screen: declared, filled from files, explained, objected to, ended, certified."""

from __future__ import annotations

import io
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from django.urls import reverse
from django.utils import timezone

from tests.console.places import client_of, posted, sound, words
from tests.flows.test_response import LINE_LIST, MANIFEST
from tests.insight.test_tiers import AREAS, STREET, case
from tests.registry.conftest import told
from tests.registry.telling import valid
from wangge.access import actions as access_actions
from wangge.emergencies import queries as emergency_queries
from wangge.emergencies.states import DataSet
from wangge.insight import queries as insight
from wangge.insight.actions import note_tiers
from wangge.office.store_words import store_word
from wangge.outbreaks import queries
from wangge.outbreaks.types import DayCount
from wangge.release import queries as release
from wangge.screening import queries as screening
from wangge.sources import queries as sources
from wangge.watch.curve import HEIGHT, bars

pytestmark = pytest.mark.django_db
__all__ = ["told"]
TERMS = {
    "name": "东丽区新冠疫情", "law": "infectious_diseases", "article": "第五十三条", "area-120110000000": "level_2",
    "purposes": ["epidemic_response", "care"], "data_sets": ["line_list", "manifest", "household", "registry_facts"],
    "instrument": "津丽疫指〔2026〕3号",
}  # fmt: skip


def until() -> str:
    return (timezone.localtime() + timedelta(days=30)).strftime("%Y-%m-%dT%H:%M")


@pytest.fixture
def office(system_access, tmp_path, settings) -> UUID:
    settings.WANGGE_VAULT = tmp_path / "vault"
    return access_actions.create_organisation(
        system_access("operations"), code="cdc", name_zh="疾控", name_en="CDC", kind="department"
    )


@pytest.fixture
def lead(access_for, office):
    return access_for("emergency_lead", "epidemic_response", organisation=office)


@pytest.fixture
def declared_id(lead, declare_over) -> UUID:
    return declare_over(lead)


@pytest.fixture
def declare_over():
    from wangge.emergencies.states import Law, ResponseLevel
    from wangge.flows.emergencies import declare

    def make(access: Any, data_sets: tuple[DataSet, ...] = tuple(DataSet)) -> UUID:
        return declare(
            access, name=TERMS["name"], law=Law.INFECTIOUS_DISEASES, article="第五十三条",
            areas={"120110": ResponseLevel.LEVEL_2}, purposes=("epidemic_response", "care"), data_sets=data_sets,
            ends_at=timezone.now() + timedelta(days=30),
        ).id  # fmt: skip

    return make


def bring_in(browser: Any, emergency: UUID, access: Any, schema: str, text: str) -> str:
    """A list all its way, by the buttons alone; gives the last page."""
    file = io.BytesIO(text.encode())
    file.name = f"{schema}.csv"
    html = sound(
        posted(
            browser, reverse("console:emergency_lists", args=[emergency]), {"schema": schema, "file": file}
        )
    )
    batch = sources.batches(access).rows[0]
    assert reverse("console:batch_mapping", args=[batch.id]) in html
    fields = {
        f"c-{s.number}-{c.index}": c.column or ""
        for s in sources.sheets(access, batch=batch.id)
        for c in s.columns
    }
    html = sound(
        posted(browser, reverse("console:batch_mapping", args=[batch.id]), {**fields, "then": "admit"})
    )
    onward = reverse("console:emergency_take_in", args=[emergency, batch.id])
    assert onward in html
    return sound(posted(browser, onward, {}))


def test_terms_that_are_missing_are_said_first(lead, language: str) -> None:
    browser = client_of(lead, language)
    href = reverse("console:emergency_declare")
    assert 'type="datetime-local"' in sound(browser.get(href))
    empty = browser.post(href, {})
    assert empty.status_code == 400
    html = sound(empty)
    assert 'href="#id_ends_at"' in html and 'href="#id_article"' in html
    nowhere = {k: v for k, v in TERMS.items() if not k.startswith("area-")} | {"ends_at": until()}
    assert 'href="#areas"' in sound(browser.post(href, nowhere))
    assert emergency_queries.emergencies(lead) == ()


def test_a_narrow_declaration_says_what_was_not_looked_for(
    told, lead, access_for, office, declare_over, language: str
) -> None:
    narrow = declare_over(lead, (DataSet.LINE_LIST,))
    doctor = access_for("epidemiologist", "epidemic_response", emergency=narrow, organisation=office)
    said = words(bring_in(client_of(doctor, language), narrow, doctor, "patient", LINE_LIST))
    if language == "zh-hans":
        assert "新增病例 2 例" in said and "未列入“同住人员”" in said and "未列入“乘客名单”" in said
    else:
        assert "2 patients added" in said and "does not name households" in said
    assert queries.emergency_summary(doctor).patients == 2


def test_the_whole_story_by_its_pages(
    told, lead, access_for, system_access, office, declared_id, language: str
) -> None:
    browser = client_of(lead, language)
    emergency = declared_id
    doctor = access_for("epidemiologist", "epidemic_response", emergency=emergency, organisation=office)
    asks = client_of(doctor, language)
    home = words(sound(asks.get("/")))
    assert ("还没有病例一览表" in home) if language == "zh-hans" else ("No line list yet" in home)
    said = words(bring_in(asks, emergency, doctor, "patient", LINE_LIST))
    assert ("新增病例 2 例" in said) if language == "zh-hans" else ("2 patients added" in said)
    html = bring_in(asks, emergency, doctor, "passenger", MANIFEST)
    assert 'class="curve"' in html and 'data-tier="red"' in html
    assert "王建国" in sound(asks.get(reverse("console:patients", args=[emergency])))
    first = queries.patients(doctor).rows[0]
    chain = reverse("console:patient_chain", args=[emergency, first.id])
    assert chain in sound(asks.get(reverse("console:patients", args=[emergency])))
    forward, back = sound(asks.get(chain)), sound(asks.get(chain, {"to": "sources"}))
    assert first.patient_no in forward and first.patient_no in back and forward != back
    named = {"name": "武汉", "division": "420100", "since": "2020-01-01", "ground": "通告"}
    here = reverse("console:emergency_area", args=[emergency])
    assert asks.post(here, named).status_code == 400, "only who leads the emergency names an area"
    leads = access_for("emergency_lead", "epidemic_response", emergency=emergency, organisation=office)
    assert "error-summary" in sound(client_of(leads, language).post(here, {**named, "division": "4"}))
    posted(client_of(leads, language), here, named)
    asks = client_of(doctor, language)
    yesterday = timezone.localdate() - timedelta(days=1)
    guest = f",武汉,{yesterday} 08:00,{yesterday} 20:00,过客,{valid('42010019800101001')}"
    stays = f"场所,所在地区,到达时间,离开时间,姓名,身份证号\n{guest}\n"
    assert "武汉" in bring_in(asks, emergency, doctor, "stay", stays)
    arrived = sound(asks.get(reverse("console:arrivals", args=[emergency])))
    assert ("武汉 12 小时" in arrived) if language == "zh-hans" else ("武汉 12 h" in arrived)
    note_tiers(system_access("epidemic_response", emergency), areas=AREAS, cases=[case(STREET, 1)])
    here = reverse("console:area_tiers", args=[emergency])
    assert here in sound(asks.get(reverse("console:emergency", args=[emergency])))
    street = next(t for t in insight.area_tiers(doctor, emergency_id=emergency) if t.level == "street")
    assert street.name in sound(asks.get(here)) and street.name not in sound(
        asks.get(here, {"colour": "red"})
    )
    why = sound(asks.get(reverse("console:area_tier", args=[emergency, street.division])))
    assert (street.rule_zh if language == "zh-hans" else street.rule_en) in why and "1–7" in words(why)
    assert asks.get(reverse("console:area_tier", args=[emergency, "9"])).status_code == 404
    layer = asks.get(reverse("console:area_tiers_map", args=[emergency]))
    assert layer.headers["Content-Type"] == "application/geo+json"
    contacts = sound(asks.get(reverse("console:contacts", args=[emergency])))
    contact = queries.close_contacts(doctor).rows[0]
    assert reverse("console:contact", args=[emergency, contact.id]) in contacts
    assert (
        "G1709" in sound(asks.get(reverse("console:contact", args=[emergency, contact.id])))
        or contact.matched
    )
    finding = screening.exposure_findings(doctor).rows[0]
    listed = sound(asks.get(reverse("console:exposure_findings"), {"tier": finding.tier}))
    assert reverse("console:exposure_finding", args=[finding.id]) in listed
    record = sound(asks.get(reverse("console:exposure_finding", args=[finding.id])))
    assert finding.rule in record and ("何时改变" if language == "zh-hans" else "Would change it") in record
    layer = asks.get(reverse("console:exposure_areas"))
    assert layer.headers["Content-Type"] == "application/geo+json"
    appeal = reverse("console:finding_appeal", args=[finding.id])
    assert "error-summary" in sound(asks.post(appeal, {"statement": ""}))
    posted(asks, appeal, {"statement": "那天不在车上"})
    decision = reverse("console:finding_decide", args=[finding.id])
    assert asks.post(decision, {"decision": "withdraw", "reason": "x"}).status_code == 400
    browser = client_of(lead, language)
    sound(browser.get(reverse("console:exposure_finding", args=[finding.id])))
    posted(browser, decision, {"decision": "withdraw", "reason": "车票已退"})
    left = screening.exposure_findings(doctor).rows
    assert finding.id not in [f.id for f in left]

    end = reverse("console:emergency_end", args=[emergency])
    assert sound(browser.get(end)).count("<li>") >= 5
    assert browser.post(end, {"name": "别的名字"}).status_code == 400
    assert emergency_queries.emergency(lead, emergency_id=emergency).in_force
    html = sound(posted(browser, end, {"name": TERMS["name"], "reason": "疫情结束"}))
    (certificate,) = release.certificates(lead)
    assert certificate.holds and certificate.signature in html
    stores = [s.store for s in release.certificate(lead, certificate_id=certificate.id).stores]
    assert stores and [s for s in stores if store_word(s) == s] == [], "a store nobody has put into words"
    assert ("签名有效" in html) if language == "zh-hans" else ("Signature holds" in html)
    after = sound(asks.get(reverse("console:emergency", args=[emergency])))
    assert "王建国" not in after and reverse("console:certificate", args=[certificate.id]) in after
    assert asks.get(reverse("console:patients", args=[emergency])).status_code == 403
    assert TERMS["name"] in sound(asks.get(reverse("console:certificates")))


def test_peacetime_staff_see_the_terms_and_nothing_else(lead, declared_id, access_for, language: str) -> None:
    worker = client_of(access_for("grid_worker", "community_service"), language)
    html = sound(worker.get(reverse("console:emergency", args=[declared_id])))
    assert "第五十三条" in html and "id_file" not in html
    assert reverse("console:emergency_end", args=[declared_id]) not in html
    assert (
        worker.post(reverse("console:emergency_end", args=[declared_id]), {"name": TERMS["name"]}).status_code
        == 403
    )
    assert worker.get(reverse("console:patients", args=[declared_id])).status_code == 403
    assert emergency_queries.emergency(lead, emergency_id=declared_id).in_force


def test_an_extension_needs_a_review(lead, declared_id) -> None:
    browser = client_of(lead)
    href = reverse("console:emergency_extend", args=[declared_id])
    later = (timezone.localtime() + timedelta(days=45)).strftime("%Y-%m-%dT%H:%M")
    assert "error-summary" in sound(browser.post(href, {"ends_at": later, "review": "短"}))
    before = emergency_queries.emergency(lead, emergency_id=declared_id).ends_at
    posted(browser, href, {"ends_at": later, "review": "仍有散发病例，需继续追踪密切接触者。"})
    assert emergency_queries.emergency(lead, emergency_id=declared_id).ends_at > before


def test_the_curve_fills_its_frame() -> None:
    day = timezone.localdate()
    drawn = bars([DayCount(day, 4, 1), DayCount(day + timedelta(days=1), 0, 2)])
    assert drawn is not None and drawn.top == 4
    first, second = drawn.bars
    assert (first.onset_h, first.onset_y, second.onset_h) == (HEIGHT, 0, 0)
    assert second.confirmed_h * 2 == HEIGHT
    assert bars([]) is None


def test_care_findings_show_their_reasons(told, access_for, system_access, language: str) -> None:
    from wangge.flows.screening import screen_care

    screen_care()
    worker = access_for("grid_worker", "care")
    browser = client_of(worker, language)
    html = sound(browser.get(reverse("console:care_findings")))
    rows = screening.care_findings(worker).rows
    assert bool(rows) == ('class="row"' in html)
    for row in rows[:1]:
        record = words(sound(browser.get(reverse("console:care_finding", args=[row.id]))))
        assert row.rule in record
    assert browser.get(reverse("console:care_areas")).status_code == 200
    assert browser.get(reverse("console:exposure_findings")).status_code == 403
