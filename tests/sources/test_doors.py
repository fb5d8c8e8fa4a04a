"""The way in: a file becomes a batch, a mapping is confirmed, rows are judged, nothing is lost or doubled."""

import datetime as dt
import io

import openpyxl
import pytest

from tests.engine.test_rows import GOOD, HEADERS
from tests.sources.receiving import BAD, SECOND, accept, files, receive, sheet, steward_system
from wangge.access import actions as access_actions
from wangge.kernel.problems import BadInput, Conflict, NotFound, Refused
from wangge.kernel.units import interval_of
from wangge.sources import actions, queries
from wangge.sources.models import Batch, Mapping, Part, QuarantinedRow
from wangge.sources.states import BatchState, RowState
from wangge.sources.store import store

pytestmark = pytest.mark.django_db


def test_the_way_of_a_file(house, system_access, django_capture_on_commit_callbacks):
    steward, _resource = house
    batch = receive(house, sheet(GOOD, SECOND, *BAD), as_of=dt.date(2026, 10, 1))
    assert (batch.state, batch.media, batch.rows_in, batch.filename) == (
        BatchState.RECEIVED,
        "csv",
        5,
        "名册.csv",
    )
    (found,) = queries.sheets(steward, batch=batch.id)
    assert [c.column for c in found.columns] == [
        "record_id",
        "name",
        "sex",
        "birth",
        "id_no",
        "phone",
        "address",
    ]
    assert all(c.confidence > 0.4 and c.reason_zh and c.reason_en for c in found.columns)
    samples = [text for c in found.columns for text in c.samples]
    assert samples
    assert not {GOOD[1], GOOD[4], GOOD[5], GOOD[6], "李伟"} & set(samples), "samples are masked for everyone"

    assert actions.confirm_mapping(steward, batch=batch.id).state is BatchState.MAPPED
    judged = actions.admit(steward, batch=batch.id, despite="三行不是记录")
    assert judged.state is BatchState.ACCEPTED
    assert (judged.rows_in, judged.rows_accepted, judged.rows_quarantined) == (5, 2, 3)

    page = queries.quarantine(steward, batch=batch.id)
    assert [(row.row_no, row.reasons[0].code) for row in page.rows] == [
        (4, "no_name_no_id"),
        (5, "impossible_date"),
        (6, "footer_row"),
    ]
    assert page.rows[1].cells == tuple(BAD[1])
    assert page.rows[1].headers == HEADERS
    assert all(reason.zh and reason.en for row in page.rows for reason in row.reasons)

    rows = queries.accepted_rows(system_access("registry_maintenance"), batch=batch.id)
    assert (rows.rows, rows.resource_code, rows.as_of_on) == (2, "housing.people", dt.date(2026, 10, 1))
    frame = rows.frame()
    assert frame["name"].to_list() == ["王芳", "李伟"]
    assert frame["birth"].to_list() == [dt.date(1985, 3, 12), dt.date(1990, 7, 1)]
    columns = queries.accepted_columns(steward, schema="person")
    assert [name for name, _ in columns] == frame.columns

    original = queries.original_row(steward, batch=batch.id, sheet_no=1, row_no=3)
    assert (original.cells, original.headers, original.filename) == (tuple(SECOND), HEADERS, "名册.csv")
    assert queries.original_row(steward, batch=batch.id, sheet_no=1, row_no=6).cells == tuple(BAD[2])


def test_a_corrected_row_comes_in_at_its_place(house, system_access, django_capture_on_commit_callbacks):
    steward, _ = house
    batch = accept(house, GOOD, *BAD, SECOND)
    held = queries.quarantine(steward, batch=batch.id).rows
    with pytest.raises(BadInput) as caught:
        actions.correct_quarantined(steward, row=held[1].id, cells={"出生日期": "1985-02-31"})
    assert caught.value.code == "row_still_cannot_stand"
    with pytest.raises(BadInput):
        actions.correct_quarantined(steward, row=held[1].id, cells={"没有的列": "x"})
    before = len(files())
    with django_capture_on_commit_callbacks(execute=True):
        after = actions.correct_quarantined(steward, row=held[1].id, cells={"出生日期": "1985-02-28"})
    assert len(files()) == before, "the part it replaced is gone"
    assert (after.rows_accepted, after.rows_quarantined, after.revision) == (3, 2, 2)
    frame = queries.accepted_rows(system_access("registry_maintenance"), batch=batch.id).frame()
    assert frame["row_no"].to_list() == [2, 4, 6]
    row = frame.filter(frame["row_no"] == 4).to_dicts()[0]
    assert (row["name"], row["birth"], row["flags"]) == ("赵敏", dt.date(1985, 2, 28), ["corrected"])
    with pytest.raises(Conflict):
        actions.correct_quarantined(steward, row=held[1].id, cells={"出生日期": "1985-02-27"})
    with pytest.raises(Refused):
        actions.dismiss_quarantined(steward, row=held[2].id, reason=" ")
    actions.dismiss_quarantined(steward, row=held[2].id, reason="合计行")
    left = queries.quarantine(steward, batch=batch.id, state=None).rows
    assert [row.state for row in left] == [RowState.HELD, RowState.READMITTED, RowState.DISMISSED]


