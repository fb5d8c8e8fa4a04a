"""Characters: width, traditional to simplified, Chinese numerals."""

from __future__ import annotations

import re
from functools import cache
from importlib.resources import files

# Full-width ASCII and the ideographic space; dashes and dots that keyboards produce for one meaning.
_WIDTH = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)} | {0x3000: 0x20}
_DASHES = dict.fromkeys(map(ord, "‐‑‒–—―−﹣－ー─"), "-")
_DOTS = dict.fromkeys(map(ord, "·•‧∙⋅・･﹒"), "·")

_DIGITS = (
    {c: i for i, c in enumerate("零一二三四五六七八九")}
    | {"〇": 0, "两": 2, "○": 0}
    | dict(zip("壹贰叁肆伍陆柒捌玖", range(1, 10), strict=True))
)
_PLACES = {"十": 10, "百": 100, "千": 1000, "拾": 10, "佰": 100, "仟": 1000}
NUMERAL = "".join([*_DIGITS, *_PLACES])
_NUMERAL_RUN = re.compile(f"[{NUMERAL}]+")


@cache
def _simplified() -> dict[int, str]:
    """Traditional to simplified by character, from the OpenCC tables (the first reading is its default)."""
    table = {}
    text = files("opencc").joinpath("dictionary", "TSCharacters.txt").read_text(encoding="utf-8")
    for line in text.splitlines():
        traditional, _, simplified = line.partition("\t")
        if len(traditional) == 1 and simplified:
            table[ord(traditional)] = simplified.split(" ")[0]
    return table


@cache
def _plain_table() -> dict[int, str | int]:
    return {**_simplified(), **_WIDTH, **_DASHES, **_DOTS}


@cache
def _not_plain() -> re.Pattern[str]:
    """Finds a character that ``plain`` may change. Most texts have none, and looking is cheaper than translating."""
    changed = "".join(chr(code) for code, to in _plain_table().items() if to not in (code, chr(code)))
    # Characters beyond the basic plane would make the class slow: all of them are looked at.
    basic = "".join(char for char in changed if ord(char) < 0x10000)
    return re.compile(f"[{re.escape(basic)}\U00010000-\U0010ffff]")


def plain(text: str) -> str:
    """Half-width, simplified, one kind of dash and dot, no surrounding space."""
    if _not_plain().search(text) is None:
        return text.strip()
    return text.translate(_plain_table()).strip()


def number(numeral: str) -> int | None:
    """Value of a Chinese numeral: 三 -> 3, 二十一 -> 21, 一〇二 -> 102, 一百零二 -> 102; None if it is none."""
    if not numeral or any(c not in NUMERAL for c in numeral):
        return None
    if not any(c in _PLACES for c in numeral):
        return int("".join(str(_DIGITS[c]) for c in numeral))
    total, digit = 0, None
    for char in numeral:
        if char in _PLACES:
            total += (1 if digit is None else digit or 1) * _PLACES[char]
            digit = None
        else:
            digit = _DIGITS[char]
    return total + (digit or 0)


def numerals_to_digits(text: str) -> str:
    """Every run of Chinese numerals as digits."""
    return _NUMERAL_RUN.sub(lambda run: str(number(run.group())), text)


def sketch(text: str) -> str:
    """One printable ASCII character for each character of a text; different characters seldom share one (1 in 94).

    Edit distances of databases count bytes, three to a Chinese character; those of sketches count characters.
    """
    return "".join(chr(33 + ord(char) * 7919 % 94) for char in text)
