"""Rows: each is accepted or kept aside with its reason, none is lost, and what was odd is told."""

import datetime as dt
import json
import random

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.engine.test_columns import identity
from wangge_engine.columns import load_schema, schema_names
from wangge_engine.frame.cli import main
from wangge_engine.reading import Block, Mark
from wangge_engine.rows.canonical import Reading, canonical_dtypes, row_hashes
from wangge_engine.rows.cells import credit_code_fits, read_phone_text
from wangge_engine.rows.raw import original_cells, raw_frame
from wangge_engine.rows.reasons import FLAGS, REASONS, Reason
from wangge_engine.rows.validation import judge

TODAY = dt.date(2026, 11, 22)
HEADERS = ("编号", "姓名", "性别", "出生日期", "身份证号", "电话", "地址")
COLUMNS = {
    name: (n,) for n, name in enumerate(("record_id", "name", "sex", "birth", "id_no", "phone", "address"))
}
GOOD = [
    "R1",
    "王芳",
    "女",
    "1985-03-12",
    identity(random.Random(4), "19850312"),
    "13912345670",
    "华亭里1号楼2单元301",
]


def reading(schema="person", headers=HEADERS, columns=COLUMNS, **kwargs) -> Reading:
    return Reading(load_schema(schema), headers, columns, TODAY, **kwargs)


def raw(*rows, marks=(), overflow=None) -> pl.DataFrame:
    width = len(HEADERS)
    padded = [list(row[:width]) + [""] * (width - len(row)) for row in rows]
    return raw_frame(
        Block(list(range(2, len(rows) + 2)), list(zip(*padded, strict=True)), overflow or {}, list(marks))
    )


def one(row, **kwargs):
    verdict = judge(raw(row, **kwargs), reading())
    assert not verdict.quarantined, verdict.quarantined
    return verdict.accepted.to_dicts()[0]


def why(row, **kwargs):
    verdict = judge(raw(row, **kwargs), reading())
    assert len(verdict.accepted) == 0
    return verdict.quarantined[0].reasons


def changed(**cells):
    row = list(GOOD)
    for name, value in cells.items():
        row[COLUMNS[name][0]] = value
    return row


def test_a_good_row_is_taken_over_whole():
    row = one(GOOD)
    assert {k: row[k] for k in ("record_id", "name", "sex", "phone", "address", "id_state", "row_no", "sheet_no")} == {
        "record_id": "R1", "name": "王芳", "sex": "female" , "phone": "13912345670", "address": "华亭里1号楼2单元301", "id_state": "valid", "row_no": 2, "sheet_no": 1,
    }  # fmt: skip
    assert row["birth"] == dt.date(1985, 3, 12)
    assert list(row) == list(canonical_dtypes(load_schema("person")))


WRITTEN = [
    ("name", "王　芳", "王芳"), ("name", " 王芳 ", "王芳"), ("name", "阿依古丽•买买提", "阿依古丽·买买提"), ("phone", "１３９１２３４５６７０", "13912345670"),
    ("phone", "139-1234-5670", "13912345670"), ("phone", "+86 13912345670", "13912345670"), ("phone", "13912345670.0", "13912345670"), ("phone", "(022)24391111", "022-24391111"),
    ("sex", "2", "female"), ("sex", "女士", "female"), ("sex", "男性", "male"), ("address", "华亭里 １号楼 2单元", "华亭里1号楼2单元"), ("record_id", "17.0", "17"),
    ("birth", "二〇一九年三月五日", dt.date(2019, 3, 5)), ("birth", "43529", dt.date(2019, 3, 5)), ("phone", "无", None), ("address", "不详", None),
]  # fmt: skip


@pytest.mark.parametrize(("column", "text", "value"), WRITTEN)
def test_what_departments_write_becomes_one_value(column, text, value):
    assert one(changed(**{column: text}))[column] == value


ODD = [
    ("phone", "13912345670（儿子）", "note_in_cell:phone"), ("phone", "13912345670/13812345679", "several_phones:phone"), ("phone", "12", "phone_malformed:phone"),
    ("sex", "不清", "word_unknown:sex"), ("birth", "43529", "date_from_serial:birth"), ("birth", "1956年", "date_without_month:birth"), ("birth", "八十五岁", "note_in_cell:birth"),
    ("id_no", "120110198503120", "id_malformed:id_no"), ("id_no", "1.20110198503120E+17", "id_from_float:id_no"), ("id_no", "999999" + GOOD[4][6:], "id_unknown_place:id_no"),
    ("id_no", GOOD[4][:16] + ("1" if GOOD[4][16] != "1" else "2") + GOOD[4][17], "id_wrong_check:id_no"), ("birth", "1986-01-01", "birth_differs_from_id:birth"), ("id_no", "1201101985****0021", "id_masked:id_no"),
]  # fmt: skip


