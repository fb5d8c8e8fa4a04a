"""The way in on the screen: a file, its columns, its rows, what is kept aside, and a row as it came."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from tests.console.places import HEADERS, client_of, posted, sound, table, words
from wangge.access import actions as access_actions
from wangge.linkage.queries import linkage_runs
from wangge.sources import actions, queries
from wangge.sources.states import BatchState, RowState

pytestmark = pytest.mark.django_db
GOOD = ["R1", "王建国", "男", "1985-03-12", "", "13812345678", "嘉春园12-3-502"]
IMPOSSIBLE = ["R9", "赵敏", "女", "1985-02-30", "", "", ""]
TOTAL = ["合计", "2", "", "", "", "", ""]


@pytest.fixture
def steward(access_for, system_access, tmp_path, settings):
    settings.WANGGE_VAULT = tmp_path / "vault"
    office = access_actions.create_organisation(
        system_access("operations"), code="housing", name_zh="住建委", name_en="Housing", kind="department"
    )
    return access_for("data_steward", "registry_maintenance", organisation=office)


@pytest.fixture
def resource(steward):
    return actions.register_source(
        steward, code="housing", name_zh="房屋居住登记", name_en="Dwellers", organisation=steward.organisation,
        schema="person", division="120110",
    )  # fmt: skip


@pytest.fixture
def browser(steward, resource, language: str) -> Client:
    return client_of(steward, language)


def send(client: Client, resource: Any, *rows: list[str], headers: list[str] = HEADERS) -> Any:
    file = table(*rows, headers=headers)
    return posted(client, reverse("console:source_upload"), {"resource": str(resource), "file": file})


def test_a_file_goes_in_by_its_pages(browser: Client, steward, resource, language: str) -> None:
    html = sound(send(browser, resource, GOOD, IMPOSSIBLE, TOTAL))
    assert ("身份证号" in html) and 'class="samples"' in html
    (batch,) = queries.batches(steward).rows
    assert batch.state is BatchState.RECEIVED
    assert "13812345678" not in html, "samples are masked for everybody"
    page = sound(browser.get(reverse("console:batch", args=[batch.id])))
    assert "<select" in page and 'value="name" selected' in page
    sheet = queries.sheets(steward, batch=batch.id)[0]
    fields = {f"c-{sheet.number}-{c.index}": c.column or "" for c in sheet.columns}
    done = posted(browser, reverse("console:batch_mapping", args=[batch.id]), {**fields, "then": "admit"})
    sound(done)
    admitted = queries.batch(steward, batch=batch.id)
    assert (admitted.state, admitted.rows_accepted, admitted.rows_quarantined) == (BatchState.ACCEPTED, 1, 2)
    said = words(done.content.decode())
    assert ("已入库" in said) if language == "zh-hans" else ("1 row admitted." in said)


def admitted(steward: Any, resource: Any) -> Any:
    batch = actions.receive_file(
        steward, resource=resource, filename="名册.csv", stream=table(GOOD, IMPOSSIBLE, TOTAL)
    )
    actions.confirm_mapping(steward, batch=batch.id)
    return actions.admit(steward, batch=batch.id)


def test_a_stopped_column_is_named_and_the_same_file_changes_nothing(
    browser: Client, steward, resource, language: str
) -> None:
    html = sound(send(browser, resource, [*GOOD, "汉族"], headers=[*HEADERS, "民族"]))
    assert "民族" in html and "error-summary" in html
    assert [b.state for b in queries.batches(steward).rows] == [BatchState.REFUSED]
    send(browser, resource, GOOD)
    again = words(sound(send(browser, resource, GOOD)))
    assert ("此文件先前已经收到" in again) if language == "zh-hans" else ("was here before" in again)
    assert len(queries.batches(steward).rows) == 2


def test_a_form_without_a_file_says_so_first(browser: Client, language: str) -> None:
    response = browser.post(reverse("console:source_upload"), {"resource": ""})
    assert response.status_code == 400
    html = sound(response)
    assert 'href="#id_file"' in html and 'href="#id_resource"' in html


def test_a_row_kept_aside_is_put_right_in_place(browser: Client, steward, resource) -> None:
    batch = admitted(steward, resource)
    href = reverse("console:quarantine", args=[batch.id])
    html = sound(browser.get(href))
    assert "赵敏" in html and "合计" in html
    rows = queries.quarantine(steward, batch=batch.id).rows
    wrong = next(r for r in rows if "赵敏" in r.cells)
    filtered = sound(browser.get(href, {"reason": wrong.reasons[0].code}))
    assert "赵敏" in filtered and '<span class="cell">合计</span>' not in filtered
    cells = {f"cell-{n}": text for n, text in enumerate(wrong.cells)} | {"header": list(wrong.headers)}
    address = reverse("console:quarantine_correct", args=[batch.id, wrong.id])
    still = browser.post(address, cells)
    assert still.status_code == 400
    assert "error-summary" in sound(still)
    birth = wrong.headers.index("出生日期")
    browser.post(address, cells | {f"cell-{birth}": "1985-02-28"})
    assert queries.batch(steward, batch=batch.id).rows_accepted == 2
    total = next(r for r in rows if "合计" in r.cells)
    aside = reverse("console:quarantine_dismiss", args=[batch.id, total.id])
    assert "error-summary" in sound(browser.post(aside, {"reason": ""}))
    browser.post(aside, {"reason": "合计行"})
    assert [r.id for r in queries.quarantine(steward, batch=batch.id, state=RowState.DISMISSED).rows] == [
        total.id
    ]
    assert queries.quarantine(steward, batch=batch.id).rows == ()


def test_a_row_is_shown_as_it_came(browser: Client, steward, resource) -> None:
    batch = admitted(steward, resource)
    html = sound(browser.get(reverse("console:original_row", args=[batch.id, 1, 2])))
    assert "13812345678" in html and "家庭住址" in html
    assert browser.get(reverse("console:original_row", args=[batch.id, 1, 99])).status_code == 404


def test_a_wrong_column_is_corrected_after_judging(browser: Client, steward, resource) -> None:
    batch = admitted(steward, resource)
    sheet = queries.sheets(steward, batch=batch.id)[0]
    fields = {f"c-{sheet.number}-{c.index}": c.column or "" for c in sheet.columns}
    phone = next(k for k, v in fields.items() if v == "phone")
    browser.post(reverse("console:batch_mapping", args=[batch.id]), {**fields, phone: "", "then": "admit"})
    after = queries.batch(steward, batch=batch.id)
    assert (after.state, after.revision) == (BatchState.ACCEPTED, batch.revision + 1)
    twice = browser.post(reverse("console:batch_mapping", args=[batch.id]), {**fields, phone: "name"})
    assert twice.status_code == 400 and f'href="#{phone}"' in sound(twice)


def test_the_list_tells_the_steward_what_waits(browser: Client, steward, resource, language: str) -> None:
    send(browser, resource, GOOD)
    page = sound(browser.get(reverse("console:sources")))
    assert 'class="badge" data-tone="waiting"' in page
    home = words(sound(browser.get("/")))
    assert ("请确认各列" in home) if language == "zh-hans" else ("Say what its columns are" in home)


def test_linking_is_asked_for_once(browser: Client, steward) -> None:
    assert browser.post(reverse("console:source_link")).status_code == 303
    (run,) = linkage_runs(steward)
    assert run.state == "waiting"
    assert browser.post(reverse("console:source_link")).status_code == 409
    assert len(linkage_runs(steward)) == 1


def test_a_table_is_registered_by_its_own_department_only(browser: Client, steward, system_access) -> None:
    href = reverse("console:source_register")
    assert "id_schema" in sound(browser.get(href))
    told = {
        "name_zh": "名册", "name_en": "List", "code": "people_list", "schema": "person", "division": "120110",
        "organisation": str(steward.organisation),
    }  # fmt: skip
    assert browser.post(href, told).status_code == 303
    assert "people_list" in [r.code for r in queries.sources(steward)]
    other = access_actions.create_organisation(
        system_access("operations"), code="x", name_zh="他", name_en="Other", kind="department"
    )
    assert browser.post(href, {**told, "code": "other_list", "organisation": str(other)}).status_code == 400


def test_who_may_not_bring_in_is_not_offered_it(access_for, steward, resource) -> None:
    auditor = client_of(access_for("auditor", "audit"))
    html = sound(auditor.get(reverse("console:sources")))
    assert "id_file" not in html
    file = table(GOOD)
    refused = auditor.post(reverse("console:source_upload"), {"resource": str(resource), "file": file})
    assert refused.status_code in (400, 403)
    worker = client_of(access_for("grid_worker", "community_service"))
    assert worker.get(reverse("console:sources")).status_code == 403
