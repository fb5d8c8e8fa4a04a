"""民政: basic living allowance, allowance for the very old, subsidies for the disabled; three sheets of an old .xls."""

import numpy as np
import polars as pl

from demo.old_excel import write_xls
from demo.records import Drafter
from demo.register import Layout, Ledger, Register, Sheet
from demo.sheets import number, serial
from demo.wording import either, pick, sexes, written_date

DEPARTMENT = "civil_affairs"
_NO = pl.Series([None], dtype=pl.String)


def write(register: Register) -> None:
    """Write 民政_救助与高龄.xls."""
    world = register.world
    path = register.path("民政_救助与高龄.xls")
    ledger = Ledger(register, DEPARTMENT, "MZ7")
    people = world.population
    lives = people.column("household") >= 0
    makers = (
        ("低保", np.flatnonzero(people.column("poor")), _allowance),
        (
            "高龄津贴",
            np.flatnonzero(
                lives & (people.column("age") >= 80) & (people.column("resident_kind") == "usual")
            ),
            _old_age,
        ),
        ("残疾人两项补贴", np.flatnonzero(people.column("disabled")), _disabled),
    )
    sheets, total, bad = [], 0, 0
    drafter = register.drafter(DEPARTMENT)
    for name, persons, make in makers:
        persons = drafter.rng.permutation(drafter.with_duplicates(persons))
        d = drafter.draft(persons)
        table, layout = make(register, drafter, d)
        rows, spoiled = ledger.compose(table, d["person"], layout, path, name, 2)
        title = f"东丽区{name}发放名册"
        sheets.append(
            Sheet(name, [[title], list(table.columns)], rows, merges=[f"A1:{'ABCDEFGHIJ'[table.width - 1]}1"])
        )
        total += len(rows)
        bad += spoiled
    write_xls(path, sheets)
    register.add_entry(path, DEPARTMENT, "person", total, bad)


def _sex(d: pl.DataFrame) -> pl.Series:
    return number(sexes(d["female"], "1", "2"))


def _allowance(register: Register, drafter: Drafter, d: pl.DataFrame) -> tuple[pl.DataFrame, Layout]:
    world, rng = register.world, drafter.rng
    home = world.facts(d["person"], "household")["household"]
    heads = world.persons.filter((pl.col("role") == "head") & (pl.col("household") >= 0)).select(
        "household", head="name"
    )
    head = pl.DataFrame({"household": home}).join(heads, on="household", how="left", maintain_order="left")[
        "head"
    ]
    table = pl.DataFrame(
        {
            "编号": pl.Series([None] * len(d), dtype=pl.String),
            "姓名": d["name"],
            "性别": _sex(d),
            "身份证号": d["id_no"],
            "出生年月日": written_date(d["birth"], "%Y.%m.%d"),
            "家庭住址": drafter.spoil(world.book.write("dash", d["at"])),
            "联系电话": d["phone"],
            "户主姓名": head,
            "月保障金": number(pl.Series(rng.integers(40, 140, len(d)) * 10)),
        }
    )
    return table, Layout(
        "编号",
        "姓名",
        "身份证号",
        "联系电话",
        "家庭住址",
        "出生年月日",
        ("1946.13.32", "2099.01.01", "0000.00.00"),
    )


def _old_age(register: Register, drafter: Drafter, d: pl.DataFrame) -> tuple[pl.DataFrame, Layout]:
    world, rng = register.world, drafter.rng
    alone = world.facts(d["person"], "lives_alone")["lives_alone"].to_numpy()
    table = pl.DataFrame(
        {
            "编号": pl.Series([None] * len(d), dtype=pl.String),
            "老人姓名": d["name"],
            "性别": _sex(d),
            "公民身份证号码": d["id_no"],
            "出生日期": serial(d["birth"]),
            "居住地址": drafter.spoil(world.book.write("dash", d["at"])),
            "联系电话": d["phone"],
            "居住状况": either(alone, pl.Series(["独居"]), pick(rng, ("空巢", "与子女同住"), len(d))),
            "津贴标准": number(pick(rng, ("100", "200", "500"), len(d))),
        }
    )
    return table, Layout(
        "编号",
        "老人姓名",
        "公民身份证号码",
        "联系电话",
        "居住地址",
        "出生日期",
        ("\x0299999", "1933年2月30日"),
    )


def _disabled(register: Register, drafter: Drafter, d: pl.DataFrame) -> tuple[pl.DataFrame, Layout]:
    world, rng = register.world, drafter.rng
    table = pl.DataFrame(
        {
            "编号": pl.Series([None] * len(d), dtype=pl.String),
            "姓名": d["name"],
            "性别": _sex(d),
            "身份证号码": d["id_no"],
            "出生日期": written_date(d["birth"], "%Y.%m.%d"),
            "残疾类别": pick(
                rng,
                ("肢体", "视力", "听力", "言语", "智力", "精神", "多重"),
                len(d),
                (0.5, 0.12, 0.14, 0.02, 0.08, 0.1, 0.04),
            ),
            "残疾等级": pick(rng, ("一级", "二级", "三级", "四级"), len(d)),
            "现住址": drafter.spoil(world.book.write("dash", d["at"])),
            "电话": d["phone"],
        }
    )
    return table, Layout(
        "编号", "姓名", "身份证号码", "电话", "现住址", "出生日期", ("1946.13.32", "2099.01.01")
    )
