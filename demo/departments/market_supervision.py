"""市监: enterprises and institutions, some twice, some with a spoilt credit code."""

import numpy as np
import polars as pl

from demo.register import Register, Sheet
from demo.sheets import write_xlsx
from demo.wording import either, pick, written_date

DEPARTMENT = "market_supervision"


def write(register: Register) -> None:
    """Write 市监_市场主体.xlsx."""
    world = register.world
    rng = world.rng(DEPARTMENT)
    orgs = world.organisations
    rows = np.flatnonzero(rng.random(len(orgs)) < 0.97)
    rows = np.concatenate([rows, rng.choice(rows, size=int(np.ceil(0.03 * len(rows))))])
    rows = rng.permutation(rows)
    o = orgs[pl.Series(rows)]
    count = len(o)
    slip = rng.random(count) < 0.015
    blank = rng.random(count) < 0.05
    code = either(
        slip,
        o["credit_code"].str.slice(0, 16)
        + o["credit_code"].str.slice(17, 1)
        + o["credit_code"].str.slice(16, 1),
        o["credit_code"],
    )
    code = either(blank, pl.Series([None], dtype=pl.String), code)
    name = either(rng.random(count) < 0.04, o["name"].str.replace("天津", "天津市", literal=True), o["name"])
    name = either(rng.random(count) < 0.03, name.str.replace("有限公司", "公司", literal=True), name)
    each = max(1, count // 800)
    table = pl.DataFrame(
        {
            "登记号": "SC" + pl.int_range(1, count + 1, eager=True).cast(pl.String).str.zfill(7),
            "企业名称": name,
            "统一社会信用代码": code,
            "类型": o["kind"],
            "法定代表人": world.facts(o["legal_person"], "name")["name"],
            "联系电话": either(rng.random(count) < 0.15, pl.Series([None], dtype=pl.String), o["phone"]),
            "住所": world.book.write("full", o["dwelling"]),
            "成立日期": written_date(o["founded"], "%Y年%m月%d日"),
            "经营状态": pick(rng, ("存续", "注销", "吊销"), count, (0.9, 0.07, 0.03)),
            "行业": o["industry"],
        }
    )
    test = pl.DataFrame(
        {
            c: [None] * each
            if c not in ("登记号", "企业名称")
            else [f"SC{count + i + 1:07d}" if c == "登记号" else "测试企业" for i in range(each)]
            for c in table.columns
        },
        schema=table.schema,
    )
    blank_rows = pl.DataFrame(
        {
            c: [f"SC{count + each + i + 1:07d}" if c == "登记号" else None for i in range(each)]
            for c in table.columns
        },
        schema=table.schema,
    ).with_columns(pl.Series("行业", table["行业"].head(each)))
    whole = pl.concat([table, test, blank_rows])
    path = register.path("市监_市场主体.xlsx")
    relative = path.relative_to(register.out).as_posix()
    for i in range(2 * each):
        reason = "test_row" if i < each else "no_name_no_id"
        register.bad.append((relative, "市场主体", 3 + count + i, whole["登记号"][count + i], reason))
    write_xlsx(
        path, [Sheet("市场主体", [["东丽区市场主体登记信息"], list(table.columns)], whole, merges=["A1:J1"])]
    )
    register.add_entry(path, DEPARTMENT, "organisation", len(whole), 2 * each)
    truth = pl.DataFrame(
        {"record_id": table["登记号"], "source": [DEPARTMENT] * count, "entity_id": org_ids(pl.Series(rows))}
    )
    truth.write_csv(register.out / "truth" / "organisation_records.csv")


def org_ids(rows: pl.Series) -> pl.Series:
    """Entity ids of organisations by row number."""
    return "O" + (rows + 1).cast(pl.String).str.zfill(6)
