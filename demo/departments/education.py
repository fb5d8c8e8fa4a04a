"""教育: pupils by stage, a sheet each; dates as bare serial numbers, and the phone is the guardian's."""

import numpy as np
import polars as pl

from demo.register import Layout, Ledger, Register, Sheet
from demo.sheets import NUMBER, serial, write_xlsx
from demo.wording import either, pick, sexes

DEPARTMENT = "education"
_STAGES = (
    ("幼儿园", "kindergarten", "幼儿园", ("小班", "中班", "大班"), 3, False),
    ("小学", "primary", "小学", ("一年级", "二年级", "三年级", "四年级", "五年级", "六年级"), 6, True),
    ("初中", "junior", "中学", ("七年级", "八年级", "九年级"), 12, True),
    ("高中", "senior", "高级中学", ("高一", "高二", "高三"), 15, False),
)
LAYOUT = Layout(
    "学籍号", "姓名", "身份证件号", "监护人电话", "现住址", "出生日期", ("\x0199999", "2015-02-30")
)


def write(register: Register) -> None:
    """Write 教育_学籍.xlsx."""
    world, drafter = register.world, register.drafter(DEPARTMENT)
    rng = world.rng(DEPARTMENT)
    stage, household = world.population.column("stage"), world.population.column("household")
    head_of = np.zeros(world.population.households, dtype=np.int64)
    heads = np.flatnonzero((world.population.column("role") == "head") & (household >= 0))
    head_of[household[heads]] = heads
    path = register.path("教育_学籍.xlsx")
    ledger = Ledger(register, DEPARTMENT, "XJ8")
    streets = list(dict.fromkeys(s[1].removesuffix("街道") for s in world.places.tiling.streets))
    sheets, total, bad = [], 0, 0
    for sheet, code, noun, grades, first, titled in _STAGES:
        pupils = np.flatnonzero((stage == code) & (rng.random(len(stage)) < drafter.habits.share))
        d = drafter.draft(rng.permutation(drafter.with_duplicates(pupils)))
        guardian = world.facts(
            pl.Series(head_of[household[d["person"].to_numpy()]]), "name", "female", "resident_kind"
        )
        kin = world.facts(d["person"], "age", "resident_kind")
        lodging = (kin["resident_kind"] == "boarding").to_numpy()
        schools = tuple(f"东丽区{s}{o}{noun}" for s in streets for o in ("第一", "第二", "实验"))
        relation = either(guardian["female"].to_numpy(), pl.Series(["母亲"]), pl.Series(["父亲"]))
        table = pl.DataFrame(
            {
                "学籍号": pl.Series([None] * len(d), dtype=pl.String),
                "姓名": d["name"],
                "性别": sexes(d["female"], "M", "F") if code == "senior" else sexes(d["female"], "男", "女"),
                "出生日期": serial(d["birth"], NUMBER),
                "身份证件号": d["id_no"],
                "学校": pick(rng, schools, len(d)),
                "年级": pl.Series(grades).gather(
                    pl.Series((kin["age"].to_numpy() - first).clip(0, len(grades) - 1))
                ),
                "班级": pick(rng, ("1班", "2班", "3班", "4班", "5班"), len(d)),
                "现住址": drafter.spoil(world.book.write("plain", d["at"])),
                "监护人姓名": guardian["name"],
                "监护人电话": d["phone"],
                "监护关系": either(lodging, pl.Series(["其他"]), relation),
                "寄宿": pick(rng, ("是", "否"), len(d), (0.25, 0.75) if code == "senior" else (0.01, 0.99)),
                "留守儿童": either(
                    lodging & (rng.random(len(d)) < 0.5), pl.Series(["是"]), pl.Series(["否"])
                ),
            }
        )
        if code == "senior":
            front = ["学籍号", "学校", "年级", "班级"]
            table = table.select(*front, *(c for c in table.columns if c not in front))
        head: list[list[str | None]] = [[f"东丽区{sheet}在校学生名册"]] if titled else []
        rows, spoiled = ledger.compose(table, d["person"], LAYOUT, path, sheet, len(head) + 1)
        sheets.append(Sheet(sheet, [*head, list(table.columns)], rows, merges=["A1:N1"] if titled else []))
        total, bad = total + len(rows), bad + spoiled
    write_xlsx(path, sheets)
    register.add_entry(path, DEPARTMENT, "person", total, bad)
