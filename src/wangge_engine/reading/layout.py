"""Where the header stands: under titles and notes, on one line or merged over several."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from wangge_engine.reading.rows import Merge, Row

LOOK_AT = 40  # rows searched for a header; titles and notes above one are rarely more than five
_DEEPEST = 3
_LONGEST_HEADER = 40
SEGMENT = "/"
_VALUE = re.compile(r"[-+]?[\d.,%/: \-]+|.*\d{5,}.*")


@dataclass(frozen=True, slots=True)
class Layout:
    """The header of a sheet: its texts (lines joined by "/"), its first and last row, the first data row.

    `doubled` holds headers that stood more than once; the later ones carry "(2)", "(3)" in `headers`.
    """

    headers: tuple[str, ...]
    top: int
    bottom: int
    doubled: tuple[str, ...] = ()

    @property
    def first_data_row(self) -> int:
        return self.bottom + 1


def find_layout(rows: Sequence[Row], merges: Sequence[Merge], known: Callable[[str], bool]) -> Layout | None:
    """The header among the first `rows`, or None where there is none (a sheet of notes, a sheet without one).

    `known` tells whether a text is a header that departments use.
    """
    head = [row for row in rows if any(cell.strip() for cell in row.cells)][:LOOK_AT]
    best: tuple[float, int] | None = None
    for position, row in enumerate(head):
        score = _likeness(row, head[position + 1 : position + 6], known)
        if score > 0 and (best is None or score > best[0]):
            best = (score, position)
    if best is None:
        return None
    by_no = {row.no: row for row in head}
    chosen = head[best[1]]
    top, bottom = _extent(chosen, by_no, merges, known)
    lines = [_spread(by_no[no], merges, bottom) for no in range(top, bottom + 1) if no in by_no]
    headers = _joined(lines)
    unique, doubled = _unique(headers)
    return Layout(unique, top, bottom, doubled)


def _filled(row: Row) -> list[tuple[int, str]]:
    return [(column, cell.strip()) for column, cell in enumerate(row.cells) if cell.strip()]


def _is_label(text: str) -> bool:
    return len(text) <= _LONGEST_HEADER and not _VALUE.fullmatch(text)


def _likeness(row: Row, below: Sequence[Row], known: Callable[[str], bool]) -> float:
    """How much a row looks like a header: labels that are known count most; values speak against it."""
    filled = _filled(row)
    if not filled:
        return 0.0
    texts = [text for _, text in filled]
    hits = sum(map(known, texts))
    labels = sum(map(_is_label, texts))
    if hits == 0:
        # Nobody knows these words: a header still is a full row of different labels above rows with values.
        alone = len(texts) >= 2 and labels == len(texts) and len(set(texts)) == len(texts)
        valued = [r for r in below if any(_VALUE.fullmatch(text) for _, text in _filled(r))]
        reach = [len(_filled(r)) for r in below]
        full = bool(reach) and len(texts) >= 0.6 * max(reach)
        return 0.5 if alone and full and len(valued) >= max(1, len(below) // 2) else 0.0
    if len(texts) == 1:
        return 0.6 if below and all(len(_filled(r)) <= 1 for r in below) else 0.0
    return hits + 0.2 * labels - 0.8 * (len(texts) - labels)


def _extent(
    chosen: Row, rows: dict[int, Row], merges: Sequence[Merge], known: Callable[[str], bool]
) -> tuple[int, int]:
    """First and last row of the header around the row that looked most like one."""
    top = bottom = chosen.no
    width = max((len(row.cells) for row in rows.values()), default=1)
    for _ in range(_DEEPEST - 1):
        for area in merges:
            if area.top <= bottom and area.bottom >= top and area.bottom - area.top < _DEEPEST:
                top, bottom = min(top, area.top), max(bottom, area.bottom)
        groups = [a for a in merges if a.top == a.bottom == bottom and a.right > a.left]
        below = rows.get(bottom + 1)
        if below is not None and (
            _labels_under(groups, below, known)
            or (not merges and bottom in rows and _fills_gaps(rows[bottom], below, known))
        ):
            bottom += 1
        above = rows.get(top - 1)
        if above is not None and _groups_over(above, rows.get(top), merges, width):
            top -= 1
    if bottom - top >= _DEEPEST:
        top = bottom = chosen.no
    return top, bottom


def _labels_under(groups: Sequence[Merge], below: Row, known: Callable[[str], bool]) -> bool:
    """Whether the row below a line with merged groups holds their parts, and not already data."""
    under = [
        below.cells[column].strip()
        for area in groups
        for column in range(area.left, area.right + 1)
        if column < len(below.cells) and below.cells[column].strip()
    ]
    return len(under) >= 2 and all(map(_is_label, under)) and any(map(known, under))


def _fills_gaps(row: Row, below: Row, known: Callable[[str], bool]) -> bool:
    """Where merges are unknown: whether the row below is the second line of a header. It is all labels, names
    what has no name yet, and leaves free what was named already."""
    here = {column for column, _ in _filled(row)}
    texts = dict(_filled(below))
    complete = bool(texts.keys() - here) and bool(here - texts.keys())
    return complete and all(map(_is_label, texts.values())) and sum(map(known, texts.values())) >= 2


def _groups_over(above: Row, row: Row | None, merges: Sequence[Merge], width: int) -> bool:
    """Whether the row above holds group names: merged over several columns but not over the whole table; where
    merges are unknown (csv), it has several cells and fills the gaps of the row below."""
    filled = _filled(above)
    areas = [a for a in merges if a.top == above.no and a.right > a.left]
    if areas:
        return any(a.right - a.left + 1 < max(2, width - 1) for a in areas) and len(filled) >= 2
    if row is None or len(filled) < 2 or not all(_is_label(text) for _, text in filled):
        return False
    gaps = [column for column in range(len(row.cells)) if not row.cells[column].strip()]
    return bool(gaps) and all(column < len(above.cells) and above.cells[column].strip() for column in gaps)


def _spread(row: Row, merges: Sequence[Merge], bottom: int) -> dict[int, str]:
    """The row's texts by column, each also over the columns it was merged across. Where no merges are known, a
    group's name runs on to the right until the next one; the last line of a header never runs on."""
    texts = {column: " ".join(text.split()) for column, text in _filled(row)}
    areas = [a for a in merges if a.top <= row.no <= a.bottom and a.right > a.left]
    for area in areas:
        if area.top == row.no and area.left in texts:
            for column in range(area.left + 1, area.right + 1):
                texts[column] = texts[area.left]
    if not merges and row.no < bottom:
        current = ""
        for column in range(max(texts, default=-1) + 1):
            current = texts.get(column, current)
            texts[column] = current
        texts = {column: text for column, text in texts.items() if text}
    return texts


def _joined(lines: Sequence[dict[int, str]]) -> list[str]:
    width = max((max(line) + 1 for line in lines if line), default=0)
    headers = []
    for column in range(width):
        parts: list[str] = []
        for line in lines:
            text = line.get(column, "")
            if text and (not parts or parts[-1] != text):
                parts.append(text)
        headers.append(SEGMENT.join(parts))
    return headers


def _unique(headers: Sequence[str]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    seen: dict[str, int] = {}
    unique: list[str] = []
    doubled: list[str] = []
    for header in headers:
        times = seen[header] = seen.get(header, 0) + 1
        if header and times > 1:
            doubled.append(header)
            unique.append(f"{header}({times})")
        else:
            unique.append(header)
    return tuple(unique), tuple(dict.fromkeys(doubled))
