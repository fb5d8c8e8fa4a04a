"""卫健: residents' health files, by community hospital; a GBK extract with every cell quoted."""

import numpy as np
import polars as pl

from demo.register import Layout, Ledger, Register
from demo.sheets import write_csv
from demo.wording import days_before, either, pick, written_date

DEPARTMENT = "health"
LAYOUT = Layout(
    "档案号",
    "姓名",
    "身份证号",
    "本人电话",
    "现住址",
    "出生日期",
    ("1985-13-45", "2099-01-01", "1785-02-30", "0000-00-00"),
)


def write(register: Register) -> None:
    """Write 卫健_居民健康档案.csv."""
    world, drafter = register.world, register.drafter(DEPARTMENT)
    rng = world.rng(DEPARTMENT)
    age, home = world.population.column("age"), world.population.column("home")
    chance = np.where(age >= 60, 0.82, np.where(age <= 6, 0.88, 0.52)) * np.where(home >= 0, 1.0, 0.4)
    persons = np.flatnonzero(rng.random(len(age)) < chance)
    d = drafter.draft(rng.permutation(drafter.with_duplicates(persons)))
    facts = world.facts(d["person"], "registered", "origin", "birth", "age", "female", "household", "role")
    book = world.book
    written = either(rng.random(len(d)) < 0.7, book.write("block", d["at"]), book.write("plain", d["at"]))
    registered = book.write("full", facts.select(pl.when(pl.col("registered") >= 0).then("registered"))[:, 0])
    registered = either(
        rng.random(len(d)) < 0.6, registered.fill_null(facts["origin"]), pl.Series([None], dtype=pl.String)
    )
    kin_row = np.where(
        facts["role"].to_numpy() == "head", d["person"].to_numpy() + 1, d["person"].to_numpy() - 1
    )
    kin_row = kin_row.clip(0, len(age) - 1)
    same_home = world.population.column("household")[kin_row] == facts["household"].to_numpy()
    kin = world.facts(pl.Series(kin_row), "name", "own_phone")
    told = same_home & (rng.random(len(d)) < 0.5)
    nobody = pl.Series([None], dtype=pl.String)
    old = facts["age"].to_numpy()
    ill = either(
        rng.random(len(d)) < np.clip((old - 40) / 70, 0, 0.6),
        pick(rng, ("高血压", "糖尿病", "高血压、糖尿病", "冠心病", "慢阻肺"), len(d)),
        pl.Series(["无"]),
    )
    pregnant = facts["female"].to_numpy() & (old >= 22) & (old <= 40) & (rng.random(len(d)) < 0.03)
    sex = either(facts["female"].to_numpy(), pl.Series(["2"]), pl.Series(["1"]))
    table = pl.DataFrame(
        {
            "档案号": pl.Series([None] * len(d), dtype=pl.String),
            "姓名": d["name"],
            "性别代码": either(rng.random(len(d)) < 0.01, pl.Series(["9"]), sex),
            "出生日期": written_date(d["birth"], "%Y-%m-%d"),
            "身份证号": d["id_no"],
            "本人电话": d["phone"],
            "紧急联系人": either(told, kin["name"], nobody),
            "紧急联系人电话": either(told, kin["own_phone"], nobody),
            "现住址": drafter.spoil(written),
            "户籍地址": registered,
            "建档日期": written_date(
                days_before(rng, len(d), world.as_of, 100, 4_500, after=facts["birth"]), "%Y-%m-%d"
            ),
            "最近随访日期": written_date(
                days_before(rng, len(d), world.as_of, 1, 500, after=facts["birth"]), "%Y-%m-%d"
            ),
            "慢性病": ill,
            "孕产妇": either(pregnant, pl.Series(["是"]), pl.Series(["否"])),
        }
    )
    path = register.path("卫健_居民健康档案.csv")
    rows, bad = Ledger(register, DEPARTMENT, "1201100038").compose(table, d["person"], LAYOUT, path, "", 1)
    write_csv(path, table.columns, rows, encoding="gbk", quote_all=True, crlf=True)
    register.add_entry(path, DEPARTMENT, "person", len(rows), bad, "gbk")
