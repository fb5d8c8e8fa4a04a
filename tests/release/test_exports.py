"""Files that leave through the doors: safe, marked, justified, on the ledger."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass
from uuid import uuid4

import pytest
from openpyxl import load_workbook

from tests.emergencies.conftest import declare, declared
from wangge.emergencies.actions import end_emergency
from wangge.kernel.privacy import Privacy, masked, personal, secret
from wangge.kernel.problems import BadInput, Refused
from wangge.ledger.models import Entry
from wangge.release import actions, queries
from wangge.release.models import Export
from wangge.release.types import Column

pytestmark = pytest.mark.django_db
__all__ = ["declare", "declared"]
EVIL = [
    '=HYPERLINK("http://x")',
    "+1",
    "-1",
    "@SUM(A1)",
    "\t=1",
    "\r=1",
    "＝1",
    "王芳",
    "120110199001010011",
    5,
    None,
]
COLUMNS = [Column("text", "内容"), Column("no", "序号")]
ROWS = [{"text": text, "no": i} for i, text in enumerate(EVIL)]


@dataclass(frozen=True)
class Person:
    name: str = personal(mask="name")


def test_csv_leaves_with_its_mark_and_no_formula(access_for) -> None:
    access = access_for("leader", "case_handling")
    file = actions.export_csv(access, noun="case", title="事件", columns=COLUMNS, rows=ROWS)
    text = file.content.decode("utf-8-sig")
    read = list(csv.reader(io.StringIO(text, newline="")))
    assert read[0] == ["内容", "序号", "导出编号 export", "用途 purpose"]
    assert [row[0] for row in read[1:8]] == ["'" + str(v) for v in EVIL[:7]]
    assert [row[0] for row in read[8:]] == ["王芳", "120110199001010011", "5", ""]
    assert {(row[2], row[3]) for row in read[1:]} == {(str(file.id), "case_handling")}
    assert file.content.startswith(b"\xef\xbb\xbf") and file.filename.endswith(".csv")


def test_a_workbook_holds_text_as_text_and_says_what_it_is(access_for) -> None:
    access = access_for("leader", "case_handling")
    file = actions.export_xlsx(access, noun="case", title="事件[1]", columns=COLUMNS, rows=ROWS)
    book = load_workbook(io.BytesIO(file.content))
    sheet, about = book.worksheets
    assert sheet.title == "事件1"
    kinds = {cell.data_type for row in sheet.iter_rows() for cell in row}
    assert "f" not in kinds
    assert sheet["A2"].value == "'" + EVIL[0]
    assert sheet["A10"].value == "120110199001010011"
    said = {row[0].value: row[1].value for row in about.iter_rows() if row[0].value}
    assert said["导出编号 export"] == str(file.id)
    assert said["留痕序号 ledger entry"] == str(file.ledger_entry)
    assert book.properties.identifier == str(file.id)


def test_what_left_is_on_the_ledger_and_no_copy_is_kept(access_for) -> None:
    access = access_for("leader", "case_handling")
    file = actions.export_csv(access, noun="case", title="事件", columns=COLUMNS, rows=ROWS)
    entry = Entry.objects.get(seq=file.ledger_entry)
    assert entry.details["export"] == str(file.id)
    assert entry.details["count"] == len(ROWS)
    assert "王芳" not in repr(entry.details)
    seen = queries.exports(access_for("auditor", "audit")).rows[0]
    assert (seen.id, seen.rows, seen.purpose, seen.ledger_entry) == (
        file.id,
        len(ROWS),
        "case_handling",
        entry.seq,
    )


def test_people_leave_only_with_a_reason_and_secrets_never(access_for) -> None:
    access = access_for("leader", "care")
    people = [Column("name", "姓名", Privacy.PERSONAL)]
    with pytest.raises(BadInput, match="justification_missing"):
        actions.export_csv(access, noun="person", title="名单", columns=people, rows=[])
    reason = "上门走访需打印纸质名单，用后销毁。"
    with pytest.raises(BadInput, match="secret_column"):
        columns = [*people, Column("token", "令牌", Privacy.SECRET)]
        actions.export_csv(
            access, noun="person", title="名单", columns=columns, rows=[], justification=reason
        )
    with pytest.raises(BadInput, match="columns_missing"):
        actions.export_csv(access, noun="person", title="名单", columns=[], rows=[], justification=reason)
    file = actions.export_csv(
        access, noun="person", title="名单", columns=people, rows=[], justification=reason
    )
    assert file.rows == 0
    assert queries.exports(access_for("auditor", "audit")).rows[0].classes == ("personal",)


def test_a_masked_value_leaves_masked(access_for) -> None:
    seen = masked((Person("欧阳小明"),), frozenset({Privacy.PERSONAL}))
    columns = [Column("name", "姓名", Privacy.PERSONAL)]
    file = actions.export_csv(
        access_for("leader", "care"),
        noun="person",
        title="x",
        columns=columns,
        rows=seen,
        justification="核对名单人数是否一致",
    )
    assert "欧***" in file.content.decode() and "小明" not in file.content.decode()


@pytest.mark.parametrize("role", ["grid_worker", "handler", "administrator"])
def test_roles_that_take_nothing_along(access_for, role) -> None:
    with pytest.raises(Refused):
        actions.export_csv(access_for(role), noun="case", title="x", columns=COLUMNS, rows=ROWS)


def test_an_emergencys_data_leaves_only_while_it_stands(declared, access_for) -> None:
    access = access_for("epidemiologist", emergency=declared)
    file = actions.export_xlsx(access, noun="exposure", title="x", columns=COLUMNS, rows=ROWS)
    words = [
        c.value for row in load_workbook(io.BytesIO(file.content)).worksheets[1].iter_rows() for c in row
    ]
    assert any(str(declared) in str(w) for w in words)
    with pytest.raises(Refused, match="emergency_not_in_force"):
        lead = access_for(
            "leader", "care", emergency=declared
        )  # an emergency that does not name this purpose
        actions.export_csv(lead, noun="exposure", title="x", columns=COLUMNS, rows=ROWS)
    end_emergency(access_for("emergency_lead", emergency=declared), emergency_id=declared)
    with pytest.raises(Refused):
        actions.export_csv(access, noun="exposure", title="x", columns=COLUMNS, rows=ROWS)


def test_exports_page_through_newest_first(access_for) -> None:
    access = access_for("leader", "care")
    made = {
        actions.export_csv(access, noun="n", title=str(uuid4()), columns=COLUMNS, rows=[]).id
        for _ in range(5)
    }
    auditor = access_for("auditor", "audit")
    first = queries.exports(auditor, size=3)
    second = queries.exports(auditor, size=3, after=first.next)
    assert {e.id for e in (*first.rows, *second.rows)} == made
    assert second.next is None


def test_a_column_is_as_private_as_its_view_says_whatever_the_caller_says(access_for) -> None:
    @dataclass(frozen=True)
    class Account:
        name: str = personal(mask="name")
        key: str = secret()

    access = access_for("leader", "case_handling")
    rows = [Account("王芳", "k")]
    with pytest.raises(BadInput, match="justification_missing"):
        actions.export_csv(access, noun="case", title="x", columns=[Column("name", "姓名")], rows=rows)
    with pytest.raises(BadInput, match="secret_column"):
        actions.export_csv(
            access,
            noun="case",
            title="x",
            columns=[Column("key", "密钥")],
            rows=iter(rows),
            justification="核对名单所需，用后即毁",
        )
    file = actions.export_csv(
        access,
        noun="case",
        title="x",
        columns=[Column("name", "姓名")],
        rows=iter(rows),
        justification="核对名单所需，用后即毁",
    )
    assert file.rows == 1
    assert Export.objects.get(id=file.id).classes == ["personal"]
