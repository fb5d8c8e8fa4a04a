"""The header matcher: right on departments' forms, silent where it knows nothing, deaf to no refused column."""

import json
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wangge_engine.columns import (
    load_schema,
    normal_header,
    propose,
    refused_columns,
    schema_names,
    signature,
)
from wangge_engine.columns.detectors import valid_identity
from wangge_engine.columns.schemas import read_contract
from wangge_engine.frame.cli import main

SURNAMES = "王李张刘陈杨赵黄周吴"


def identity(chance: random.Random, birth: str) -> str:
    body = "120110" + birth + f"{chance.randrange(1, 1000):03d}"
    weights = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
    return body + "10X98765432"[sum(int(d) * w for d, w in zip(body, weights, strict=True)) % 11]


def people(count: int = 60) -> dict[str, list[str]]:
    chance = random.Random(7)
    births = [
        f"{chance.randrange(1935, 2015)}{chance.randrange(1, 13):02d}{chance.randrange(1, 29):02d}"
        for _ in range(count)
    ]
    return {
        "name": [chance.choice(SURNAMES) + chance.choice(["伟", "秀英", "建国", "子涵"]) for _ in births],
        "id_no": [identity(chance, birth) for birth in births],
        "sex": [chance.choice("男女") for _ in births],
        "birth": [f"{b[:4]}-{b[4:6]}-{b[6:]}" for b in births],
        "phone": [f"13{chance.randrange(10**9):09d}" for _ in births],
        "address": [
            f"东丽区张贵庄街道华亭里{chance.randrange(1, 30)}号楼{chance.randrange(1, 5)}单元{chance.randrange(101, 699)}"
            for _ in births
        ],
        "recorded_on": [f"2026-{chance.randrange(1, 10):02d}-{chance.randrange(1, 29):02d}" for _ in births],
    }


FORMS = [
    (["序号", "姓名", "公民身份号码", "性别", "出生日期", "户籍地址", "联系电话", "与户主关系", "户号"],
     ["record_id", "name", "id_no", "sex", "birth", "hukou_address", "phone", "relation", "household_ref"]),
    (["基本信息/姓名", "基本信息/身份证号", "基本信息/性别", "联系方式/手机", "联系方式/现住址", "登记日期"],
     ["name", "id_no", "sex", "phone", "address", "recorded_on"]),
    (["学籍号", "学生姓名", "身份证件号", "家长姓名", "家长电话", "家庭住址", "年级", "学校"],
     ["record_id", "name", "id_no", None, "guardian_phone", "address", "education_stage", "school"]),
    (["户主姓名", "姓名", "户编号", "所在街道", "社区", "小区", "楼号", "单元", "房号", "是否独居"],
     [None, "name", "household_ref", "address", "address", "address", "address", "address", "address", "lives_alone"]),
    (["姓名", "性别代码", "紧急联系人电话", "监护关系", "身份证件号", "工单编号"], ["name", "sex", None, None, "id_no", "record_id"]),
    (["XM", "SFZH", "XB", "CSRQ", "LXDH", "XZZ"], ["name", "id_no", "sex", "birth", "phone", "address"]),
]  # fmt: skip


@pytest.mark.parametrize(("headers", "wanted"), FORMS)
def test_headers_alone_find_the_columns(headers, wanted):
    found = propose(headers, [[] for _ in headers], load_schema("person"))
    assert [proposal.column for proposal in found] == wanted
    assert all(proposal.confidence >= 0.4 for proposal in found if proposal.column)


def test_cells_alone_find_the_columns_when_the_headers_say_nothing():
    table = people()
    order = ["recorded_on", "phone", "birth", "id_no", "address", "name", "sex"]
    found = propose(
        [f"字段{n}" for n in range(len(order))], [table[name] for name in order], load_schema("person")
    )
    assert [proposal.column for proposal in found][1:] == order[1:]
    assert found[0].column != "birth"


def test_cells_contradict_a_wrong_header():
    table = people()
    found = propose(["电话", "姓名"], [table["name"], table["phone"]], load_schema("person"))
    assert all(proposal.confidence < 0.75 for proposal in found if proposal.column)
    assert [p.column for p in found] == ["name", "phone"]


def test_each_proposal_says_why_in_both_languages():
    table = people()
    for proposal in propose(["姓名", "备注"], [table["name"], [""]], load_schema("person")):
        assert proposal.reason_zh.endswith("。")
        assert proposal.reason_en.endswith(".")


@pytest.mark.parametrize(
    ("header", "kind"),
    [("民族", "ethnicity"), ("MZ", "ethnicity"), ("个人信息/民族", "ethnicity"), ("民 族（必填）", "ethnicity"), ("宗教信仰", "religion"), ("是否信教", "religion"),
     ("政治面貌", "politics"), ("ZZMM", "politics"), ("是否党员", "politics"), ("人脸照片", "biometrics"), ("指纹特征", "biometrics"), ("face_id", "biometrics")],
)  # fmt: skip
def test_a_refused_header_is_named(header, kind):
    (refusal,) = refused_columns(["姓名", header], [[], []])
    assert (refusal.index, refusal.header, refusal.kind, refusal.by) == (1, header, kind, "header")


