"""What a header says: normal form, likeness to the names a canonical column is known by, signature."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from functools import cache
from hashlib import sha256

from wangge_engine.columns.schemas import Column, load_schema, schema_names

SEGMENT = "/"  # between the lines of a merged header: "基本信息/姓名"
_NOISE = re.compile(r"[\s*＊:：、,，.。_\-—–#№?？!！\"'“”‘’]+")
_BRACKETS = re.compile(r"[(（\[【<《{].*?[)）\]】>》}]")
EXCLUDED = -1.0
EXACT, LAST_LINE, WITHOUT_BRACKETS, WEAKER, CONTAINED = 1.0, 0.97, 0.95, 0.9, 0.7


def normal_header(text: str) -> str:
    """Full-width to half-width, lower case, without spaces and punctuation."""
    return _NOISE.sub("", unicodedata.normalize("NFKC", text).lower())


@cache
def _aliases(column: Column) -> frozenset[str]:
    return frozenset(normal_header(alias) for alias in column.aliases)


@cache
def _weaker(column: Column) -> frozenset[str]:
    return frozenset(normal_header(alias) for alias in column.weaker)


@cache
def _known() -> frozenset[str]:
    columns = (column for name in schema_names() for column in load_schema(name).columns)
    return frozenset(name for column in columns for name in _aliases(column) | _weaker(column))


def known_header(text: str) -> bool:
    """Whether some canonical column is known by exactly this header: what tells a header row from a title."""
    lines = [line for line in text.split(SEGMENT) if line]
    forms = [form for line in (text, *lines) for form in (line, _BRACKETS.sub("", line))]
    return any(normal_header(form) in _known() for form in forms)


@cache
def header_likeness(header: str, column: Column) -> tuple[float, str]:
    """How surely `header` names `column` (0..1), and the alias that said so; EXCLUDED where it says otherwise."""
    full = normal_header(header)
    if any(normal_header(word) in full for word in column.excludes) and full not in _aliases(column):
        return EXCLUDED, ""
    last = header.rsplit(SEGMENT, 1)[-1]
    bare = _BRACKETS.sub("", last)
    for form, likeness in (
        (full, EXACT),
        (normal_header(last), LAST_LINE),
        (normal_header(bare), WITHOUT_BRACKETS),
    ):
        if form in _aliases(column):
            return likeness, form
        if form in _weaker(column):
            return likeness * WEAKER, form
    text = normal_header(bare)
    inside = [alias for alias in _aliases(column) if _inside(alias, text)]
    if not inside:
        return 0.0, ""
    longest = max(inside, key=lambda alias: (len(alias), alias))
    return CONTAINED * (0.6 + 0.4 * len(longest) / len(text)), longest


def _inside(alias: str, text: str) -> bool:
    """A part of a header counts from two Chinese characters or four letters on: "no" is in too many words."""
    return len(alias) >= (4 if alias.isascii() else 2) and alias in text


def signature(headers: Sequence[str]) -> str:
    """What stays the same while a department keeps its form: hex SHA-256 over the normal headers in order."""
    return sha256("\x1f".join(normal_header(header) for header in headers).encode()).hexdigest()
