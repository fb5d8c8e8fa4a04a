"""Readers: every shape of file that departments send, and every one that must be refused."""

import codecs
import csv
import datetime as dt
import io
import math
import struct
import zipfile

import openpyxl
import pytest
import xlwt
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from wangge_engine.columns import known_header
from wangge_engine.frame.problems import Refused
from wangge_engine.reading import Limits, Mark, blocks, open_file, tables_of
from wangge_engine.reading.xlsx_cells import number_text
from wangge_engine.reading.xlsx_parts import date_text

PEOPLE = [
    ["姓名", "身份证号", "电话"],
    ["王芳", "120110198503120021", "13800001111"],
    ["李伟", "", "022-24391111"],
]


def xlsx(fill, **kwargs) -> io.BytesIO:
    book = openpyxl.Workbook(**kwargs)
    fill(book, book.active)
    out = io.BytesIO()
    book.save(out)
    return out


def csv_file(rows, encoding="utf-8", **kwargs) -> io.BytesIO:
    text = io.StringIO(newline="")
    csv.writer(text, **kwargs).writerows(rows)
    return io.BytesIO(text.getvalue().encode(encoding))


def read(file, name="t.csv", **limits):
    """Header and data rows of the first table, as lists."""
    table = next(t for t in tables_of(open_file(file, name, Limits(**limits)), known_header) if t.layout)
    rows = [list(row) for block in blocks(table) for row in zip(*block.columns, strict=True)]
    return list(table.layout.headers), rows


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gbk", "gb18030", "utf-16"])
@pytest.mark.parametrize("lineterminator", ["\r\n", "\n", "\r"])
def test_a_csv_reads_the_same_in_every_encoding(encoding, lineterminator):
    assert read(csv_file(PEOPLE, encoding, lineterminator=lineterminator)) == (PEOPLE[0], PEOPLE[1:])


@pytest.mark.parametrize("mark", [",", "\t", ";", "|"])
def test_a_csv_reads_the_same_with_every_delimiter(mark):
    assert read(csv_file(PEOPLE, delimiter=mark)) == (PEOPLE[0], PEOPLE[1:])


CELLS = st.text(
    alphabet=st.characters(codec="gb18030", exclude_characters="\r\x00\x1c\x1d\x1e\x85\u2028\u2029"),
    max_size=12,
)


@settings(max_examples=60)
@given(
    st.lists(st.lists(CELLS, min_size=3, max_size=3), min_size=1, max_size=8),
    st.sampled_from(["utf-8-sig", "gb18030"]),
)
def test_any_text_survives_a_quoted_csv(rows, encoding):
    rows = [row for row in rows if any(cell and not cell.isspace() for cell in row)]
    rows = [row for row in rows if not (row[0] in PEOPLE[0] or all(map(known_header, row)))]
    assume(rows)
    head = [PEOPLE[0], *[PEOPLE[1]] * 20]
    file = csv_file([*head, *rows], encoding, quoting=csv.QUOTE_ALL)
    try:
        headers, found = read(file)
    except Refused as problem:
        assert problem.problems[0].code == "encoding_doubtful"
        return
    assert headers == PEOPLE[0]
    assert found[20:] == rows


def test_bytes_that_are_no_text_are_named_by_their_offset():
    good = "姓名,电话\n王芳,138".encode("gb18030")
    with pytest.raises(Refused) as caught:
        open_file(io.BytesIO(good + b"\xff\xff\n"), "坏.csv")
    assert caught.value.problems[0].code == "encoding_broken"
    assert str(len(good)) in caught.value.problems[0].zh
    assert str(len(good)) in caught.value.problems[0].en


def test_utf8_cut_in_the_middle_of_a_character_is_not_taken_for_gbk():
    raw = ("姓名,电话\n" + "王芳,13800001111\n" * 4).encode()
    with pytest.raises(Refused) as caught:
        open_file(io.BytesIO(raw[: raw.rindex("芳".encode()) + 2]), "截断.csv")
    (problem,) = caught.value.problems
    assert problem.code == "encoding_broken"
    assert f"UTF-8 读到第 {raw.rindex('芳'.encode())} 字节" in problem.zh