@pytest.mark.parametrize(
    ("cells", "kind"),
    [(["汉族"] * 9 + ["回族"], "ethnicity"), (["汉", "汉", "满", "汉", "回"], "ethnicity"), (["群众", "党员", "群众", "共青团员"], "politics"),
     (["佛教", "无", "佛教", "基督教"], "religion"), (["/9j/4AAQSkZJRgABAQ", "", ""], "biometrics"), ([",".join(["0.125"] * 128)], "biometrics")],
)  # fmt: skip
def test_a_disguised_column_is_found_by_its_cells(cells, kind):
    (refusal,) = refused_columns(["备注1"], [cells])
    assert (refusal.kind, refusal.by) == (kind, "cells")
    assert all(cell not in repr(refusal) for cell in cells if len(cell) > 1), "a refusal quotes no cell"


def test_ordinary_columns_are_not_refused():
    table = people()
    headers = [*table, "垃圾桶", "备注", "国籍", "网格员"]
    samples = [
        *table.values(),
        ["满", "空", "满", "满"],
        ["回访", "白天不在", "回"],
        ["中国"] * 5,
        ["群艺馆", "王芳"],
    ]
    assert refused_columns(headers, samples) == []


@pytest.mark.parametrize("name", schema_names())
def test_no_schema_has_a_refused_column(name):
    schema = load_schema(name)
    for column in schema.columns:
        words = [column.zh, column.name, *column.aliases]
        assert refused_columns(words, [[] for _ in words]) == [], column.name


def test_refused_kinds_are_the_four_of_the_mission():
    assert set(read_contract("refused")) == {"ethnicity", "religion", "politics", "biometrics"}


@pytest.mark.parametrize("name", schema_names())
def test_every_alias_finds_its_own_column(name):
    schema = load_schema(name)
    for column in schema.columns:
        for alias in column.aliases:
            (found,) = propose([alias], [[]], schema)
            owners = [c.name for c in schema.columns if normal_header(alias) in map(normal_header, c.aliases)]
            assert found.column in owners


@given(st.lists(st.text(max_size=20), max_size=12), st.data())
def test_any_table_gets_one_proposal_per_column_and_no_column_twice(headers, data):
    samples = [data.draw(st.lists(st.text(max_size=30), max_size=5)) for _ in headers]
    schema = load_schema("person")
    found = propose(headers, samples, schema)
    assert [p.index for p in found] == list(range(len(headers)))
    once = [p.column for p in found if p.column and not schema.column(p.column).multiple]
    assert len(once) == len(set(once))
    assert all(0 <= p.confidence <= 0.99 for p in found)


@given(st.lists(st.text(max_size=12), min_size=1, max_size=6))
def test_the_signature_forgets_spaces_and_width_but_not_order(headers):
    assert signature(headers) == signature([f" {header} " for header in headers])
    if [normal_header(h) for h in headers] != [normal_header(h) for h in headers[::-1]]:
        assert signature(headers) != signature(headers[::-1])


@given(st.integers(1935, 2020), st.integers(0, 17), st.integers(1, 9))
def test_one_changed_digit_breaks_an_identity_number(year, place, shift):
    number = identity(random.Random(year), f"{year}0615")
    assert valid_identity(number)
    last = number[place] == "X"
    changed = "0" if last else str((int(number[place]) + shift) % 10)
    assert not valid_identity(number[:place] + changed + number[place + 1 :])


def run_command(tmp_path, capsys, headers, rows):
    source = tmp_path / "table.csv"
    source.write_text("\n".join(",".join(row) for row in [headers, *rows]), "utf-8")
    code = main(
        [
            "columns",
            "--input",
            str(source),
            "--schema",
            "person",
            "--out",
            str(tmp_path / "out"),
            "--json",
            "--quiet",
        ]
    )
    return code, capsys.readouterr()


def test_the_command_writes_a_proposal_for_a_plain_file(tmp_path, capsys):
    table = people(20)
    headers = ["姓名", "证件", "备注"]
    code, said = run_command(
        tmp_path, capsys, headers, zip(table["name"], table["id_no"], ["好"] * 20, strict=True)
    )
    assert code == 0
    assert json.loads(said.out)["mapping"] == {"姓名": "name", "证件": "id_no"}
    rows = (tmp_path / "out" / "columns.csv").read_text("utf-8").splitlines()
    assert len(rows) == 4


def test_the_command_refuses_a_table_with_a_refused_column(tmp_path, capsys):
    code, said = run_command(tmp_path, capsys, ["姓名", "说明"], [["王芳", "汉族"]] * 4)
    assert code == 2
    assert "说明" in said.err
    assert not (tmp_path / "out").exists()
