"""Names of grids: they must stand without their parents, or a rename above breaks every name below.

The record form of Hangzhou West Lake says it with an example: 第一网格, never 白荡海社区第四网格.
"""

from __future__ import annotations

from collections.abc import Iterable

# longest first: 社区居民委员会 before 居民委员会 before 社区
_ENDINGS = (
    "社区居民委员会",
    "社区居委会",
    "居民委员会",
    "村民委员会",
    "社区村委会",
    "居委会",
    "村委会",
    "街道办事处",
    "社区",
    "街道",
    "地区",
    "镇",
    "乡",
    "村",
    "区",
    "县",
    "市",
)


def stem(name: str) -> str:
    """A division's name without its generic ending: 华亭里社区居委会 -> 华亭里, 张贵庄街道 -> 张贵庄."""
    for ending in _ENDINGS:
        if name.endswith(ending) and len(name) - len(ending) >= 2:
            return name[: -len(ending)]
    return name


def embedded_parent(name: str, parents: Iterable[str]) -> str | None:
    """The first parent whose name (or stem of two characters and more) is part of ``name``; else None."""
    for parent in parents:
        core = stem(parent)
        if len(core) >= 2 and core in name:
            return parent
    return None
