"""Addresses as people write them, parsed to street, community, road, estate, building, unit and room.

Read from both ends: administrative names are taken off the front, building, unit and room off the back, and
what remains is the road with its number and the estate (小区, 里, 村). Nothing is looked up, so that a
made-up estate parses as well as a known one.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple

from wangge_engine.text.hanzi import NUMERAL, number, plain

_H = "\u3400-\u9fff"
_SEP = "[-~_/,，、;；. ]*"
_BUILDING = r"\d{1,4}[A-Z]?|[A-Z]\d{0,3}|[甲乙丙丁东西南北]"
_UNIT = r"\d{1,2}|[A-Z甲乙丙丁东西中]"
_ROOM = r"\d{1,4}[A-Z]?"
_ROOM_END = rf"(?P<room>{_ROOM})(?:室|号房|号|户|房间|房)?(?:内)?$"
_BUILDING_WORD = "(?:号楼|号院楼|栋楼|幢楼|#楼|栋|幢|座|#|楼)"
_UNIT_WORD = "(?:单元|门栋|门洞|门|梯)"
# From the most to the least explicit; the first that matches at the end of the text wins.
_TAILS = tuple(
    re.compile(pattern)
    for pattern in (
        rf"(?P<building>{_BUILDING}){_SEP}{_BUILDING_WORD}{_SEP}(?:(?P<unit>{_UNIT})(?:{_UNIT_WORD}|-|#){_SEP})?"
        rf"(?:(?P<floor>\d{{1,2}})(?:层|楼){_SEP})?{_ROOM_END}",
        rf"(?P<building>{_BUILDING})(?:号|栋)?{_SEP}(?P<unit>{_UNIT}){_UNIT_WORD}{_SEP}"
        rf"(?:(?P<floor>\d{{1,2}})(?:层|楼){_SEP})?{_ROOM_END}",
        rf"(?P<building>\d{{1,4}}[A-Z]?|[A-Z]\d{{0,3}})[-~_/.,，、](?P<unit>\d{{1,2}}|[A-Z])[-~_/.,，、]{_ROOM_END}",
        rf"(?P<building>\d{{1,3}}[A-Z]?|[A-Z]\d{{0,3}})[-~_/.,，、]{_ROOM_END}",
        rf"(?P<unit>{_UNIT}){_UNIT_WORD}{_SEP}{_ROOM_END}",
        rf"(?P<building>{_BUILDING}){_SEP}{_BUILDING_WORD}{_SEP}(?P<unit>{_UNIT}){_UNIT_WORD}$",
        rf"(?P<building>{_BUILDING}){_SEP}(?:号楼|栋楼|幢楼|栋|幢|座|#楼)$",
        rf"(?P<building>\d{{1,3}})(?:村民小组|小组|组|队|排|条){_SEP}(?:(?P<room>\d{{1,4}})(?:号|户)?(?:院)?)?$",
        rf"(?P<building>\d{{1,4}}(?:-\d{{1,3}})?)号{_SEP}(?P<room>\d{{2,4}})(?:室|房|号房)?$",
        r"(?<=大厦|公寓|广场|中心)(?P<room>\d{3,4})(?:室|房|号房)?$",
        rf"(?<=[{_H}])(?P<room>\d{{3,4}})(?:室|号房)$",
    )
)
_NUMERAL_BEFORE_WORD = re.compile(
    f"[{NUMERAL}]+(?=号|栋|幢|座|单元|门|梯|层|楼|室|户|组|队|排|期|区|弄|#|-\\d|[-][{NUMERAL}])"
)
_NUMERAL_AFTER_WORD = re.compile(f"(?<=[-栋幢座楼元门层])[{NUMERAL}]+$|(?<=-)[{NUMERAL}]+(?=-)")
_NOTE = re.compile(r"[(（\[【].*?[)）\]】]")
_SPACE = re.compile(r"\s+")
_PROVINCE = re.compile(f"^(?:中国)?(?:[{_H}]{{2,8}}?(?:省|自治区|特别行政区))")
_CITY = re.compile(f"^[{_H}]{{2,7}}?(?:市(?!场)|自治州|地区|盟)")
# 吴咀村西区, 大郑村新区 and 嘉春园东区 are parts of a village or estate, 河西区 and 浦东新区 are districts
_DISTRICT = re.compile(
    f"^[{_H}]{{1,6}}?(?:(?<![小社园厂校矿库林景牧])(?<![村园里苑庄院寓家][东西南北中新老旧上下前后])区|(?<!郊)县|旗)"
    f"(?![{_H}]?(?:路|街|道))"
)
# 天津空港经济区 and 东丽区经济技术开发区 stand where a street stands
_STREET = re.compile(
    f"^(?P<name>[{_H}]{{1,8}}?(?:街道办事处|街道办|街道|镇|乡|苏木|地区办事处"
    f"|经济区|开发区|高新区|保税区|自贸区|产业园区|工业园区|管委会))(?!路|大街|道)"
)
_COMMUNITY = re.compile(
    f"^(?P<name>[{_H}\\d]{{1,16}}?)(?:社区居民委员会|社区居委会|居民委员会|居委会|社区|村民委员会|村委会)"
)
_ROAD = re.compile(
    f"^(?P<road>[{_H}]{{1,10}}?(?:大街|大道|公路|胡同|道|路|街|巷))(?P<no>\\d{{1,5}}(?:-\\d{{1,3}})?)(?:号院?|弄)(?:附\\d+号)?"
)
_BARE_ROAD = re.compile(f"^[{_H}]{{1,6}}?(?:大街|大道|公路|路|街)(?=[{_H}]{{2,}})")
_VILLAGE_NUMBER = re.compile(r"(?P<room>\d{1,4})号(?:院)?$")
_FLOOR_ROOM_DIGITS = 2


class Address(NamedTuple):
    """Parts of an address; a part that was not written is empty. Numbers have no leading zeros."""

    street: str = ""
    community: str = ""
    road: str = ""
    road_no: str = ""
    estate: str = ""
    building: str = ""
    unit: str = ""
    room: str = ""

    @property
    def place(self) -> str:
        """The estate or, without one, the road and number: what the building belongs to."""
        return self.estate or (f"{self.road}{self.road_no}号" if self.road else "")

    @property
    def key(self) -> str:
        """``place|building|unit|room``, equal for two spellings of one dwelling; empty if none is named."""
        return f"{self.place}|{self.building}|{self.unit}|{self.room}" if self.place and self.room else ""


def parse(text: str | None) -> Address:
    """Read an address. Never fails: what cannot be read stays in ``estate``."""
    if not text:
        return Address()
    raw = _SPACE.sub("", _NOTE.sub("", plain(text))).upper()
    raw = _NUMERAL_BEFORE_WORD.sub(lambda run: str(number(run.group())), raw)
    raw = _NUMERAL_AFTER_WORD.sub(lambda run: str(number(run.group())), raw)
    head, building, unit, room = _tail(raw)
    street, community, road, road_no, estate, house = _head(head, bool(building))
    return Address(
        street, community, road, road_no, estate, _number(building), _number(unit), _number(house or room)
    )


@lru_cache(maxsize=100_000)  # the doors of a building have one head
def _head(head: str, has_building: bool) -> tuple[str, str, str, str, str, str]:
    """Street, community, road, its number, estate, and the number of a village house, from what the tail left."""
    whole = head
    head, street, community = _front(head)
    if has_building and not head and not street and not community:
        head = whole  # 万科城西区3-2-101: where nothing else is named, the front is the estate
    house = ""
    road = _ROAD.match(head)
    if road:
        head = head[road.end() :]
    elif not has_building:
        village = _VILLAGE_NUMBER.search(head)
        if village:
            head, house = head[: village.start()], village["room"]
    if not road:
        head = _BARE_ROAD.sub("", head)
    estate = _estate(head)
    if not estate and not road:
        estate = _estate(community)
    return street, community, road["road"] if road else "", road["no"] if road else "", estate, house


def _tail(raw: str) -> tuple[str, str, str, str]:
    """Cut building, unit and room off the end."""
    for pattern in _TAILS:
        match = pattern.search(raw)
        if match:
            parts = match.groupdict()
            room = parts.get("room") or ""
            floor = parts.get("floor") or ""
            if floor and len(room) <= _FLOOR_ROOM_DIGITS:
                room = f"{int(floor)}{room.zfill(_FLOOR_ROOM_DIGITS)}"
            return (
                raw[: match.start()].rstrip("-,，、/"),
                parts.get("building") or "",
                parts.get("unit") or "",
                room,
            )
    return raw, "", "", ""


def _front(head: str) -> tuple[str, str, str]:
    """Cut the administrative names off the front; they are not needed to tell dwellings apart."""
    for pattern in (_PROVINCE, _CITY, _DISTRICT):
        head = pattern.sub("", head, count=1)
    street = community = ""
    match = _STREET.match(head)
    if match:
        street, head = match["name"], head[match.end() :]
    match = _COMMUNITY.match(head)
    if match:
        community, head = match["name"], head[match.end() :]
    return head, street, community


def _estate(text: str) -> str:
    name = text.strip("-,，、/.;；号").removesuffix("第")
    for suffix in ("住宅小区", "小区", "住宅区", "家属院"):
        if name.endswith(suffix) and len(name) > len(suffix) + 1:
            return name[: -len(suffix)]
    return name


def _number(text: str) -> str:
    return text.lstrip("0") or ("0" if text else "")
