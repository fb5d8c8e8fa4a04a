"""12345: callers; no id, no birth date, some leave only a surname and a title."""

import numpy as np
import polars as pl

from demo.register import Layout, Ledger, Register
from demo.sheets import write_csv
from demo.wording import either, sexes

DEPARTMENT = "hotline"
TITLE_ONLY = 0.035
LAYOUT = Layout("工单编号", "来电人", None, "来电号码", "地址")
_TOPICS = (
    ("物业服务", "小区电梯经常停运，\n物业一直没有修好。"),
    ("停车", "消防通道被占用停车，\n晚上救护车进不来。"),
    ("噪声扰民", "楼下夜里施工，\n影响老人休息。"),
    ("供水供热", "暖气不热，\n室温只有十四度。"),
    ("环境卫生", "垃圾桶满了没有清运。"),
    ("社保咨询", "咨询养老金认证怎么办理。"),
)


def write(register: Register) -> None:
    """Write 12345_来电登记.csv."""
    world, drafter = register.world, register.drafter(DEPARTMENT)
    rng = world.rng(DEPARTMENT)
    age, home = world.population.column("age"), world.population.column("home")
    grown = np.flatnonzero((age >= 20) & (home >= 0))
    callers = rng.choice(grown, size=int(drafter.habits.share * len(age)), replace=False)
    persons = drafter.with_duplicates(callers)
    if len(age) > 50_000:  # one caller rings forty times
        persons = np.concatenate([persons, np.full(39, callers[0])])
        drafter.tally.add("duplicate_within_source", 39)
    d = drafter.draft(rng.permutation(persons))
    count = len(d)
    titled = rng.random(count) < TITLE_ONLY
    title = d["surname"].str.slice(0, 2) + sexes(d["female"], "先生", "女士")
    titled &= (d["surname"] != "").to_numpy()
    register.tally.add("name_title_only", int(titled.sum()))
    topic = rng.integers(0, len(_TOPICS), count)
    seconds = rng.integers(0, 180 * 86_400, count).astype("timedelta64[s]")
    called = pl.Series(np.datetime64(f"{world.as_of}T00:00:00", "ms") - seconds)
    book = world.book
    table = pl.DataFrame(
        {
            "工单编号": pl.Series([None] * count, dtype=pl.String),
            "来电时间": called.dt.strftime("%Y-%m-%d %H:%M:%S"),
            "来电人": either(titled, title, d["name"]),
            "性别": sexes(d["female"], "先生", "女士"),
            "来电号码": d["phone"],
            "地址": drafter.spoil(
                either(rng.random(count) < 0.5, book.write("dash", d["at"]), book.write("gate", d["at"]))
            ),
            "诉求类型": pl.Series([t[0] for t in _TOPICS]).gather(pl.Series(topic)),
            "诉求内容": pl.Series([t[1] for t in _TOPICS]).gather(pl.Series(topic)),
        }
    )
    path = register.path("12345_来电登记.csv")
    rows, bad = Ledger(register, DEPARTMENT, "RX20268").compose(table, d["person"], LAYOUT, path, "", 1)
    write_csv(path, table.columns, rows)
    register.add_entry(path, DEPARTMENT, "person", len(rows), bad, "utf-8")
