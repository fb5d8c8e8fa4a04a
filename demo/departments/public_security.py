"""公安: the household register. Everybody registered here, living here or not; ids nearly perfect, phones rare."""

import numpy as np
import polars as pl

from demo.population import RELATIONS
from demo.register import Layout, Ledger, Register, Sheet, in_parts, part_name
from demo.sheets import write_xlsx
from demo.wording import days_before, either, pick, sexes, spaced, written_date

DEPARTMENT = "public_security"
COLLECTIVE = "天津市东丽区先锋东路18号人才服务中心集体户"
HEADER: list[str | None] = [
    "人员编号", "姓名", "曾用名", "性别", "出生日期", "公民身份号码", "户号", "与户主关系", "户籍地址", "派出所", "迁入日期", "联系电话",
]  # fmt: skip
_BANDS: list[str | None] = [
    "人员编号", "基本信息", None, None, None, None, "户籍信息", None, None, None, None, "联系方式",
]  # fmt: skip
LAYOUT = Layout(
    "人员编号",
    "姓名",
    "公民身份号码",
    "联系电话",
    "户籍地址",
    "出生日期",
    ("19851332", "20990101", "17850230", "00000000"),
)


def write(register: Register) -> None:
    """Write 公安_户籍人口.xlsx."""
    world, drafter = register.world, register.drafter(DEPARTMENT)
    rng = world.rng(DEPARTMENT)
    registered = world.population.column("registered")
    here = np.flatnonzero((registered != -1) & (rng.random(len(registered)) < drafter.habits.share))
    here = here[np.argsort(registered[here], kind="stable")]
    persons = drafter.with_duplicates(here)
    d = drafter.draft(persons)
    facts = world.facts(d["person"], "former_name", "birth", "registered", "role", "household", "home")
    at_home = (facts["registered"] == facts["home"]).to_numpy()
    relation = either(
        at_home,
        facts["role"].replace_strict(RELATIONS),
        pick(rng, ("户主", "子女", "非亲属", "孙子女"), len(d), (0.35, 0.35, 0.1, 0.2)),
    )
    address = drafter.spoil(world.book.write("full", d["at"]))
    station = world.book.part(
        "street", facts.select(pl.when(pl.col("registered") >= 0).then("registered"))[:, 0]
    )
    home_number = "H" + facts["registered"].clip(0).cast(pl.String).str.zfill(8)
    table = pl.DataFrame(
        {
            "人员编号": pl.Series([None] * len(d), dtype=pl.String),
            "姓名": spaced(d["name"]),
            "曾用名": either(
                rng.random(len(d)) < 0.8, facts["former_name"], pl.Series([None], dtype=pl.String)
            ),
            "性别": sexes(d["female"], "男", "女"),
            "出生日期": written_date(d["birth"], "%Y%m%d"),
            "公民身份号码": d["id_no"],
            "户号": either(d["collective"].to_numpy(), pl.Series(["H99999999"]), home_number),
            "与户主关系": relation,
            "户籍地址": either(d["collective"].to_numpy(), pl.Series([COLLECTIVE]), address),
            "派出所": station.str.replace("(街道|区)$", "") + "派出所",
            "迁入日期": written_date(
                days_before(rng, len(d), world.as_of, 200, 14_000, after=facts["birth"]), "%Y%m%d"
            ),
            "联系电话": d["phone"],
        }
    )
    ledger = Ledger(register, DEPARTMENT, "GA8")
    parts = in_parts(len(table))
    for i, (start, length) in enumerate(parts):
        path = register.path(part_name("公安_户籍人口", ".xlsx", i, len(parts)))
        rows, bad = ledger.compose(
            table.slice(start, length), d["person"].slice(start, length), LAYOUT, path, "户籍人口", 4
        )
        day = written_date(pl.Series([world.as_of]), "loose:年")[0]
        head: list[list[str | None]] = [
            [f"东丽区户籍人口信息表（截至{day}）"],
            ["填报单位：天津市公安局东丽分局　　　　制表：户政科"],
            _BANDS,
            HEADER,
        ]
        footer: list[str | None] = ["合计", f"{len(rows)}人"]
        sheet = Sheet("户籍人口", head, rows, [footer], ["A1:L1", "A2:L2", "A3:A4", "B3:F3", "G3:K3"])
        register.bad.append(
            (path.relative_to(register.out).as_posix(), "户籍人口", 4 + len(rows) + 1, "合计", "footer_row")
        )
        write_xlsx(path, [sheet])
        register.add_entry(path, DEPARTMENT, "person", len(rows) + 1, bad + 1)
