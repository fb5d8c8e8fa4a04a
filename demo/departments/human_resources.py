"""人社: the insured at work here; ids complete but some turned to floats, numbers and dates as cells."""

import numpy as np
import polars as pl

from demo.register import Layout, Ledger, Register, Sheet, in_parts, part_name
from demo.sheets import NUMBER, number, serial, write_xlsx
from demo.wording import days_before, either, pick, sexes

DEPARTMENT = "human_resources"
FLOAT_SHARE = 0.02
LAYOUT = Layout(
    "个人编号",
    "姓名",
    "证件号码",
    "手机号码",
    "家庭住址",
    "出生日期",
    ("\x0299999", "1985-13-45", "\x0273415"),
)


def write(register: Register) -> None:
    """Write 人社_社保参保人员.xlsx."""
    world, drafter = register.world, register.drafter(DEPARTMENT)
    rng = world.rng(DEPARTMENT)
    works = world.population.column("works") & (rng.random(len(world.population)) < drafter.habits.share)
    works |= (world.population.column("resident_kind") == "moved_away") & (rng.random(len(works)) < 0.2)
    d = drafter.draft(rng.permutation(drafter.with_duplicates(np.flatnonzero(works))))
    employer = world.facts(d["person"], "employer").select(pl.when(pl.col("employer") >= 0).then("employer"))[
        :, 0
    ]
    grown = world.facts(d["person"], "birth")["birth"].dt.offset_by("18y")
    firm = world.organisations.select("credit_code", "name")
    # typed as a number, an eighteen-digit id keeps fifteen digits
    whole = d["id_no"].str.contains(r"^\d{18}$").fill_null(False).to_numpy()
    floats = whole & (rng.random(len(d)) < FLOAT_SHARE)
    register.tally.add("id_as_float", int(floats.sum()))
    rounded = NUMBER + (d["id_no"].str.slice(0, 15) + "000")
    phone = d["phone"]
    as_number = (phone.str.contains(r"^1\d{10}$").fill_null(False)).to_numpy()
    table = pl.DataFrame(
        {
            "个人编号": pl.Series([None] * len(d), dtype=pl.String),
            "姓名": d["name"],
            "证件号码": either(floats, rounded, d["id_no"]),
            "性别": sexes(d["female"], "男性", "女性"),
            "出生日期": serial(d["birth"]),
            "手机号码": either(as_number, number(phone), phone),
            "家庭住址": drafter.spoil(world.book.write("gate", d["at"])),
            "单位统一社会信用代码": firm["credit_code"].gather(employer),
            "单位名称": firm["name"].gather(employer),
            "参保状态": pick(rng, ("正常参保", "暂停缴费"), len(d), (0.93, 0.07)),
            "参保日期": serial(days_before(rng, len(d), world.as_of, 30, 6_000, after=grown)),
        }
    )
    ledger = Ledger(register, DEPARTMENT, "20018", numbers=True)
    parts = in_parts(len(table))
    for i, (start, length) in enumerate(parts):
        path = register.path(part_name("人社_社保参保人员", ".xlsx", i, len(parts)))
        rows, bad = ledger.compose(
            table.slice(start, length), d["person"].slice(start, length), LAYOUT, path, "Sheet1", 1
        )
        write_xlsx(path, [Sheet("Sheet1", [list(table.columns)], rows)])
        register.add_entry(path, DEPARTMENT, "person", len(rows), bad)
