"""Sources with a history for the data-quality page: three departments, three months, one that is late."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

from tests.console.places import table
from wangge.access import actions as access_actions
from wangge.access.actions import enter_system
from wangge.flows import linkage, quality
from wangge.sources import actions

SURNAMES, GIVEN = "王李张刘陈杨赵黄周吴", "芳伟娜强敏静磊洋艳勇"


def _row(n: int, *, phone: bool, number: bool, spoilt: bool = False) -> list[str]:
    body = f"110101{1950 + n % 60}{n % 12 + 1:02d}{n % 28 + 1:02d}{n % 900 + 1:03d}"
    weights = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
    check = "10X98765432"[sum(int(d) * w for d, w in zip(body, weights, strict=True)) % 11]
    birth = f"{body[6:10]}-{body[10:12]}-{body[12:14]}"
    return [
        f"R{n}", SURNAMES[n % 10] + GIVEN[n // 10 % 10], "男" if int(body[16]) % 2 else "女",
        "1985-02-30" if spoilt else birth, body + check if number else "",
        f"13{n % 10}{7000000 + n:08d}"[:11] if phone else "", f"嘉春园{n % 20 + 1}号楼{n % 3 + 1}单元{n % 6 + 1}01",
    ]  # fmt: skip


def history(work: Path) -> Any:
    """Register, send and measure; gives the access of the flow."""
    operations = enter_system(name="test", purpose="operations")
    access = enter_system(name="test", purpose="registry_maintenance")
    tables = {
        "housing": ("住建委", "Housing", "房屋居住登记", "Housing register", 92),
        "health": ("卫健委", "Health", "居民健康档案", "Health records", 31),
        "hotline": ("热线办", "Hotline", "12345来电登记", "12345 hotline calls", 1),
    }
    resources = {}
    for code, (zh, en, table_zh, table_en, cycle) in tables.items():
        office = access_actions.create_organisation(
            operations, code=f"q-{code}", name_zh=zh, name_en=en, kind="department"
        )
        resources[code] = actions.register_source(
            access, code=code, name_zh=table_zh, name_en=table_en, organisation=office, schema="person",
            division="120110", cycle_days=cycle,
        )  # fmt: skip
    for month, missing in ((8, 3), (9, 4), (10, 6)):
        for code, resource in resources.items():
            worse = {"housing": missing, "health": 9 - missing, "hotline": 2}[code]
            rows = [
                _row(n, phone=n % 10 >= worse, number=n % 9 != 0, spoilt=n % 40 == 7 and code == "health")
                for n in range(120 if code != "hotline" else 30)
            ]
            rows += [_row(3, phone=True, number=True)[:1] + _row(4, phone=True, number=True)[1:]]
            rows += [["合计", str(110 + month), "", "", "", "", ""]]
            rows[5][5] = "无"
            if code == "hotline":
                rows[8][5], rows[9][5] = "13666665555", "13666664444"
            batch = actions.receive_file(
                access, resource=resource, filename=f"{code}-{month}.csv", stream=table(*rows), as_of=date(2026, month, 20)
            )  # fmt: skip
            actions.confirm_mapping(access, batch=batch.id)
            actions.admit(access, batch=batch.id, despite="试验")
        quality.measure_due(work / f"m{month}", date(2026, month, 28))
    made = linkage.relink("120110", work / "link")
    quality.measure_linked(made, work / "linked", date(2026, 11, 22))
    return access
