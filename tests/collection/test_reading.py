"""Files of questions: XLSForms and plain tables become drafts, each question with its place."""

from __future__ import annotations

from io import BytesIO

import openpyxl
import pytest

from tests.collection.register import BASIS, COMMUNITY
from wangge.collection import actions
from wangge.collection.analysis import column_of
from wangge.collection.reading import questions_in
from wangge.kernel.problems import BadInput


def workbook(**sheets: list[list[str]]) -> BytesIO:
    book = openpyxl.Workbook()
    book.remove(book.active)
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(row)
    stream = BytesIO()
    book.save(stream)
    stream.seek(0)
    return stream


XLSFORM = {
    "survey": [
        ["type", "name", "label::Chinese", "label::English", "purpose", "legal_basis"],
        ["start", "start", "", "", "", ""],
        ["begin group", "g", "基本信息", "", "", ""],
        ["text", "full_name", "姓名", "Name", "核发高龄津贴", BASIS],
        ["text", "phone", "您的联系电话是多少？", "Phone", "核发高龄津贴", BASIS],
        ["select_one meals", "meals", "是否需要助餐", "Needs meals", "安排助餐服务", BASIS],
        ["image", "face", "老人照片", "Photo", "核对身份", BASIS],
        ["text", "mz", "民族", "Ethnicity", "统计", BASIS],
        ["integer", "rooms", "房间数", "Rooms", "", ""],
        ["end group", "", "", "", "", ""],
    ],
    "choices": [
        ["list_name", "name", "label::Chinese", "label::English"],
        ["meals", "daily", "每天", "daily"],
        ["meals", "no", "不需要", "no"],
    ],
}


def test_an_xlsform_is_read_by_its_survey_sheet() -> None:
    found = questions_in(workbook(**XLSFORM), "form.xlsx")
    assert [q.zh for q in found] == [
        "姓名", "您的联系电话是多少？", "是否需要助餐", "老人照片", "民族", "房间数",
    ]  # fmt: skip
    assert found[2].choices == (("daily", "每天", "daily"), ("no", "不需要", "no"))
    assert found[3].medium == "recording" and found[5].kind == "number"
    assert found[0].place == "survey, 4"


@pytest.mark.django_db
def test_a_file_becomes_a_draft_and_its_bad_questions_are_refused_in_place(steward) -> None:
    form = actions.draft_from_file(
        steward, title="", area=COMMUNITY, filename="高龄津贴.xlsx", stream=workbook(**XLSFORM)
    )
    assert form.title == "高龄津贴"
    assert [(q.field, q.refused) for q in form.questions] == [
        ("name", ""), ("phone", ""), ("", ""), ("", "forbidden"), ("", "forbidden"), ("", "purpose_missing"),
    ]  # fmt: skip
    assert form.questions[4].place == "survey, 8"


def test_a_plain_table_with_its_header_anywhere_is_read() -> None:
    rows = [
        ["民政局入户采集表", "", "", ""],
        ["序号", "题目", "用途", "法律依据"],
        ["1", "是否独居", "安排探访", BASIS],
        ["2", "住房性质", "评估救助", BASIS],
    ]
    found = questions_in(workbook(采集=rows), "q.xlsx")
    assert [(q.zh, q.purpose, q.basis) for q in found] == [
        ("是否独居", "安排探访", BASIS), ("住房性质", "评估救助", BASIS),
    ]  # fmt: skip
    text = "题目,用途,法律依据,选项\n是否有电梯,评估改造,住房条例 第三条,有、没有\n".encode("gbk")
    (one,) = questions_in(BytesIO(text), "q.csv")
    assert [c[1] for c in one.choices] == ["有", "没有"]


@pytest.mark.parametrize("content", [b"", b"%PDF-1.7 nothing", "姓名,电话\n王五,1\n".encode()])
def test_a_file_without_questions_is_refused_with_its_place(content) -> None:
    with pytest.raises(BadInput) as told:
        questions_in(BytesIO(content), "名单.csv")
    assert "名单.csv" in told.value.place and told.value.en


@pytest.mark.parametrize(
    ("words", "field"),
    [("联系电话", "phone"), ("您的手机号码是多少？", "phone"), ("请填写姓名", "name"), ("birth", "birth"),
     ("您的出生日期", "birth"), ("是否需要助餐", ""), ("房间数", "")],
)  # fmt: skip
def test_the_words_of_a_question_tell_its_field(words, field) -> None:
    assert column_of(words) == field
