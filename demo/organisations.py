"""Enterprises and institutions of the district and who works in them."""

import numpy as np
import polars as pl

from demo.chance import Ints
from demo.identity import credit_code
from demo.places import Places
from demo.population import Population

_WORDS = (
    "华鑫盛达恒通瑞丰永兴海河津滨联创远大中天博宇宏泰金源东方佳和诚信立德智汇蓝天绿源众合航空博雅顺达凯旋"
)
_TRADES = (
    ("商贸", "批发和零售业", 20), ("物流", "交通运输、仓储和邮政业", 12), ("机械制造", "制造业", 14), ("电子科技", "信息传输、软件和信息技术服务业", 10),
    ("餐饮管理", "住宿和餐饮业", 12), ("建筑工程", "建筑业", 8), ("物业服务", "房地产业", 5), ("食品", "制造业", 5), ("汽车配件", "制造业", 6),
    ("医疗器械", "制造业", 2), ("教育咨询", "教育", 4), ("家政服务", "居民服务、修理和其他服务业", 5),
)  # fmt: skip
FRONT_LINE = (
    ("{d}医院", "卫生和社会工作"), ("{d}中医医院", "卫生和社会工作"), ("{d}疾病预防控制中心", "卫生和社会工作"),
    ("市公安局东丽分局", "公共管理、社会保障和社会组织"), ("{d}消防救援支队", "公共管理、社会保障和社会组织"), ("{d}环境卫生服务中心", "水利、环境和公共设施管理业"),
)  # fmt: skip


def organise(
    rng: np.random.Generator, places: Places, population: Population, people: int
) -> tuple[pl.DataFrame, Ints]:
    """Organisations by row number, and the row of each person's employer (-1 = none)."""
    count = max(12, people // 30)
    trade_share = np.array([t[2] for t in _TRADES], dtype=float)
    trades = rng.choice(len(_TRADES), size=count, p=trade_share / trade_share.sum())
    words = list(dict.fromkeys(_WORDS))
    rows: list[tuple[str, str, str, str, str]] = []
    seen: set[str] = set()
    for name, industry in FRONT_LINE:
        rows.append((name.format(d="天津市东丽区"), credit_code(rng, "12"), "事业单位", industry, "front"))
    for t in trades:
        name = ""
        while not name or name in seen:
            a, b, c = (words[int(i)] for i in rng.integers(0, len(words), 3))
            name = f"天津{a}{b}{c if rng.random() < 0.35 or len(seen) > 3000 else ''}{_TRADES[t][0]}有限公司"
        seen.add(name)
        kind = "个体工商户" if rng.random() < 0.4 else "有限责任公司"
        if kind == "个体工商户":
            name = f"天津市东丽区{name.removeprefix('天津').removesuffix('有限公司')}店"
            seen.add(name)
        rows.append(
            (name, credit_code(rng, "92" if kind == "个体工商户" else "91"), kind, _TRADES[t][1], "trade")
        )
    institution = places.institutions["name"].unique(maintain_order=True).to_list()
    for name in institution:
        rows.append(
            (
                f"天津市东丽区{name}",
                credit_code(rng, "12"),
                "事业单位",
                "公共管理、社会保障和社会组织",
                "public",
            )
        )
    table = pl.DataFrame(rows, schema=["name", "credit_code", "kind", "industry", "class"], orient="row")
    size = len(table)
    grown = np.flatnonzero((population.column("age") >= 25) & (population.column("household") >= 0))
    days = rng.integers(60, 9_000, size)
    table = table.with_columns(
        legal_person=pl.Series(grown[rng.integers(0, len(grown), size)]),
        dwelling=pl.Series(rng.integers(0, len(places.dwellings), size)),
        phone=pl.Series([f"022-{n}" for n in rng.integers(24_300_000, 24_999_999, size)]),
        founded=pl.Series(np.datetime64(population.as_of) - days.astype("timedelta64[D]")).cast(pl.Date),
    )
    works, front = population.column("works"), population.column("front_line")
    employer = np.full(len(works), -1, dtype=np.int64)
    at_work = np.flatnonzero(works & ~front)
    weight = rng.pareto(1.3, size - len(FRONT_LINE)) + 0.3
    employer[at_work] = len(FRONT_LINE) + rng.choice(
        size - len(FRONT_LINE), size=len(at_work), p=weight / weight.sum()
    )
    at_front = np.flatnonzero(front)
    employer[at_front] = rng.integers(0, len(FRONT_LINE), len(at_front))
    return table, employer
