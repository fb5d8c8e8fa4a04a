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
        ("天津市河西区嘉春园3号楼2单元101室", "嘉春园", "3", "101"),
        ("西宁市城东区嘉春园3号楼2单元101室", "嘉春园", "3", "101"),
        ("东丽区嘉春园3-2-101", "嘉春园", "3", "101"),
    ],
)
def test_a_quarter_stays_with_its_estate_and_a_district_is_taken_off(text, place, building, room):
    found = parse(text)
    assert (found.place, found.building, found.room) == (place, building, room)
