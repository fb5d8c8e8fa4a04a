"""Unit-grid codes as configurable schemes: how many digits, what each part is, read from data.

Inside the house a grid is an integer, ``unit_no`` = 12-digit community code * 1000 + sequence (001-999).
A scheme translates between that integer and the code a city prints on its map. The schemes themselves are
data (``contracts/territory/unit_code_schemes.toml``), because cities differ and standards move.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from wangge_engine.grids.codes import FULL_WIDTH, CodeFault

SCHEMES = Path(__file__).resolve().parents[3] / "contracts" / "territory" / "unit_code_schemes.toml"
MAX_SEQUENCE = 999


@dataclass(frozen=True, slots=True)
class Part:
    """A run of digits: a fixed text, the community's 12 digits (or some of them), or the sequence.

    A fixed part without text accepts any digits when reading and cannot be written.
    """

    role: str  # "fixed" | "community" | "sequence"
    digits: int
    text: str = ""


@dataclass(frozen=True, slots=True)
class GridNumber:
    """A grid code taken apart: the community's 12 digits and the sequence within it."""

    community: str
    sequence: int

    @property
    def unit_no(self) -> int:
        """The house's integer for this grid."""
        return int(self.community) * 1000 + self.sequence


@dataclass(frozen=True, slots=True)
class UnitScheme:
    """One way of writing grid codes.

    ``whole_community`` says that sequence zero stands for a community that is not subdivided (CJ/T 349);
    inside the house such a grid carries sequence 1.
    """

    id: str
    title_zh: str
    title_en: str
    source: str
    parts: tuple[Part, ...]
    whole_community: bool

    @property
    def length(self) -> int:
        """Digits of a code in this scheme."""
        return sum(part.digits for part in self.parts)

    def parse(self, text: str) -> GridNumber | CodeFault:
        """Takes a written code apart, or says what is wrong with it."""
        digits = text.strip().translate(FULL_WIDTH)
        if not re.fullmatch(r"[0-9]+", digits):
            return CodeFault(
                "grid_code_not_digits",
                f"网格编码含有非数字字符：{text!r}",
                f"grid code has non-digits: {text!r}",
            )
        if len(digits) != self.length:
            return CodeFault(
                "grid_code_length",
                f"{self.title_zh}为 {self.length} 位，此处为 {len(digits)} 位：{digits}",
                f"{self.title_en} has {self.length} digits, this has {len(digits)}: {digits}",
            )
        community, sequence, at = "", 0, 0
        for part in self.parts:
            piece = digits[at : at + part.digits]
            at += part.digits
            if part.role == "fixed" and part.text and piece != part.text:
                return CodeFault(
                    "grid_code_prefix",
                    f"第 {at - part.digits + 1} 位起应为 {part.text}，实为 {piece}：{digits}",
                    f"from digit {at - part.digits + 1} expected {part.text}, found {piece}: {digits}",
                )
            if part.role == "community":
                community += piece
            elif part.role == "sequence":
                sequence = int(piece)
        return self._numbered(digits, community, sequence)

    def _numbered(self, digits: str, community: str, sequence: int) -> GridNumber | CodeFault:
        if community.startswith("00") or community.endswith("000"):
            return CodeFault(
                "grid_code_community",
                f"网格须属于某一社区（村），编码中的社区部分无效：{digits}",
                f"a grid belongs to one community; the community part is not one: {digits}",
            )
        if sequence == 0:
            if not self.whole_community:
                return CodeFault(
                    "grid_code_sequence",
                    f"网格顺序号不能为零：{digits}",
                    f"the sequence cannot be zero: {digits}",
                )
            sequence = 1
        return GridNumber(community, sequence)

    def render(self, community: str, sequence: int, *, subdivided: bool = True) -> str:
        """Writes the code of a grid. Raises ValueError when the number does not fit the scheme.

        ``subdivided`` False writes sequence zero where the scheme has that form.
        """
        if len(community) != 12 or not 1 <= sequence <= MAX_SEQUENCE:
            raise ValueError(f"not a grid number: community {community!r}, sequence {sequence}")
        if self.whole_community and not subdivided:
            sequence = 0
        out, at = "", 0
        for part in self.parts:
            if part.role == "fixed":
                if len(part.text) != part.digits:
                    raise ValueError(f"scheme {self.id}: the fixed text of {part.digits} digits is not set")
                out += part.text
            elif part.role == "community":
                out += community[at : at + part.digits]
                at += part.digits
            else:
                digits = str(sequence).zfill(part.digits)
                if len(digits) > part.digits:
                    raise ValueError(f"sequence {sequence} needs more than {part.digits} digits ({self.id})")
                out += digits
        return out


def load_schemes(path: Path) -> Mapping[str, UnitScheme]:
    """Reads the schemes file. Raises ValueError naming the scheme whose parts do not make 12 + sequence."""
    with path.open("rb") as file:
        data = tomllib.load(file)
    schemes: dict[str, UnitScheme] = {}
    for entry in data["scheme"]:
        parts = tuple(
            Part(part["role"], int(part.get("digits", len(part.get("text", "")))), part.get("text", ""))
            for part in entry["parts"]
        )
        community = sum(part.digits for part in parts if part.role == "community")
        sequences = [part for part in parts if part.role == "sequence"]
        if community != 12 or len(sequences) != 1 or not 1 <= sequences[0].digits <= 3:
            raise ValueError(f"{path.name}: scheme {entry['id']} needs 12 community digits and one sequence")
        schemes[entry["id"]] = UnitScheme(
            id=entry["id"],
            title_zh=entry["title_zh"],
            title_en=entry["title_en"],
            source=entry["source"],
            parts=parts,
            whole_community=bool(entry.get("whole_community", False)),
        )
    return schemes


def unit_number(unit_no: int) -> GridNumber:
    """The community and sequence inside the house's integer. Raises ValueError for a non-grid number."""
    community, sequence = divmod(unit_no, 1000)
    if not 10**11 <= community < 10**12:
        raise ValueError(f"not a unit number: {unit_no}")
    return GridNumber(str(community), sequence)