def test_big5_is_refused_and_not_read_as_gbk():
    raw = "姓名,電話,地址\n王小明,13800001111,臺北市中正區重慶南路一段一百二十二號\n".encode("big5") * 8
    with pytest.raises(Refused) as caught:
        open_file(io.BytesIO(raw), "繁.csv")
    assert caught.value.problems[0].code in ("encoding_doubtful", "encoding_broken")


def test_line_breaks_inside_quotes_and_quotes_that_never_close():
    raw = '姓名,内容,电话\n王芳,"漏水\n两天了",1\n李伟,5"管子,2\n张三,"没有关上,3\n赵六,好,4\n'
    _, rows = read(io.BytesIO(raw.encode()))
    assert rows == [
        ["王芳", "漏水\n两天了", "1"],
        ["李伟", '5"管子', "2"],
        ["张三", '"没有关上', "3"],
        ["赵六", "好", "4"],
    ]


def test_rows_longer_than_the_header_keep_all_their_cells():
    file = csv_file([*PEOPLE, ["李", "伟", "120110198503120021", "13800001111"], ["张三"]])
    (table,) = tables_of(open_file(file, "t.csv"), known_header)
    (block,) = blocks(table)
    assert block.overflow == {2: ["李", "伟", "120110198503120021", "13800001111"]}
    assert [column[3] for column in block.columns] == ["张三", "", ""]
    assert block.row_nos == [2, 3, 4, 5]


@settings(max_examples=25)
@given(st.integers(1, 400), st.integers(1, 50))
def test_blocks_lose_no_row_and_keep_their_order(count, size):
    file = csv_file([PEOPLE[0], *[[f"王{n}", str(n), ""] for n in range(count)]])
    (table,) = tables_of(open_file(file, "t.csv"), known_header)
    numbers = [
        (no, cell)
        for block in blocks(table, size)
        for no, cell in zip(block.row_nos, block.columns[1], strict=True)
    ]
    assert numbers == [(n + 2, str(n)) for n in range(count)]


def test_titles_notes_and_a_merged_header_of_two_lines():
    def fill(_, sheet):
        sheet["A1"] = "东丽区户籍人口登记表"
        sheet.merge_cells("A1:G1")
        sheet["A2"] = "填报单位：某派出所"
        sheet.merge_cells("A2:G2")
        for cell, text in {
            "A3": "人员编号",
            "B3": "基本信息",
            "E3": "联系方式",
            "G3": "派出所",
            "B4": "姓名",
            "C4": "性别",
            "D4": "出生日期",
            "E4": "联系电话",
            "F4": "现住址",
        }.items():
            sheet[cell] = text
        for area in ("A3:A4", "B3:D3", "E3:F3", "G3:G4"):
            sheet.merge_cells(area)
        sheet.append(["R1", "王　芳", "女", "19850312", "13800001111", "华亭里1号楼", "甲所"])

    headers, rows = read(xlsx(fill), "t.xlsx")
    assert headers == [
        "人员编号",
        "基本信息/姓名",
        "基本信息/性别",
        "基本信息/出生日期",
        "联系方式/联系电话",
        "联系方式/现住址",
        "派出所",
    ]
    assert rows == [["R1", "王　芳", "女", "19850312", "13800001111", "华亭里1号楼", "甲所"]]


def test_a_header_of_two_lines_without_merges_in_a_csv():
    rows = [
        ["某表", "", "", ""],
        ["编号", "人员", "", "电话"],
        ["", "姓名", "身份证号", ""],
        ["1", "王芳", "120110198503120021", "1"],
    ]
    headers, data = read(csv_file(rows))
    assert headers == ["编号", "人员/姓名", "人员/身份证号", "电话"]
    assert data == [["1", "王芳", "120110198503120021", "1"]]


def test_a_doubled_header_is_kept_apart():
    headers, rows = read(csv_file([["姓名", "电话", "电话"], ["王芳", "1", "2"]]))
    assert headers == ["姓名", "电话", "电话(2)"]
    assert rows == [["王芳", "1", "2"]]


def test_unknown_headers_are_found_by_their_shape():
    headers, _ = read(csv_file([["说明文字"], ["甲项", "乙项", "丙项"], ["1", "2", "3"], ["4", "5", "6"]]))
    assert headers == ["甲项", "乙项", "丙项"]


