"""留痕 pages: entries by door, actor, purpose and kind; one entry; the check of the whole chain; refusals."""

from __future__ import annotations

import re
from typing import Any

import pytest

from tests.console.district import District
from tests.console.sound import no_chinese_left, sound, text_of
from tests.duty.test_pages_cases import DATA, PART
from wangge.kernel.units import interval_of
from wangge.ledger import actions, queries
from wangge.ledger.states import Fault
from wangge.office.pages.ledger import FAULTS, scope_code

pytestmark = pytest.mark.django_db
STAFF = ("何审", "周敏", "孙立", "赵工", "马主任")


def test_entries_and_filters(district: District, language: str) -> None:
    client = district.client("auditor", language)
    html = sound(client.get("/ledger/"))
    assert "cases.report" in html and "tasks.create_tasks" in html
    if language == "en":
        assert no_chinese_left(html.partition("<main")[2], *DATA, *STAFF) == ""
    only = sound(client.get("/ledger/?door=cases.report"))
    rows = only.partition('class="rows"')[2]
    assert rows.count("data-select") == 4 and "tasks.create_tasks" not in rows
    assert "data-select" not in sound(client.get("/ledger/?kind=refused"))
    mine = sound(client.get("/ledger/?actor=grid_worker-1")).partition('class="rows"')[2]
    assert "cases.report" in mine and "tasks.appoint" not in mine


def test_an_entry_says_who_what_for_and_what_permitted_it(district: District, language: str) -> None:
    client = district.client("auditor", language)
    html = sound(client.get("/ledger/?door=cases.report"))
    address = re.search(r'href="(/ledger/\d+/)', html)
    assert address
    part = client.get(address[1], headers=PART).content.decode()
    text = text_of(part)
    assert "cases-report" in text and ("刘洋" if language == "zh-hans" else "Liu Yang") in text
    assert ("岗位" if language == "zh-hans" else "Post") in text
    assert f'record="entry:{address[1].split("/")[2]}"' in sound(client.get(address[1]))
    assert client.get("/ledger/999999999/").status_code == 404


def test_the_whole_chain_is_checked_by_a_button(
    district: District, language: str, system_access: Any
) -> None:
    actions.seal_all(system_access())
    client = district.client("auditor", language)
    response = client.post("/ledger/verify/", headers={"HX-Request": "true", "HX-Target": "verification"})
    text = text_of(response.content.decode())
    assert ("链完整无误" if language == "zh-hans" else "The chain holds") in text
    assert "error" not in text and "<html" not in response.content.decode()
    assert sound(client.post("/ledger/verify/")).count('data-tone="good"') == 1
    assert client.get("/ledger/verify/").status_code == 303


def test_nobody_else_reads_the_ledger(district: District) -> None:
    for role in ("dispatcher", "leader", "grid_worker"):
        assert district.client(role).get("/ledger/").status_code == 403
    html = sound(district.client("auditor").get("/"))
    assert "被拒绝" in text_of(html), "refusals are shown to the auditor first"
    assert queries.entries(district.posts["auditor"], kind="refused").rows


@pytest.mark.parametrize("code", ["12", "1201", "120110", "120110001", "120110001005", "120110001005003"])
def test_a_scope_is_said_by_its_code(code: str) -> None:
    held = interval_of(code)
    assert scope_code(held.lo, held.hi) == code
    assert scope_code(held.lo, held.hi - 1 if held.hi > held.lo else held.hi + 1) == ""


def test_every_fault_has_words() -> None:
    assert set(FAULTS) == set(Fault)