def test_the_same_file_again_changes_nothing(house):
    steward, resource = house
    first = accept(house, GOOD, SECOND)
    kept = len(files())
    again = receive(house, sheet(GOOD, SECOND), "改了名字.csv")
    assert again.again
    assert (again.id, again.state, again.rows_accepted) == (first.id, BatchState.ACCEPTED, 2)
    assert (Batch.objects.count(), len(files())) == (0, kept), "no scope stands outside the doors"
    assert len(queries.batches(steward, resource=resource).rows) == 1


def test_a_form_seen_before_is_mapped_at_once(house):
    steward, _ = house
    first = receive(house, sheet(GOOD))
    actions.confirm_mapping(steward, batch=first.id, columns={5: None})
    second = receive(house, sheet(GOOD, SECOND))
    assert second.state is BatchState.MAPPED
    (found,) = queries.sheets(steward, batch=second.id)
    assert found.remembered
    assert found.columns[5].column is None
    other = receive(house, sheet(GOOD, headers=("编号2", *HEADERS[1:])))
    assert other.state is BatchState.RECEIVED


def test_an_updated_file_tells_what_is_unchanged_and_what_is_repeated(house, system_access):
    accept(house, GOOD, SECOND)
    moved = [*SECOND[:-1], "嘉春园9-9-999"]
    batch = accept(house, GOOD, GOOD, moved, ["R3", "孙丽", "女", "1970-01-02", "", "", ""])
    assert (batch.rows_in, batch.rows_accepted, batch.rows_repeated, batch.rows_unchanged) == (4, 3, 1, 1)
    frame = queries.accepted_rows(system_access("registry_maintenance"), batch=batch.id).frame()
    assert frame["unchanged"].to_list() == [True, False, False]
    latest = queries.latest_accepted(system_access("registry_maintenance"), schema="person")
    assert [rows.batch for rows in latest] == [batch.id]


def test_a_record_number_that_stands_twice_is_told_apart(house, monkeypatch):
    monkeypatch.setattr("wangge.sources.intake.PART_ROWS", 2)
    batch = accept(
        house,
        GOOD,
        ["R1", *SECOND[1:]],
        ["R1", "孙丽", "女", "1970-01-02", "", "", ""],
        ["R2", "周兰", "女", "", "", "", ""],
    )
    frame = queries.accepted_rows(steward_system(house), batch=batch.id).frame()
    assert frame["record_id"].to_list() == ["R1", "R1~1:3", "R1~1:4", "R2"]
    assert [
        bool(flags and "record_id_repeated:record_id" in flags) for flags in frame["flags"].to_list()
    ] == [False, True, True, False]


def test_a_mapping_put_right_judges_all_rows_anew(house, system_access, django_capture_on_commit_callbacks):
    steward, _ = house
    batch = receive(house, sheet(GOOD, SECOND, *BAD))
    actions.confirm_mapping(steward, batch=batch.id, columns={3: None})
    judged = actions.admit(steward, batch=batch.id, despite="test")
    assert (judged.rows_accepted, judged.rows_quarantined) == (3, 2)
    (nameless, _) = queries.quarantine(steward, batch=batch.id).rows
    actions.correct_quarantined(steward, row=nameless.id, cells={"姓名": "钱进"})
    with django_capture_on_commit_callbacks(execute=True):
        again = actions.correct_mapping(steward, batch=batch.id, sheet=1, columns={3: "birth"})
    assert (again.state, again.revision, again.rows_accepted) == (BatchState.MAPPED, 3, 0)
    judged = actions.admit(steward, batch=batch.id, despite="test")
    assert (judged.rows_accepted, judged.rows_quarantined) == (3, 2)
    frame = queries.accepted_rows(system_access("registry_maintenance"), batch=batch.id).frame()
    assert frame["name"].to_list() == ["王芳", "李伟", "钱进"]
    assert frame["birth"].null_count() == 0
    assert frame["flags"].to_list()[2] == ["corrected"]

    with django_capture_on_commit_callbacks(execute=True):
        actions.correct_mapping(steward, batch=batch.id, sheet=1, columns={1: None})
    judged = actions.admit(steward, batch=batch.id, despite="test")
    waiting = queries.quarantine(steward, batch=batch.id).rows
    assert judged.rows_in == judged.rows_accepted + judged.rows_quarantined
    assert judged.rows_quarantined == len(waiting), "the corrected row waits again: it has no name any more"
    assert nameless.id in {row.id for row in waiting}


