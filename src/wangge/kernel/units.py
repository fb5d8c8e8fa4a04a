"""Territory as integers: one interval for each division, one index for all levels.

A grid's unit number is its 15-digit code read as a number: the official 12-digit community code followed by a
three-digit sequence (DB11 unit grid division; GB/T 2260 + GB/T 10114 + committee digits). A division is then
the interval of all numbers that begin with its own digits, so "everything in this street" is one BETWEEN.
"""

from __future__ import annotations

from dataclasses import dataclass

from wangge.kernel.problems import BadInput

UNIT_DIGITS = 15
LEVELS = {2: "province", 4: "city", 6: "district", 9: "street", 12: "community", 15: "grid"}


@dataclass(frozen=True, slots=True, order=True)
class Interval:
    """Unit numbers lo..hi, both included."""

    lo: int
    hi: int

    def __contains__(self, number: object) -> bool:
        return isinstance(number, int) and self.lo <= number <= self.hi

    def covers(self, other: Interval) -> bool:
        return self.lo <= other.lo and other.hi <= self.hi


EVERYWHERE = Interval(0, 10**UNIT_DIGITS - 1)
NOWHERE = Interval(1, 0)


def significant(code: str) -> str:
    """The digits of a division code that say something: "120110000000" -> "120110".

    Raises BadInput when `code` is not 2, 4, 6, 9, 12 or 15 digits long.
    """
    if not code.isascii() or not code.isdigit() or len(code) not in LEVELS:
        raise BadInput(
            code="division_code_malformed",
            zh=f"区划代码“{code}”应为 2、4、6、9、12 或 15 位数字。",
            en=f'Division code "{code}" must have 2, 4, 6, 9, 12 or 15 digits.',
        )
    if len(code) == UNIT_DIGITS:
        return code if code[12:] != "000" else significant(code[:12])
    if len(code) == 12:
        for length in (9, 6, 4, 2):
            if code[length:].strip("0"):
                return code[: 12 if length == 9 else {6: 9, 4: 6, 2: 4}[length]]
        return code[:2]
    return code


def interval_of(code: str) -> Interval:
    """The unit numbers under a division or grid code of any level."""
    digits = significant(code)
    span = 10 ** (UNIT_DIGITS - len(digits))
    lo = int(digits) * span
    return Interval(lo, lo + span - 1)


def unit_no(community_code: str, sequence: int) -> int:
    """Unit number of the `sequence`-th grid (1..999) of a 12-digit community; 0 means not located below it."""
    if len(community_code) != 12 or not 0 <= sequence <= 999:
        raise BadInput(
            code="unit_out_of_range",
            zh=f"社区代码“{community_code}”须为 12 位，序号须在 0 至 999 之间（现为 {sequence}）。",
            en=f'Community code "{community_code}" needs 12 digits and a sequence of 0..999 (is {sequence}).',
        )
    return int(community_code) * 1000 + sequence


def unit_code(number: int) -> str:
    """The 15-digit code of a unit number."""
    return f"{number:0{UNIT_DIGITS}d}"
