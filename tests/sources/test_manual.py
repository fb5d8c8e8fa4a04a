"""The manual page says what the code says; the command does what the page says."""

import io
import json
from pathlib import Path

import pytest
from django.core.management import call_command

from tests.engine.test_rows import GOOD
from tests.sources.receiving import BAD, SECOND, sheet
from wangge.access import actions as access_actions
from wangge_engine.columns import load_schema, schema_names
from wangge_engine.rows.reasons import FLAGS, REASONS

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "sources.md").read_text("utf-8")


def test_every_reason_flag_and_column_stands_in_the_manual():
    for code, words in [*((reason.value, words) for reason, words in REASONS.items()), *FLAGS.items()]:
        assert f"| `{code}` | {words.zh} — {words.en} |" in PAGE
    for name in schema_names():
        told = ", ".join(f"`{column.name}` {column.zh}" for column in load_schema(name).columns)
        assert f"| `{name}` {load_schema(name).zh} | {told} |" in PAGE


def run(*words: str):
    out, err = io.StringIO(), io.StringIO()
    code = 0
    try:
        call_command("sources", *words, stdout=out, stderr=err)
    except SystemExit as stop:
        code = int(stop.code or 0)
    return code, json.loads(out.getvalue()) if out.getvalue() else None, err.getvalue()


@pytest.mark.django_db
def test_a_file_goes_in_from_the_command_line(tmp_path, settings, system_access):
    settings.WANGGE_VAULT = tmp_path / "vault"
    access_actions.create_organisation(
        system_access("operations"), code="housing", name_zh="住建", name_en="Housing", kind="department"
    )
    assert run("register", "h.people", "nobody", "person", "120110")[0] == 2
    assert run("register", "h.people", "housing", "person", "120110")[0] == 0
    assert [entry["code"] for entry in run("list")[1]] == ["h.people"]
    path = tmp_path / "名册.csv"
    path.write_bytes(sheet(GOOD, SECOND, BAD[1]).getvalue())
    code, batch, _ = run("receive", "h.people", str(path), "--as-of", "2026-10-01")
    assert (code, batch["state"], batch["rows_in"]) == (0, "received", 3)
    columns = run("columns", batch["id"])[1][0]["columns"]
    assert [column["column"] for column in columns][:3] == ["record_id", "name", "sex"]
    assert run("confirm", batch["id"], "--column", "x")[0] == 2
    assert run("confirm", batch["id"], "--sheet", "1", "--column", "5=")[1]["state"] == "mapped"
    done = run("admit", batch["id"], "--despite", "test")[1]
    assert (done["state"], done["rows_accepted"], done["rows_quarantined"]) == ("accepted", 2, 1)
    (row,) = run("quarantine", batch["id"])[1]
    assert row["reasons"][0]["code"] == "impossible_date"
    code, _, said = run("correct", row["id"], "--cell", "出生日期=1985-02-30")
    assert code == 2
    assert "仍不能入库" in said
    assert run("correct", row["id"], "--cell", "出生日期=1985-02-28")[1]["rows_accepted"] == 3
    assert run("original", batch["id"], "1", "3")[1]["cells"] == SECOND
    path.write_bytes("姓名,民族\n王芳,汉族\n".encode())
    code, refused, said = run("receive", "h.people", str(path))
    assert (code, refused["state"]) == (2, "refused")
    assert "民族" in said
    assert run("receive", "h.people", str(tmp_path / "没有.csv"))[0] == 2


def test_no_label_says_who_declared_a_value() -> None:
    """A form is filled by a health record, a survey or the person: who told it stands beside the value, not in it."""
    for name in schema_names():
        for column in load_schema(name).columns:
            assert "申报" not in column.zh and "declared" not in column.en.lower(), (name, column.name)
