"""Organisations, the catalogue of data sets and the trust in sources as pages."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest
from django.urls import reverse

from tests.console.places import client_of, sound, words
from tests.establishments.test_organisations import BUSINESS, CODE, PROPERTY, told
from wangge.access import actions as access_actions
from wangge.establishments import queries
from wangge.establishments.actions import import_organisations
from wangge.establishments.analysis import link_organisations
from wangge.registry.models import SourceDependence, SourceReliability
from wangge.sources import actions

pytestmark = pytest.mark.django_db


@pytest.fixture
def centre(access_for: Any, system_access: Any, tmp_path: Path, settings: Any) -> Any:
    settings.WANGGE_VAULT = tmp_path / "vault"
    office = access_actions.create_organisation(
        system_access("operations"), code="centre", name_zh="网格中心", name_en="Centre", kind="centre"
    )
    return access_for("data_steward", "registry_maintenance", organisation=office)


def test_an_organisation_shows_every_field_with_who_told_it(
    centre: Any, system_access: Any, access_for: Any, tmp_path: Path, language: str
) -> None:
    rows = link_organisations(told(("market_supervision", BUSINESS), ("property", PROPERTY)), tmp_path / "w")
    import_organisations(system_access("registry_maintenance"), rows=rows, unlocated=120110000000000)
    client = client_of(centre, language)
    assert sound(client.get(reverse("console:organisations"))).count('class="row"') == 3
    found = sound(client.get(reverse("console:organisations"), {"q": "华鑫盛"}))
    assert CODE in found and found.count('class="row"') == 1
    (firm,) = queries.search_entities(centre, text=CODE).rows
    page = sound(client.get(reverse("console:organisation", args=[firm.entity_id])))
    text = words(page)
    assert "周海涛" in text and "华鑫盛商贸" in text
    assert ("与有效代码同行登记" in text) if language == "zh-hans" else ("told beside a valid code" in text)
    masked = client_of(access_for("dispatcher", "case_handling"), language)
    assert "周海涛" not in sound(masked.get(reverse("console:organisation", args=[firm.entity_id])))


def test_the_catalogue_says_whose_a_data_set_is_and_when_the_next_is_due(centre: Any, language: str) -> None:
    empty = words(sound(client_of(centre, language).get(reverse("console:catalogue"))))
    assert (
        ("尚未登记数据资源" in empty) if language == "zh-hans" else ("No data set is registered yet" in empty)
    )
    actions.register_source(
        centre, code="statistics.gdp", name_zh="地区生产总值", name_en="District product",
        organisation=centre.organisation, schema="indicator", division="120110", cycle_days=90,
    )  # fmt: skip
    import io

    file = io.BytesIO("指标名称,统计期,指标值,计量单位\n地区生产总值,2024Q4,318.6,亿元\n".encode())
    batch = actions.receive_file(
        centre, resource="statistics.gdp", filename="g.csv", stream=file, as_of=date(2024, 12, 31)
    )
    actions.confirm_mapping(centre, batch=batch.id)
    assert actions.admit(centre, batch=batch.id).rows_accepted == 1
    page = sound(client_of(centre, language).get(reverse("console:catalogue")))
    text = words(page)
    assert "2024-12-31" in text and "2025-03-31" in text
    assert ("地区生产总值" in text and "逾期" in text) if language == "zh-hans" else ("days late" in text)


def test_trust_shows_how_often_each_source_is_right_and_who_copies(centre: Any, language: str) -> None:
    none = words(sound(client_of(centre, language).get(reverse("console:source_trust"))))
    assert ("尚无结果" in none) if language == "zh-hans" else ("Nothing has been learnt yet" in none)
    SourceReliability.objects.create(source="health", field="phone", judged=1200, share=0.873)
    SourceDependence.objects.create(source="health", other="hotline", share=0.4)
    SourceDependence.objects.create(source="hotline", other="health", share=0.4)
    text = words(sound(client_of(centre, language).get(reverse("console:source_trust"))))
    assert "87.3 %" in text and "40 %" in text and text.count("hotline") == 1