@pytest.mark.parametrize(("column", "text", "flag"), ODD)
def test_what_is_odd_is_told_and_the_row_stands(column, text, flag):
    if flag == "id_malformed:id_no":
        text = "12011019850312"
    assert flag in one(changed(**{column: text}))["flags"]


def test_fields_in_each_others_columns_are_put_right_and_told():
    row = one(changed(id_no=GOOD[5], phone=GOOD[4]))
    assert (row["id_no"], row["phone"]) == (GOOD[4], GOOD[5])
    assert "swapped:id_no" in row["flags"]


def test_marks_of_the_reader_reach_the_row():
    row = one(GOOD, marks=[(0, 5, Mark.FORMULA), (0, 4, Mark.PRECISION_LOST)])
    assert "formula:phone" in row["flags"]
    assert "id_from_float:id_no" in row["flags"] or GOOD[4].endswith("X")


REFUSED = [
    (changed(name="", id_no=""), "no_name_no_id"), (changed(name="无", id_no="不详"), "no_name_no_id"), (changed(birth="1985-02-30"), "impossible_date:birth"),
    (changed(birth="2031-01-01"), "impossible_date:birth"), (["", *GOOD[:-1]], "shifted_row"), ([*GOOD[1:], ""], "shifted_row"), (changed(name="测试"), "test_row"),
    (changed(name="test1"), "test_row"), (changed(name="张三", id_no="111111111111111111", phone="13800000000"), "test_row"), (["合计", "128", "", "", "", "", ""], "footer_row"),
    (["填表人：李伟", "", "", "", "", "", ""], "footer_row"), (list(HEADERS), "repeated_header"),
]  # fmt: skip


@pytest.mark.parametrize(("row", "reason"), REFUSED)
def test_a_row_that_cannot_stand_is_kept_aside_with_its_reason(row, reason):
    assert why(row)[0] == reason


def test_a_row_longer_than_the_header_is_shifted_and_kept_whole():
    whole = ["R1", "王", "芳", *GOOD[2:]]
    verdict = judge(raw(whole, overflow={0: whole}), reading())
    assert verdict.quarantined[0].reasons == ("shifted_row",)
    assert verdict.quarantined[0].cells == tuple(whole)


@pytest.mark.parametrize(
    "number", [GOOD[4][:17] + ("1" if GOOD[4][17] != "1" else "2"), "12345", "无身份证", "1.2E+17"]
)
def test_an_identity_number_is_never_the_sole_ground_to_reject(number):
    assert one(changed(id_no=number))["name"] == "王芳"


CELL = st.one_of(
    st.sampled_from([*GOOD, "", "合计", "测试", "2019-02-30", "无", "女", "=1+1", "1.2E+17"]),
    st.text(max_size=12),
)


@settings(max_examples=120, deadline=None)
@given(st.lists(st.lists(CELL, min_size=7, max_size=7), min_size=1, max_size=12), st.data())
def test_rows_in_are_rows_accepted_plus_rows_kept_aside(rows, data):
    overflow = {n: [*row, "多"] for n, row in enumerate(rows) if data.draw(st.integers(0, 5)) == 0}
    frame = raw(*rows, overflow=overflow)
    verdict = judge(frame, reading())
    kept = {q.row_no for q in verdict.quarantined}
    assert sorted([*verdict.accepted["row_no"].to_list(), *kept]) == list(range(2, len(rows) + 2))
    for aside in verdict.quarantined:
        assert aside.reasons
        assert list(aside.cells) == overflow.get(aside.row_no - 2, rows[aside.row_no - 2])
        assert all(Reason(reason.partition(":")[0]) in REASONS for reason in aside.reasons)
    for flags in verdict.accepted["flags"].drop_nulls().to_list():
        assert all(flag.partition(":")[0] in FLAGS for flag in flags)


@settings(max_examples=30, deadline=None)
@given(st.permutations(range(7)), st.sampled_from(range(len(WRITTEN))))
def test_the_order_of_the_columns_does_not_matter(order, which):
    column, text, value = WRITTEN[which]
    row = changed(**{column: text})
    headers = tuple(HEADERS[n] for n in order)
    columns = {name: (order.index(at[0]),) for name, at in COLUMNS.items()}
    frame = raw_frame(Block([2], [(row[n],) for n in order]))
    assert judge(frame, reading(headers=headers, columns=columns)).accepted[column].to_list() == [value]


def test_parts_of_an_address_are_joined_in_order():
    headers = ("姓名", "小区", "楼号", "单元", "房号")
    frame = raw_frame(Block([2], [("王芳",), ("嘉春园",), ("12号楼",), ("",), ("502",)]))
    verdict = judge(frame, reading(headers=headers, columns={"name": (0,), "address": (1, 2, 3, 4)}))
    assert verdict.accepted["address"].to_list() == ["嘉春园12号楼502"]
    assert verdict.accepted["record_id"].to_list() == ["1:2"]