@pytest.mark.parametrize(
    ("columns", "code"),
    [({0: "nation"}, "canonical_column_unknown"), ({0: "name"}, "column_given_twice"), ({1: None, 4: None}, "needed_column_missing"), ({77: "name"}, "column_index_unknown")],
)  # fmt: skip
def test_a_mapping_that_cannot_be_is_told(house, columns, code):
    steward, _ = house
    batch = receive(house, sheet(GOOD))
    with pytest.raises(BadInput) as caught:
        actions.confirm_mapping(steward, batch=batch.id, columns=columns)
    assert caught.value.code == code
    assert queries.batch(steward, batch=batch.id).state is BatchState.RECEIVED


def test_a_wrong_mapping_shows_as_a_batch_that_waits(house):
    steward, _ = house
    batch = receive(house, sheet(*[[f"R{n}", "", "男", "", "", "", ""] for n in range(8)], GOOD))
    actions.confirm_mapping(steward, batch=batch.id)
    waiting = actions.admit(steward, batch=batch.id)
    assert (waiting.state, waiting.rows_quarantined) == (BatchState.VALIDATED, 8)
    with pytest.raises(Conflict):
        queries.accepted_rows(steward_system(house), batch=batch.id)
    assert actions.admit(steward, batch=batch.id, despite="确实没有姓名").state is BatchState.ACCEPTED


def test_a_file_shifted_by_one_column_is_stopped_with_its_place(house):
    steward, _ = house
    rows = [[f"R{n}", "", *GOOD[1:6]] for n in range(24)]
    batch = receive(house, sheet(*rows))
    chosen = dict(enumerate(("record_id", "name", "sex", "birth", "id_no", "phone")))
    actions.confirm_mapping(steward, batch=batch.id, columns={**chosen, 6: "address"})
    with pytest.raises(BadInput, match="columns_shifted") as stopped:
        actions.admit(steward, batch=batch.id, despite="无论如何")
    assert (
        "身份证号" in stopped.value.place
        and "出生日期" in stopped.value.zh
        and "telephone" in stopped.value.en
    )
    assert queries.batch(steward, batch=batch.id).rows_accepted == 0
    fewer = receive(house, sheet(GOOD, *rows[:9]), name="少.csv")
    kept = actions.admit(steward, batch=fewer.id, despite="少量错位")
    assert (kept.rows_accepted, kept.rows_quarantined) == (1, 9), "single rows are kept aside, not the table"


@pytest.mark.parametrize(
    ("header", "cells", "kind"),
    [("民族", ["汉族", "汉族"], "ethnicity"), ("备注", ["汉族", "回族", "汉族", "汉族"], "ethnicity"), ("标注", ["党员", "群众", "群众", "团员"], "politics"), ("照片", ["", ""], "biometrics")],
)  # fmt: skip
def test_a_refused_column_stops_the_whole_file_and_nothing_of_it_is_kept(house, header, cells, kind):
    steward, _ = house
    rows = [[*GOOD, cell] for cell in cells]
    batch = receive(house, sheet(*rows, headers=(*HEADERS, header)))
    assert batch.state is BatchState.REFUSED
    assert batch.problem.code == f"column_refused_{kind}"
    assert header in batch.problem.zh
    assert header in batch.problem.en
    assert batch.problem.place == f"名册.csv / 名册 / {header}"
    assert files() == []
    assert queries.sheets(steward, batch=batch.id) == ()
    with pytest.raises(Conflict):
        actions.confirm_mapping(steward, batch=batch.id)
    clean = receive(house, sheet(GOOD))
    assert clean.state is BatchState.RECEIVED


@pytest.mark.parametrize(
    ("raw", "code"),
    [(b"", "file_empty"), ("姓名,电话\n王芳,1".encode() + b"\xff\xff", "encoding_broken"), (b"%PDF-1.4", "not_a_table"), ("姓名,电话\n".encode(), "no_rows"), ("只有一句话。".encode(), "header_not_found")],
)  # fmt: skip
def test_a_file_that_cannot_be_read_becomes_a_refused_batch_that_says_why(house, raw, code):
    batch = receive(house, io.BytesIO(raw))
    assert (batch.state, batch.problem.code) == (BatchState.REFUSED, code)
    assert batch.problem.zh and batch.problem.en
    assert files() == []