def test_sheets_of_notes_and_empty_sheets_hold_no_table():
    def fill(book, sheet):
        sheet["A1"] = "填表说明：请逐项填写，不得漏项。"
        book.create_sheet("空表")
        data = book.create_sheet("数据")
        for row in PEOPLE:
            data.append(row)

    tables = tables_of(open_file(xlsx(fill), "t.xlsx"), known_header)
    assert [(table.sheet_no, table.name, table.layout is not None) for table in tables] == [
        (1, "Sheet", False),
        (2, "空表", False),
        (3, "数据", True),
    ]


def test_formulas_are_seen_and_never_computed():
    def fill(_, sheet):
        for row in PEOPLE:
            sheet.append(row)
        sheet.append(['=HYPERLINK("http://x","王")', "=1+1", "=cmd|' /C calc'!A0"])

    (table,) = tables_of(open_file(xlsx(fill), "t.xlsx"), known_header)
    (block,) = blocks(table)
    assert [column[2] for column in block.columns] == [
        '=HYPERLINK("http://x","王")',
        "=1+1",
        "=cmd|' /C calc'!A0",
    ]
    assert block.marks == [(2, column, Mark.FORMULA_TEXT) for column in range(3)]


def test_the_value_a_formula_kept_is_taken_and_marked():
    def fill(_, sheet):
        for row in PEOPLE:
            sheet.append(row)
        sheet["C2"] = "=A1"

    raw = xlsx(fill)
    changed = io.BytesIO()
    with zipfile.ZipFile(raw) as old, zipfile.ZipFile(changed, "w", zipfile.ZIP_DEFLATED) as new:
        for entry in old.namelist():
            data = old.read(entry)
            new.writestr(
                entry,
                data.replace(b"<f>A1</f><v />", b"<f>A1</f><v>42</v>").replace(
                    b"<f>A1</f><v></v>", b"<f>A1</f><v>42</v>"
                ),
            )
    (table,) = tables_of(open_file(changed, "t.xlsx"), known_header)
    (block,) = blocks(table)
    assert block.columns[2][0] == "42"
    assert block.marks == [(0, 2, Mark.FORMULA)]


def test_numbers_dates_truths_and_errors_become_plain_text():
    def fill(_, sheet):
        sheet.append(["姓名", "身份证号", "电话", "出生日期", "时间", "是否独居", "面积"])
        sheet.append(
            [
                "王芳",
                120110198503120021,
                13800001111,
                dt.date(1985, 3, 12),
                dt.datetime(2026, 10, 3, 14, 22, 10),  # noqa: DTZ001 -- a sheet's time has no zone
                True,
                89.5,
            ]
        )
        sheet.append(["李伟", 1.20110198503120e17, 13800001112.0, 31118, "#N/A", False, 0.1 + 0.2])
        sheet["E3"].data_type = "e"

    (table,) = tables_of(open_file(xlsx(fill), "t.xlsx"), known_header)
    (block,) = blocks(table)
    first, second = ([column[n] for column in block.columns] for n in (0, 1))
    assert first == ["王芳", first[1], "13800001111", "1985-03-12", "2026-10-03 14:22:10", "TRUE", "89.5"]
    assert first[1].startswith("120110198503120")
    assert second[1:] == ["120110198503120000", "13800001112", "31118", "#N/A", "FALSE", "0.3"]
    assert (0, 1, Mark.PRECISION_LOST) in block.marks
    assert (1, 1, Mark.PRECISION_LOST) in block.marks
    assert (1, 4, Mark.CELL_ERROR) in block.marks


