"""网格: what grid workers wrote down at the door; Chinese dates, full-width digits, ids seldom asked."""

import numpy as np
import polars as pl

from demo.population import RELATIONS
from demo.register import Layout, Ledger, Register
from demo.sheets import write_csv
from demo.wording import days_before, either, full_width, pick, sexes, written_date

DEPARTMENT = "grid_office"
LAYOUT = Layout(
    "走访编号",
    "居民姓名",
    "身份证号",
    "联系电话",
    "住址",
    "出生日期",
    ("二〇〇五年十三月四十日", "2099年1月1日", "1985.13.45", "〇〇〇〇年〇月〇日"),
)


def write(register: Register) -> None:
    """Write 网格_走访记录.csv."""
    world, drafter = register.world, register.drafter(DEPARTMENT)
    rng = world.rng(DEPARTMENT)
    household, home = world.population.column("household"), world.population.column("home")
    visited = rng.random(world.population.households) < 0.66
    seen = (
        (household >= 0)
        & visited[np.maximum(household, 0)]
        & (rng.random(len(household)) < drafter.habits.share / 0.66)
    )
    persons = np.flatnonzero(seen)
    persons = persons[np.argsort(home[persons], kind="stable")]
    persons = drafter.with_duplicates(persons)
    d = drafter.draft(persons)
    facts = world.facts(
        d["person"],
        "home",
        "role",
        "lives_alone",
        "age",
        "disabled",
        "poor",
        "resident_kind",
        "front_line_family",
    )
    count = len(d)
    day = days_before(rng, count, world.as_of, 1, 420)
    how = rng.random(count)
    birth = either(
        how < 0.4, written_date(d["birth"], "chinese"),
        either(how < 0.75, written_date(d["birth"], "loose:年"), written_date(d["birth"], "loose:.")),
    )  # fmt: skip
    wide = rng.random(count) < 0.12
    book = world.book
    address = either(rng.random(count) < 0.75, book.write("hash", d["at"]), book.write("plain", d["at"]))
    address = drafter.spoil(address)
    table = pl.DataFrame(
        {
            "走访编号": pl.Series([None] * count, dtype=pl.String),
            "网格编码": world.grid_code(facts["home"]),
            "走访日期": written_date(day, "chinese"),
            "居民姓名": d["name"],
            "与户主关系": facts["role"].replace_strict(RELATIONS),
            "性别": sexes(d["female"], "男", "女"),
            "出生日期": birth,
            "身份证号": either(wide, full_width(d["id_no"]), d["id_no"]),
            "联系电话": either(wide, full_width(d["phone"]), d["phone"]),
            "住址": either(rng.random(count) < 0.15, full_width(address), address),
            "居住状况": _living(facts),
            "走访情况": _remark(rng, facts),
        }
    )
    path = register.path("网格_走访记录.csv")
    rows, bad = Ledger(register, DEPARTMENT, "ZF8").compose(table, d["person"], LAYOUT, path, "", 1)
    write_csv(path, table.columns, rows)
    register.add_entry(path, DEPARTMENT, "person", len(rows), bad, "utf-8")


def _living(facts: pl.DataFrame) -> pl.Series:
    return facts.select(
        pl.when("lives_alone").then(pl.lit("独居"))
        .when(pl.col("role") == "mate").then(pl.lit("合租"))
        .when(pl.col("resident_kind") == "boarding").then(pl.lit("寄住"))
        .otherwise(pl.lit("与家人同住"))
    )[:, 0]  # fmt: skip


def _remark(rng: np.random.Generator, facts: pl.DataFrame) -> pl.Series:
    usual = pick(rng, ("无异常", "情况正常", "已入户", None, "家中有人，信息已核对"), len(facts))
    return facts.with_columns(usual=usual).select(
        pl.when(pl.col("lives_alone") & (pl.col("age") >= 70)).then(pl.lit("老人独居，腿脚不便，建议每周探望"))
        .when("disabled").then(pl.lit("家中有残疾人，需上门服务"))
        .when("poor").then(pl.lit("生活困难，已告知救助政策"))
        .when("front_line_family").then(pl.lit("家属在一线值守，需关心"))
        .when(pl.col("resident_kind") == "floating").then(pl.lit("租户，外来务工"))
        .otherwise("usual")
    )[:, 0]  # fmt: skip
