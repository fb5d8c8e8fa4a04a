"""The data-quality pages: a line a source, what to mend first, rows behind figures, and a page with nothing yet."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.test import Client
from django.urls import reverse

from tests.console.places import client_of, sound, words
from tests.office.quality_places import history
from wangge.access import actions as access_actions

pytestmark = pytest.mark.django_db


@pytest.fixture
def centre(access_for, system_access, tmp_path: Path, settings):
    settings.WANGGE_VAULT = tmp_path / "vault"
    office = access_actions.create_organisation(
        system_access("operations"), code="centre", name_zh="网格中心", name_en="Centre", kind="centre"
    )
    return access_for("data_steward", "registry_maintenance", organisation=office)


def test_figures_are_read_by_all_who_may_and_rows_only_by_departments(
    centre, access_for, tmp_path: Path
) -> None:
    """One history, measured once, looked at by a department head in both languages and by a leader."""
    history(tmp_path)
    for language in ("zh-hans", "en"):
        _a_department_head_reads_what_to_mend_and_opens_the_rows(centre, language)
    client: Client = client_of(access_for("leader"))
    assert 'class="card line"' in sound(client.get(reverse("console:quality")))
    page = sound(client.get(reverse("console:source_quality", args=["health"])))
    assert "/rows/1/" not in page
    assert "/aside/" not in page


def _a_department_head_reads_what_to_mend_and_opens_the_rows(centre, language: str) -> None:
    client = client_of(centre, language)
    html = sound(client.get(reverse("console:quality")))
    text = words(html)
    assert html.count('class="card line"') == 3
    assert html.count('<svg class="course"') >= 9
    assert ("最值得先改的三件事" in text) if language == "zh-hans" else ("Worth mending first" in text)
    assert ("逾期" in text) if language == "zh-hans" else ("late" in text)
    assert "→" in text, "what changed since last time"
    page = sound(client.get(reverse("console:source_quality", args=["health"])))
    said = words(page)
    assert ("隔离" in said) if language == "zh-hans" else ("kept aside" in said.lower())
    assert "/aside/?reason=" in page
    assert "/rows/1/" in page
    row = page.split("/rows/1/")[1].split("/")[0]
    batch = page.split("/sources/batches/")[1].split("/")[0]
    sound(client.get(reverse("console:original_row", args=[batch, 1, int(row)])))


def test_before_anything_is_measured_the_page_says_how_to_begin(centre, language: str) -> None:
    text = words(sound(client_of(centre, language).get(reverse("console:quality"))))
    assert ("尚未测量" in text) if language == "zh-hans" else ("Nothing has been measured yet" in text)


def test_a_source_that_is_not_there_is_said_so(centre) -> None:
    assert client_of(centre).get(reverse("console:source_quality", args=["nowhere"])).status_code == 404
