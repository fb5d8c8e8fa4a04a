"""物业: owners and tenants as property companies keep them; notes in number cells, hardly an id."""

import numpy as np
import polars as pl

from demo.departments.housing import occupants
from demo.records import Drafter
from demo.register import Layout, Ledger, Register, Sheet
from demo.sheets import number, write_xlsx
from demo.wording import days_before, either, pick

DEPARTMENT = "property"
COMPANIES = ("康居物业", "安和物业", "津滨物业")
COMPANY_PHONE = "02284371200"
LAYOUT = Layout("登记号", "业主/住户姓名", "证件号", "联系电话", "楼栋房号")


def write(register: Register) -> None:
    """Write 物业_业主住户登记.xlsx."""
    world, drafter = register.world, register.drafter(DEPARTMENT)
    rng = world.rng(DEPARTMENT)
    persons, dwelling, kind = occupants(
        register,
        drafter.habits.share,
        rng,
        co_owner=0.12,
        tenant=0.45,
        member=0.03,
        absent=0.35,
        estates_only=True,
    )
    company = world.places.dwellings["estate"].to_numpy()[dwelling] % len(COMPANIES)
    path = register.path("物业_业主住户登记.xlsx")
    ledger = Ledger(register, DEPARTMENT, "WY8")
    sheets, total, bad = [], 0, 0
    for c, company_name in enumerate(COMPANIES):
        mine = np.flatnonzero(company == c)
        twice = rng.choice(mine, size=int(np.ceil(drafter.habits.duplicates * len(mine) * 1.02)))
        drafter.tally.add("duplicate_within_source", len(twice))
        rows_of = np.concatenate([mine, twice])
        rows_of = rows_of[np.argsort(dwelling[rows_of], kind="stable")]
        d = drafter.draft(persons[rows_of], at=dwelling[rows_of])
        table = _table(register, drafter, d, kind[rows_of], rng)
        note: list[list[str | None]] = [
            [f"{company_name}服务有限公司业主及住户登记表"], ["注：面积单位为平方米；电话打不通的请联系楼长"], list(table.columns),
        ]  # fmt: skip
        rows, spoiled = ledger.compose(table, d["person"], LAYOUT, path, company_name, 3)
        sheets.append(Sheet(company_name, note, rows, merges=["A1:J1", "A2:J2"]))
        total, bad = total + len(rows), bad + spoiled
    write_xlsx(path, sheets)
    register.add_entry(path, DEPARTMENT, "person", total, bad)


def _table(
    register: Register, drafter: Drafter, d: pl.DataFrame, kind: np.ndarray, rng: np.random.Generator
) -> pl.DataFrame:
    count = len(d)
    # those who gave no number stand with the company's own: one phone on hundreds of records
    lent = d["phone"].is_null().to_numpy() & (rng.random(count) < 0.08)
    phone = either(lent, pl.Series([COMPANY_PHONE]), d["phone"])
    mobile = phone.str.contains(r"^1\d{10}$").fill_null(False).to_numpy()
    noted = mobile & (rng.random(count) < 0.05)
    remark = pick(rng, ("（晚上打）", "(微信同号)", " 白天不接", "（儿子电话）"), count)
    area = pl.Series(np.round(rng.uniform(42, 148, count), 1)).cast(pl.String)
    fee = pl.Series(rng.integers(300, 2_400, count)).cast(pl.String)
    return pl.DataFrame(
        {
            "登记号": pl.Series([None] * count, dtype=pl.String),
            "楼栋房号": drafter.spoil(register.world.book.write("dash", d["at"])),
            "业主/住户姓名": d["name"],
            "身份": pl.Series(["业主", "家属", "租户", "家属"]).gather(pl.Series(kind)),
            "联系电话": either(noted, phone + remark, either(mobile, number(phone), phone)),
            "证件号": d["id_no"],
            "建筑面积": either(rng.random(count) < 0.08, area + "（含阳台）", number(area)),
            "物业费": either(rng.random(count) < 0.10, pick(rng, ("已交", "减免", "欠"), count), number(fee)),
            "入住时间": days_before(rng, count, register.world.as_of, 100, 6_000).dt.strftime("%Y年%-m月"),
            "备注": pick(
                rng, (None, "空置", "出租", "养犬", "长期无人"), count, (0.8, 0.05, 0.07, 0.05, 0.03)
            ),
        }
    )
