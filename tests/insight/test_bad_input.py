"""The worst file: nothing of it is dropped, and every oddity is shown with its reason and its rows."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from tests.console.places import table
from tests.insight.conftest import resource, steward
from wangge.flows import linkage, quality
from wangge.insight import queries
from wangge.sources import actions
from wangge.sources import queries as sources

__all__ = ["resource", "steward"]
HEADERS = ["编号", "姓名", "性别", "出生日期", "身份证号", "手机", "住址", "户号"]
SURNAMES, GIVEN = "赵钱孙李周吴郑王冯陈", "安邦成达恩凡光海"


def crowd() -> list[list[str]]:
    """Eighty people with one telephone at one door."""
    return [
        [f"C{n}", SURNAMES[n % 10] + GIVEN[n // 10], "男", f"19{50 + n % 40}-0{1 + n % 9}-1{n % 8}", "",
         "13912345678", "海颂园1-1-101", ""]
        for n in range(80)
    ]  # fmt: skip


ODD = [
    ["F1", "王建国", "男", "", "1.10101E+17", "", "嘉春园12-3-502", ""],
    ["P1", "Wang Jianguo", "男", "1985-03-12", "", "13812345678", "", ""],
    ["D1", "王3国", "男", "1985-03-12", "", "13712345670", "", ""],
    ["E1", "", "男", "", "110101198503120017", "", "", ""],
    ["L1", "刘一", "男", "1970-01-01", "", "", "", "L2"],
    ["L2", "刘二", "男", "1971-01-01", "", "", "", "L1"],
]
ASIDE = [
    ["B1", "何古", "男", "1850-01-01", "", "", "", ""],
    ["B2", "何来", "女", "2090-01-01", "", "", "", ""],
    ["T1", "测试", "男", "", "", "", "", ""],
    ["T2", "张三", "男", "", "", "13800000000", "测试地址", ""],
    ["N1", "", "女", "", "", "", "嘉春园1-1-1", ""],
]
SAME = [[f"S{n}", "孙丽华", "女", "1964-05-06", "", "13612345670", "嘉春园9-1-102", ""] for n in range(40)]


@pytest.mark.django_db
def test_nothing_is_dropped_and_each_is_flagged_with_its_reason(steward, resource, tmp_path: Path) -> None:
    rows = [*crowd(), *ODD, *ASIDE, *SAME]
    stream = table(*rows, headers=HEADERS)
    batch = actions.receive_file(steward, resource=resource, filename="坏.csv", stream=stream)
    chosen = ("record_id", "name", "sex", "birth", "id_no", "phone", "address", "household_ref")
    actions.confirm_mapping(steward, batch=batch.id, columns=dict(enumerate(chosen)))
    done = actions.admit(steward, batch=batch.id)
    assert done.rows_in == len(rows) == done.rows_accepted + done.rows_quarantined + done.rows_repeated
    held = {r.code for row in sources.quarantine(steward, batch=batch.id).rows for r in row.reasons}
    assert held >= {"impossible_date", "test_row", "no_name_no_id"}
    assert done.rows_quarantined == len(ASIDE)
    made = linkage.relink("120110", tmp_path / "link")
    quality.measure_linked(made, tmp_path / "q", date(2026, 11, 22))
    items = queries.source_quality(steward, resource="housing").items
    told = {i.item.partition(":")[0]: i for i in items}
    wanted = {
        "shared_phone", "crowded_door", "repeated_in_source", "household_loop", "name_in_letters",
        "name_with_digits", "no_name", "id_from_float",
    }  # fmt: skip
    assert wanted <= set(told), wanted - set(told)
    assert all(told[code].places and told[code].zh and told[code].en for code in wanted)
    assert told["shared_phone"].counted >= 80 and told["repeated_in_source"].counted >= 40
