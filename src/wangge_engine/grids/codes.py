"""Official 12-digit statistical division codes (统计用区划代码): levels, parents, prefixes.

Layout: 2 province + 2 prefecture + 2 county (GB/T 2260), 3 street or town (GB/T 10114), 3 committee.
A code is a name for a period only: 330110 kept its digits while its area changed in 2021. So nothing here
answers "what is this code" without a day beside it; that is the business of the tables.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from wangge_engine.grids.kinds import Level

_DIGITS = re.compile(r"[0-9]+\Z")

_WIDTHS = tuple(level.width for level in Level)  # the tail of a code is zeros
FULL_WIDTH = str.maketrans("０１２３４５６７８９", "0123456789")


@dataclass(frozen=True, slots=True)
class CodeFault:
    """Why a text is not a code. Both languages, no place: the caller knows where it stood."""

    code: str
    zh: str
    en: str


def normal_code(text: str) -> str | CodeFault:
    """Pads a division code of 2, 4, 6, 9 or 12 digits to 12; anything else is a fault.

    Full-width digits and blanks around are forgiven, because department files have them; nothing else is.
    """
    digits = text.strip().translate(FULL_WIDTH)
    if not _DIGITS.match(digits):
        return CodeFault("code_not_digits", f"代码含有非数字字符：{text!r}", f"code has non-digits: {text!r}")
    if len(digits) not in _WIDTHS:
        return CodeFault(
            "code_length",
            f"区划代码应为 2、4、6、9 或 12 位，实为 {len(digits)} 位：{digits}",
            f"a division code has 2, 4, 6, 9 or 12 digits, this has {len(digits)}: {digits}",
        )
    if digits.startswith("00"):
        return CodeFault("code_zero", f"区划代码不能以 00 开头：{digits}", f"no province is 00: {digits}")
    return digits.ljust(12, "0")


def level_of(code: str) -> Level:
    """Level of a full 12-digit code, from its trailing zeros. Raises ValueError when it is not a code."""
    normal = normal_code(code)
    if isinstance(normal, CodeFault):
        raise ValueError(normal.en)  # noqa: TRY004 -- the argument is text; its content is wrong
    for level in Level:
        if not int(normal[level.width :] or "0"):
            return level
    raise AssertionError("unreachable: a 12-digit code always has a level")


def short_code(code: str) -> str:
    """The code without the zeros below its level: 120110000000 -> 120110."""
    return code[: level_of(code).width]


def parent_of(code: str) -> str | None:
    """Code of the level above, in 12 digits; None for a province.

    Province-administered counties (xx90..) and cities without districts still follow the digits, as the
    official list itself does.
    """
    level = level_of(code)
    if level is Level.PROVINCE:
        return None
    return code[: Level(level - 1).width].ljust(12, "0")


def ancestors_of(code: str) -> tuple[str, ...]:
    """Codes above, from the province down, without the code itself."""
    chain: list[str] = []
    above = parent_of(code)
    while above is not None:
        chain.append(above)
        above = parent_of(above)
    return tuple(reversed(chain))


def is_virtual_street(code: str) -> bool:
    """True for streets numbered 400-599: zones, campuses, prisons, farms listed as streets.

    They overlap real streets on the ground, so a missing grid there is no blank on the map.
    Source: layout of the National Bureau of Statistics list (digits 7-9).
    """
    return level_of(code) >= Level.STREET and code[6] in "45"
