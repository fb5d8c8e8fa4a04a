"""Why a row cannot stand, and what was odd about one that does: codes and their words in both languages."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


@dataclass(frozen=True, slots=True)
class Words:
    """What is said to a person about a code."""

    zh: str
    en: str


class Reason(StrEnum):
    """Why a row is kept out, the telling ones first: a shifted row also misses its name."""

    REPEATED_HEADER = "repeated_header"
    FOOTER_ROW = "footer_row"
    SHIFTED_ROW = "shifted_row"
    TEST_ROW = "test_row"
    NO_NAME_NO_ID = "no_name_no_id"
    IMPOSSIBLE_DATE = "impossible_date"
    COORDINATE_OUT_OF_RANGE = "coordinate_out_of_range"


REASONS: dict[Reason, Words] = {
    Reason.REPEATED_HEADER: Words("此行是重复的表头", "this row repeats the header"),
    Reason.FOOTER_ROW: Words(
        "此行是合计或填表说明，不是记录", "a total or a remark under the table, not a record"
    ),
    Reason.SHIFTED_ROW: Words(
        "各格错位，内容不在应在的列", "cells are shifted: values stand in the wrong columns"
    ),
    Reason.TEST_ROW: Words("试填的测试数据", "test data left in the table"),
    Reason.NO_NAME_NO_ID: Words(
        "没有可以辨认对象的内容（姓名与证件号等都为空）", "nothing identifies what the row is about"
    ),
    Reason.IMPOSSIBLE_DATE: Words("日期不存在或不可能", "a date that does not exist or cannot be"),
    Reason.COORDINATE_OUT_OF_RANGE: Words("坐标超出范围", "coordinates out of range"),
}

FLAGS: dict[str, Words] = {
    "formula": Words("取自公式所存的值，未重新计算", "value kept by a formula; nothing was computed"),
    "formula_text": Words("单元格是公式，未计算，按文字保存", "the cell is a formula, kept as text"),
    "cell_error": Words("单元格是错误值", "the cell holds an error value"),
    "stray_quote": Words(
        "引号没有成对，该行按原样读取", "an unclosed quotation mark; the line was read as it is"
    ),
    "note_in_cell": Words("单元格里夹有备注", "a remark stands in the cell"),
    "several_phones": Words("有多个电话，取第一个", "several phone numbers; the first was taken"),
    "phone_malformed": Words("不是可用的电话号码", "not a usable phone number"),
    "word_unknown": Words("不认识的写法，未采用", "a word that is not known; not taken"),
    "number_malformed": Words("不是数字", "not a number"),
    "date_from_serial": Words("日期由表格的天数换算", "date converted from a spreadsheet's day number"),
    "date_without_day": Words("日期只到月", "date without a day"),
    "date_without_month": Words("日期只到年", "date without a month"),
    "date_short_year": Words("两位数年份，已推定世纪", "two-digit year; the century was inferred"),
    "date_placeholder": Words("日期是占位值，按空处理", "a placeholder date, taken as empty"),
    "date_lunar": Words("农历日期，未换算", "a lunar date, not converted"),
    "date_impossible": Words("日期不存在或不可能，按空处理", "an impossible date, taken as empty"),
    "id_from_float": Words(
        "证件号曾被存成数字，末位已丢失", "the number was kept as a float: its last digits are lost"
    ),
    "id_fifteen": Words("15 位旧号，已换算为 18 位", "a fifteen-digit number, written out to eighteen"),
    "id_wrong_check": Words("校验位不符，保留并标记", "wrong check digit; kept and flagged"),
    "id_unknown_place": Words("前六位地区代码不在目录中", "the place code is not in the list"),
    "id_malformed": Words("证件号格式不符", "not shaped like an identity number"),
    "id_masked": Words("证件号部分数字被遮盖", "some digits are masked"),
    "birth_differs_from_id": Words(
        "出生日期与证件号不一致", "date of birth differs from the identity number"
    ),
    "sex_differs_from_id": Words("性别与证件号不一致", "sex differs from the identity number"),
    "credit_code_wrong_check": Words(
        "统一社会信用代码校验位不符", "wrong check character in the credit code"
    ),
    "swapped": Words("证件号与电话填反，已对调", "identity number and phone were swapped; put right"),
    "record_id_repeated": Words(
        "记录编号在本批次内重复，已加行号区分",
        "the record number stands twice in the batch; its row was added to it",
    ),
    "corrected": Words("隔离后经人工更正", "corrected by hand after quarantine"),
}