def test_several_sheets_with_their_own_headers(house):
    steward, _ = house
    book = openpyxl.Workbook()
    book.active.title = "说明"
    book.active["A1"] = "请勿修改表头"
    for title, head in {
        "一组": HEADERS,
        "二组": HEADERS,
        "三组": ("老人姓名", "身份证号", "是否独居"),
    }.items():
        page = book.create_sheet(title)
        page.append(head)
        page.append(GOOD if len(head) == 7 else ["周兰", GOOD[4], "是"])
    out = io.BytesIO()
    book.save(out)
    out.seek(0)
    batch = receive(house, out, "名册.xlsx")
    found = queries.sheets(steward, batch=batch.id)
    assert [(s.number, s.name, s.table, s.rows) for s in found] == [
        (1, "说明", False, 0),
        (2, "一组", True, 1),
        (3, "二组", True, 1),
        (4, "三组", True, 1),
    ]
    half = actions.confirm_mapping(steward, batch=batch.id, sheet=2)
    assert half.state is BatchState.RECEIVED, "sheet 4 has another header"
    assert [s.mapping for s in queries.sheets(steward, batch=batch.id)] == [None, 1, 1, None]
    assert actions.confirm_mapping(steward, batch=batch.id, sheet=4).state is BatchState.MAPPED
    judged = actions.admit(steward, batch=batch.id)
    assert (judged.rows_accepted, judged.rows_repeated) == (2, 1)
    frame = queries.accepted_rows(steward_system(house), batch=batch.id).frame()
    assert frame["lives_alone"].to_list() == [None, True]


def test_a_batch_is_judged_part_by_part_and_goes_on_where_it_was(house, monkeypatch):
    monkeypatch.setattr("wangge.sources.intake.PART_ROWS", 2)
    steward, _ = house
    rows = [[f"R{n}", f"王{n}", "男", "1980-01-01", "", "", ""] for n in range(5)]
    batch = receive(house, sheet(*rows, BAD[1]))
    actions.confirm_mapping(steward, batch=batch.id)
    first = actions.admit(steward, batch=batch.id, parts=1)
    assert (first.state, first.rows_accepted) == (BatchState.MAPPED, 2)
    second = actions.admit(steward, batch=batch.id, parts=1)
    assert (second.state, second.rows_accepted) == (BatchState.MAPPED, 4)
    done = actions.admit(steward, batch=batch.id)
    assert (done.state, done.rows_accepted, done.rows_quarantined) == (BatchState.ACCEPTED, 5, 1)
    frame = queries.accepted_rows(steward_system(house), batch=batch.id).frame()
    assert frame["record_id"].to_list() == [f"R{n}" for n in range(5)]
    assert queries.original_row(steward, batch=batch.id, sheet_no=1, row_no=6).cells[0] == "R4"


def test_pages_of_batches_and_of_quarantine_go_on_by_key(house):
    steward, resource = house
    made = [receive(house, sheet([*GOOD[:-1], f"{n}号"])).id for n in range(5)]
    first = queries.batches(steward, resource=resource, size=2)
    second = queries.batches(steward, resource=resource, size=2, cursor=first.next)
    third = queries.batches(steward, resource=resource, size=2, cursor=second.next)
    assert [b.id for page in (first, second, third) for b in page.rows] == made[::-1]
    assert third.next is None
    batch = accept(house, *[[f"N{n}", "", "男", "", "", "", ""] for n in range(5)], GOOD)
    first = queries.quarantine(steward, batch=batch.id, size=3)
    second = queries.quarantine(steward, batch=batch.id, size=3, cursor=first.next)
    assert [row.row_no for page in (first, second) for row in page.rows] == [2, 3, 4, 5, 6]