def test_an_old_xls_reads_like_its_xlsx():
    book = xlwt.Workbook(encoding="utf-8")
    sheet = book.add_sheet("低保")
    sheet.write_merge(0, 0, 0, 4, "低保对象名册")
    rows = [
        ["编号", "姓名", "身份证号", "性别", "出生日期"],
        ["M1", "王芳", "120110198503120021", 2, dt.date(1946, 3, 12)],
    ]
    for number, row in enumerate(rows, start=1):
        for column, value in enumerate(row):
            style = (
                xlwt.easyxf(num_format_str="YYYY-MM-DD")
                if isinstance(value, dt.date)
                else xlwt.Style.default_style
            )
            sheet.write(number, column, value, style)
    out = io.BytesIO()
    book.save(out)
    file = open_file(out, "名册.xls")
    (table,) = tables_of(file, known_header)
    (block,) = blocks(table)
    assert file.media == "xls"
    assert table.layout.headers == tuple(rows[0])
    assert [column[0] for column in block.columns] == ["M1", "王芳", "120110198503120021", "2", "1946-03-12"]
    assert block.row_nos == [3]


VALUES = st.one_of(
    st.none(),
    st.text(alphabet=st.characters(exclude_categories=("Cs", "Cc")), max_size=10),
    st.sampled_from(["=1+1", "a&b<c>", " 前后 ", "多\n行", "#N/A", "_x0041_"]),
    st.integers(-(10**17), 10**18),
    st.floats(allow_nan=False, allow_infinity=False),
    st.booleans(),
    st.dates(dt.date(1901, 1, 1), dt.date(2100, 1, 1)),
)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.lists(VALUES, max_size=6), max_size=8))
def test_the_plain_way_and_the_sure_way_read_the_same(rows):
    def fill(_, sheet):
        for row in rows:
            sheet.append(row)

    (sheet,) = open_file(xlsx(fill), "t.xlsx").sheets
    assert list(sheet.rows()) == list(sheet.rows_surely())


ODD_XML = [
    '<row r="1"><c r="A1" t="inlineStr"><is><r><t>王</t></r><r><t>芳</t></r></is></c></row>',
    '<row r="1"><!-- <c r="A1"><v>9</v></c> --><c r="A1" t="str"><v>王芳</v></c></row>',
    '<row r="1"/><row r="2"><c r="A2" t="str"><v>王芳</v></c></row>',
    '<row><c t="str"><v>王芳</v></c></row>',
    '<row r="1"><c t="str" r="A1"><v>王芳</v></c></row>',
    '<row r="1"><c r="A1" t="str"><f t="shared" si="0"/><v>王芳</v></c></row>',
    '<row r="1"><c r="A1" t="inlineStr"><is><t>王芳</t><rPh sb="0" eb="1"><t>wang</t></rPh></is></c></row>',
    '<row r="1"><c r="A1" t="str"><v>王&#33459;</v></c></row>',
    '<row r="1"><c r="A1" t="str"><v><![CDATA[王芳]]></v></c></row>',
]


@pytest.mark.parametrize("odd", ODD_XML)
@pytest.mark.parametrize("before", [0, 1, 3])
def test_xml_that_is_not_written_the_usual_way_reads_the_same(odd, before):
    raw = xlsx(lambda _, sheet: [sheet.append(row) for row in PEOPLE])
    usual = "".join(f'<row r="{n + 1}"><c r="A{n + 1}" t="str"><v>王{n}</v></c></row>' for n in range(before))
    changed = io.BytesIO()
    with zipfile.ZipFile(raw) as old, zipfile.ZipFile(changed, "w") as new:
        for entry in old.namelist():
            data = old.read(entry)
            if entry.endswith("sheet1.xml"):
                head = data[: data.index(b"<sheetData>") + len(b"<sheetData>")]
                data = head + (usual + odd).encode() + b"</sheetData></worksheet>"
            new.writestr(entry, data)
    (sheet,) = open_file(changed, "t.xlsx").sheets
    assert [row.cells for row in sheet.rows()] == [*([f"王{n}"] for n in range(before)), ["王芳"]]
    assert list(sheet.rows()) == list(sheet.rows_surely())


def test_a_zip_bomb_is_refused_before_it_is_unpacked():
    bomb = io.BytesIO()
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as container:
        container.writestr("_rels/.rels", "<r/>")
        container.writestr("xl/worksheets/sheet1.xml", b"0" * 20_000_000)
    with pytest.raises(Refused) as caught:
        open_file(bomb, "炸弹.xlsx")
    assert caught.value.problems[0].code == "zip_bomb"