def test_equal_content_has_equal_hashes_wherever_it_stands():
    verdict = judge(raw(GOOD, changed(phone="１３９ 1234 5670"), changed(phone="13912345671")), reading())
    first, second, third = verdict.accepted["row_hash"].to_list()
    assert first == second != third
    assert row_hashes(verdict.accepted, load_schema("person")).to_list() == [first, second, third]


@pytest.mark.parametrize(
    ("lon", "lat", "stands"),
    [
        ("117.31", "39.09", True),
        ("39.09", "117.31", False),
        ("0", "0", False),
        ("", "", True),
        ("217", "39", False),
    ],
)
def test_coordinates_out_of_range_are_kept_aside(lon, lat, stands):
    frame = raw_frame(Block([2], [("1号楼",), (lon,), (lat,)]))
    verdict = judge(
        frame, reading("building", ("楼号", "经度", "纬度"), {"building_no": (0,), "lon": (1,), "lat": (2,)})
    )
    assert len(verdict.accepted) == int(stands)
    assert stands or verdict.quarantined[0].reasons == ("coordinate_out_of_range",)


@pytest.mark.parametrize("name", schema_names())
def test_every_schema_judges_an_empty_row_and_names_its_need(name):
    schema = load_schema(name)
    frame = raw_frame(Block([2], [("",) for _ in schema.columns]))
    columns = {column.name: (n,) for n, column in enumerate(schema.columns)}
    verdict = judge(frame, reading(name, tuple(column.zh for column in schema.columns), columns))
    assert [q.reasons for q in verdict.quarantined] == [("no_name_no_id",)]


def test_original_cells_come_back_by_row():
    frame = raw(GOOD, changed(name=" 王　芳 "), overflow={0: [*GOOD, "x"]})
    assert original_cells(frame, 7, [2, 3]) == {2: (*GOOD, "x"), 3: tuple(changed(name=" 王　芳 "))}


@given(st.from_regex(r"1[3-9][0-9]{9}", fullmatch=True), st.sampled_from(["", "（儿子）", " 王女士", "转3"]))
def test_a_mobile_number_is_found_beside_any_remark(number, remark):
    value, flags = read_phone_text(f"{number}{remark}")
    assert value == number
    assert ("note_in_cell" in flags) == bool(remark.strip())


def test_credit_codes_are_checked_by_their_standard():
    assert credit_code_fits("91350100M000100Y43")  # the example of GB 32100-2015
    assert not credit_code_fits("91350100M000100Y44")


def command(tmp_path, capsys, rows, *words):
    path = tmp_path / "名册.csv"
    path.write_bytes("\n".join(",".join(row) for row in [HEADERS, *rows]).encode("gb18030"))
    code = main(
        [
            "rows",
            "--input",
            str(path),
            "--out",
            str(tmp_path / "out"),
            "--today",
            "2026-11-22",
            "--json",
            "--quiet",
            *words,
        ]
    )
    return code, capsys.readouterr()


def test_the_command_brings_a_departments_file_into_canonical_rows(tmp_path, capsys):
    code, said = command(tmp_path, capsys, [GOOD, changed(birth="1985-02-30"), changed(name="", id_no="")])
    report = json.loads(said.out)
    assert (code, report["rows"], report["accepted"]) == (0, 3, 1)
    assert report["rejected"] == {"impossible_date": 1, "no_name_no_id": 1}
    (row,) = pl.read_csv(tmp_path / "out" / "rows.csv", infer_schema=False).to_dicts()
    assert (row["name"], row["id_no"], row["birth"]) == ("王芳", GOOD[4], "1985-03-12")
    rejects = pl.read_csv(tmp_path / "out" / "rejects.csv")
    assert rejects["row"].to_list() == [3, 4]
    assert rejects["column"].to_list() == ["birth", None]


def test_the_command_takes_columns_by_hand_and_can_be_strict(tmp_path, capsys):
    code, _ = command(tmp_path, capsys, [GOOD], "--column", "电话=", "--column", "出生日期=recorded_on")
    assert code == 0
    (row,) = pl.read_csv(tmp_path / "out" / "rows.csv", infer_schema=False).to_dicts()
    assert (row["phone"], row["birth"], row["recorded_on"]) == (None, None, "1985-03-12")
    assert command(tmp_path, capsys, [GOOD], "--column", "电话=nation")[0] == 2
    assert command(tmp_path, capsys, [GOOD, changed(name="测试")], "--strict")[0] == 2
    assert command(tmp_path, capsys, [["1"], ["2"]], "--input", str(tmp_path / "没有.csv"))[0] == 2
