"""Codes and names of grids: community + 3 digits, west to east and north to south; codes are never used twice."""

from __future__ import annotations

import json
import re
from collections import defaultdict
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from wangge_engine.divide.plan import Plan
from wangge_engine.divide.territory import EXCLUSIVE, OPEN, Territory, sums
from wangge_engine.frame.problems import refuse

_OFFICIAL = re.compile(r"[0-9]{12}\Z")
_DIGITS = "零一二三四五六七八九"
LAST = 999


@dataclass
class CodeBook:
    """The highest number each community ever used, and the codes that are retired."""

    highest: dict[str, int] = field(default_factory=dict)
    retired: set[str] = field(default_factory=set)

    @staticmethod
    def beside(plan: Path) -> Path:
        """The side file of a plan."""
        return plan.with_name(f"{plan.stem}.codes.json")

    @classmethod
    def read(cls, plan: Path) -> CodeBook:
        path = cls.beside(plan)
        if not path.exists():
            return cls()
        try:
            body = json.loads(path.read_text(encoding="utf-8"))
            return cls({str(k): int(v) for k, v in body["highest"].items()}, set(map(str, body["retired"])))
        except (ValueError, KeyError, AttributeError, TypeError) as error:
            raise refuse(
                "bad_code_book", "编码簿读不出来", "the code book cannot be read", str(path)
            ) from error

    def write(self, path: Path) -> None:
        body = {"highest": dict(sorted(self.highest.items())), "retired": sorted(self.retired)}
        path.write_text(json.dumps(body, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")

    def note(self, code: str) -> None:
        """Remember a code as used."""
        community, number = split_code(code)
        self.highest[community] = max(self.highest.get(community, 0), number)


def code_of(community: str, number: int) -> str:
    """15 digits under an official community, else the community, a hyphen and three digits."""
    if number > LAST:
        raise refuse(
            "too_many_grids",
            f"社区网格编码已用完（{LAST}）",
            f"the community has no code left (at most {LAST})",
            community,
        )
    return f"{community}{'' if _OFFICIAL.match(community) else '-'}{number:03d}"


def split_code(code: str) -> tuple[str, int]:
    """Community and number of a grid's code. Raises Refused for what is no such code."""
    community, number = (
        code[:-3].removesuffix("-") if not _OFFICIAL.match(code[:-3]) else code[:-3],
        code[-3:],
    )
    if not community or not number.isdigit():
        raise refuse("bad_grid_code", "网格编码不对", "not a code of a grid", code)
    return community, int(number)


def reading_order(x: np.ndarray, y: np.ndarray, names: list[str]) -> list[int]:
    """Order of places in rows from north to south, in each row from west to east; by name where none is known."""
    if not len(x) or not np.isfinite(x).all() or not np.isfinite(y).all():
        return sorted(range(len(names)), key=names.__getitem__)
    rows = max(1, round(len(x) ** 0.5))
    height = (float(y.max()) - float(y.min())) / rows or 1.0
    row = np.minimum(((float(y.max()) - y) / height).astype(int), rows - 1)
    return sorted(range(len(x)), key=lambda one: (int(row[one]), float(x[one]), names[one]))


def numbered(land: Territory, plan: Plan, book: CodeBook, kept: dict[int, str]) -> list[str]:
    """The code of each grid: ``kept`` codes stay, the others get the next numbers of their community."""
    size = np.bincount(plan.grid, minlength=len(plan.kinds))
    with np.errstate(invalid="ignore"):
        x = sums(plan.grid, land.x, len(plan.kinds)) / size
        y = sums(plan.grid, land.y, len(plan.kinds)) / size
    first = [""] * len(plan.kinds)
    for unit in range(len(land.ids) - 1, -1, -1):
        first[int(plan.grid[unit])] = str(land.ids[unit])
    codes = [""] * len(plan.kinds)
    fresh: dict[int, list[int]] = defaultdict(list)
    for grid, community in enumerate(plan.communities.tolist()):
        if grid in kept:
            codes[grid] = kept[grid]
            book.note(kept[grid])
        else:
            fresh[community].append(grid)
    for community, grids in sorted(fresh.items()):
        name = land.communities[community]
        order = reading_order(x[grids], y[grids], [first[grid] for grid in grids])
        for place in order:
            number = book.highest.get(name, 0) + 1
            book.highest[name] = number
            codes[grids[place]] = code_of(name, number)
    return codes


def name_of(code: str, kind: int) -> str:
    """第一网格, 第十二专属网格: the name never repeats the community, which the code holds."""
    number = split_code(code)[1]
    word = "专属网格" if kind == EXCLUSIVE else "空地网格" if kind == OPEN else "网格"
    return f"第{chinese(number)}{word}"


def chinese(number: int) -> str:
    """A number up to 999 in Chinese: 12 is 十二, 105 is 一百零五."""
    hundreds, rest = divmod(number, 100)
    tens, ones = divmod(rest, 10)
    text = f"{_DIGITS[hundreds]}百" if hundreds else ""
    if tens:
        text += f"{'' if tens == 1 and not hundreds else _DIGITS[tens]}十"
    elif hundreds and ones:
        text += "零"
    return text + (_DIGITS[ones] if ones or not number else "")