def test_another_departments_steward_sees_nothing(house, access_for, system_access):
    _, resource = house
    batch = accept(house, GOOD, *BAD)
    stranger = access_for("data_steward", "registry_maintenance", organisation="health")
    assert queries.sources(stranger) == ()
    assert "people" in {n.code.partition(".")[2] or n.code for n in queries.source_names(stranger)}, (
        "what it is called"
    )
    for attempt in (
        lambda: queries.batch(stranger, batch=batch.id),
        lambda: queries.quarantine(stranger, batch=batch.id),
        lambda: queries.original_row(stranger, batch=batch.id, sheet_no=1, row_no=2),
        lambda: actions.receive_file(stranger, resource=resource, filename="x.csv", stream=sheet(GOOD)),
    ):
        with pytest.raises(NotFound):
            attempt()
    elsewhere = access_for("data_steward", "registry_maintenance", scope="330110", organisation="housing")
    assert queries.sources(elsewhere) == ()
    with pytest.raises(Refused):
        queries.batches(access_for("grid_worker"))
    with pytest.raises(Refused):
        queries.accepted_rows(
            access_for("data_steward", "registry_maintenance", organisation="housing"), batch=batch.id
        )


def test_the_centres_steward_sees_all_and_the_auditor_sees_masked(house, access_for, system_access):
    batch = accept(house, GOOD, *BAD)
    centre = access_actions.create_organisation(
        system_access("operations"), code="centre", name_zh="网格中心", name_en="Centre", kind="centre"
    )
    steward = access_for("data_steward", "registry_maintenance", organisation=centre)
    assert [s.code for s in queries.sources(steward)] == ["housing.people"]
    assert queries.quarantine(steward, batch=batch.id).rows[1].cells == tuple(BAD[1])
    masked = queries.quarantine(access_for("auditor", "audit"), batch=batch.id).rows[1]
    assert set(masked.cells) <= {"***", ""}
    assert masked.reasons[0].code == "impossible_date"


def test_a_batch_that_was_sent_back_leaves_nothing_but_the_reason(house, django_capture_on_commit_callbacks):
    steward, _ = house
    batch = receive(house, sheet(GOOD))
    with pytest.raises(Refused):
        actions.refuse_batch(steward, batch=batch.id, reason="")
    with django_capture_on_commit_callbacks(execute=True):
        refused = actions.refuse_batch(steward, batch=batch.id, reason="发错了文件")
    assert refused.state is BatchState.REFUSED
    assert "发错了文件" in refused.problem.zh
    assert files() == []
    assert not receive(house, sheet(GOOD)).again


def test_left_over_files_are_swept_and_others_stay(house, system_access):
    accept(house, GOOD, *BAD)
    kept = {path.name for path in files()}
    store().write("sources", [b"left by a killed process"])
    (store().folder / "sources" / "half.part").write_bytes(b"half")
    system = system_access("operations")
    assert actions.sweep_store(system, older_than=3600) == 0
    assert actions.sweep_store(system, older_than=-1) == 2
    assert {path.name for path in files()} == kept


def test_sweeping_needs_to_see_all_rows(house):
    accept(house, GOOD)
    narrow = access_actions.enter_system(name="x", purpose="operations", scope=interval_of("330110"))
    with pytest.raises(Refused) as caught:
        actions.sweep_store(narrow, older_than=-1)
    assert caught.value.code == "scope_too_narrow"
    assert len(files()) == 3


def test_registering_again_renames_and_never_takes_over(house, access_for, system_access):
    steward, resource = house
    same = {"code": "housing.people", "organisation": steward.organisation, "division": "120110"}
    assert (
        actions.register_source(steward, **same, name_zh="新名", name_en="New", schema="person") == resource
    )
    assert queries.source(steward, resource="housing.people").name_zh == "新名"
    with pytest.raises(Conflict):
        actions.register_source(steward, **same, name_zh="x", name_en="x", schema="building")
    with pytest.raises(BadInput):
        actions.register_source(steward, **same, name_zh="x", name_en="x", schema="nation")
    stranger = access_for("data_steward", "registry_maintenance", organisation="health")
    with pytest.raises(Refused):
        actions.register_source(stranger, **{**same, "code": "y"}, name_zh="x", name_en="x", schema="person")
    with pytest.raises(Refused):
        actions.register_source(
            steward, **{**same, "code": "z", "division": "330110"}, name_zh="x", name_en="x", schema="person"
        )


def test_the_tables_hold_no_cell_in_clear(house):
    accept(house, GOOD, *BAD)
    words = [GOOD[1], GOOD[4], GOOD[5], "赵敏", "名册", "身份证号"]
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT set_config('wangge.lo', '0', true), set_config('wangge.hi', '999999999999999', true)"
        )
    for model in (Batch, Mapping, Part, QuarantinedRow):
        rows = list(model.objects.values_list())
        assert rows
        text = " ".join(
            bytes(v).decode("latin-1") if isinstance(v, memoryview | bytes) else str(v)
            for row in rows
            for v in row
        )
        assert not [word for word in words if word in text or word.encode().decode("latin-1") in text]
