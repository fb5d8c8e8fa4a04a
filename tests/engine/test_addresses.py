"""Quarters of a village or an estate are not districts."""

from __future__ import annotations

import pytest

from wangge_engine.text.addresses import parse


@pytest.mark.parametrize(
    ("text", "place", "building", "room"),
    [
        ("吴咀村西区21排10号", "吴咀村西区", "21", "10"),
        ("天津市东丽区万新街道吴咀村西区21排10号", "吴咀村西区", "21", "10"),
        ("嘉春园东区3号楼2单元101室", "嘉春园东区", "3", "101"),
        ("新兴村一区26排1号", "新兴村1区", "26", "1"),
        ("天津市东丽区新兴村1区26排1", "新兴村1区", "26", "1"),
        ("大郑村新区２１排２号", "大郑村新区", "21", "2"),
        ("天津市滨海新区嘉春园3号楼2单元101室", "嘉春园", "3", "101"),
        ("万科城西区3-2-101", "万科城西区", "3", "101"),
        ("天津市东丽区天津空港经济区天津空港经济区一期社区滨海花园1号楼1单元101室", "滨海花园", "1", "101"),
        (
            "天津市东丽区东丽区经济技术开发区东丽经开区军粮城工业园社区景邸苑1号楼1单元102室",
            "景邸苑",
            "1",
            "102",
        ),
        ("天津市东丽区天津经济技术开发区西区东北组团社区园辰新苑7号楼3单元102室", "园辰新苑", "7", "102"),
        ("天津开发区嘉春园3-2-101", "嘉春园", "3", "101"),
        ("天津市河西区嘉春园3号楼2单元101室", "嘉春园", "3", "101"),
        ("西宁市城东区嘉春园3号楼2单元101室", "嘉春园", "3", "101"),
        ("东丽区嘉春园3-2-101", "嘉春园", "3", "101"),
    ],
)
def test_a_quarter_stays_with_its_estate_and_a_district_is_taken_off(text, place, building, room):
    found = parse(text)
    assert (found.place, found.building, found.room) == (place, building, room)