def test_a_large_unpacked_size_is_refused_whatever_the_ratio():
    book = xlsx(lambda _, sheet: [sheet.append(row) for row in PEOPLE])
    with pytest.raises(Refused) as caught:
        open_file(book, "大.xlsx", Limits(unpacked_bytes=1000))
    assert caught.value.problems[0].code == "zip_bomb"


def test_entries_that_lie_about_their_size_are_damaged_not_unpacked():
    book = bytearray(xlsx(lambda _, sheet: [sheet.append(row) for row in PEOPLE]).getvalue())
    with zipfile.ZipFile(io.BytesIO(book)) as container:
        entry = container.getinfo("xl/worksheets/sheet1.xml")
    at = book.rindex(b"xl/worksheets/sheet1.xml") - 46 + 24
    book[at : at + 4] = struct.pack("<I", entry.file_size - 50)
    with pytest.raises(Refused) as caught:
        read(io.BytesIO(book), "假.xlsx")
    assert caught.value.problems[0].code == "workbook_damaged"


def test_a_document_type_declaration_is_refused():
    raw = xlsx(lambda _, sheet: [sheet.append(row) for row in PEOPLE])
    evil = io.BytesIO()
    with zipfile.ZipFile(raw) as old, zipfile.ZipFile(evil, "w") as new:
        for entry in old.namelist():
            data = old.read(entry)
            if entry.endswith("workbook.xml"):
                data = b'<!DOCTYPE x [<!ENTITY a "aaaa">]>' + data.split(b"?>", 1)[-1]
            new.writestr(entry, data)
    with pytest.raises(Refused) as caught:
        open_file(evil, "t.xlsx")
    assert caught.value.problems[0].code == "xml_doctype"


@pytest.mark.parametrize(
    ("head", "code"),
    [(b"", "file_empty"), (b"%PDF-1.7", "not_a_table"), (b"<html><table>", "not_a_table"), (b"PK\x03\x04junk", "workbook_damaged"),
     (bytes.fromhex("d0cf11e0a1b11ae1") + b"junk", "workbook_damaged"), (b"a,b\n1,\x002\n", "not_a_text_file"),
     (bytes.fromhex("d0cf11e0a1b11ae1") + "EncryptedPackage".encode("utf-16-le"), "workbook_encrypted")],
)  # fmt: skip
def test_what_is_no_table_is_told_so(head, code):
    with pytest.raises(Refused) as caught:
        open_file(io.BytesIO(head), "名.xlsx")
    assert caught.value.problems[0].code == code
    assert caught.value.problems[0].place == "名.xlsx" or caught.value.problems[0].place.startswith("名")
    assert caught.value.problems[0].zh
    assert caught.value.problems[0].en


@settings(max_examples=100, deadline=None)
@given(
    st.binary(max_size=400),
    st.sampled_from([b"", b"PK\x03\x04", bytes.fromhex("d0cf11e0a1b11ae1"), codecs.BOM_UTF8]),
)
def test_any_bytes_are_read_or_refused_never_worse(data, head):
    try:
        file = open_file(io.BytesIO(head + data), "x")
        for table in tables_of(file, known_header):
            for block in blocks(table):
                assert len(block) == len(block.columns[0])
    except Refused as problem:
        assert problem.problems[0].zh and problem.problems[0].en


@given(st.dates(dt.date(1900, 3, 1), dt.date(9999, 12, 31)))
def test_a_spreadsheet_day_is_the_day_it_was(day):
    serial = (day - dt.date(1899, 12, 30)).days
    assert date_text(serial, since_1904=False) == day.isoformat()
    if day >= dt.date(1904, 1, 2):
        assert date_text((day - dt.date(1904, 1, 1)).days, since_1904=True) == day.isoformat()


@given(st.integers(0, 10**15 - 1))
def test_whole_numbers_up_to_fifteen_digits_come_back_as_typed(number):
    assert number_text(repr(float(number))) == (str(number), None)


@given(st.integers(10**17, 10**18 - 1))
def test_an_identity_number_kept_as_a_number_is_marked(number):
    text, mark = number_text(repr(float(number)))
    assert mark is Mark.PRECISION_LOST
    assert len(text) in (18, 19)
    if len(text) == 18:
        assert text[:15] == str(number)[:15] or abs(int(text) - number) <= 2 * math.ulp(number)
