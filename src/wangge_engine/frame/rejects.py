"""Rows and cells that could not be used: counted, listed with the reason, never silently dropped."""

from __future__ import annotations

import csv
from collections import Counter
from dataclasses import astuple, dataclass, fields
from pathlib import Path

from wangge_engine.frame.problems import Problem, Refused


@dataclass(frozen=True)
class Reject:
    """One row or cell; ``row`` counts data rows from 1 (the header is row 0). No values, only places."""

    file: str
    row: int
    column: str
    reason_code: str
    reason_zh: str
    reason_en: str


class Rejects:
    """Collects rejects; order of the file is by file, row, column, so that runs can be compared."""

    def __init__(self) -> None:
        self.items: list[Reject] = []

    def add(self, item: Reject) -> None:
        self.items.append(item)

    def counts(self) -> dict[str, int]:
        return dict(sorted(Counter(item.reason_code for item in self.items).items()))

    def require_none(self) -> None:
        """``--strict``: any reject refuses the whole input."""
        if self.items:
            raise Refused(
                *(
                    Problem(r.reason_code, r.reason_zh, r.reason_en, f"{r.file}, row {r.row}, {r.column}")
                    for r in self.items[:20]
                )
            )

    def write(self, path: Path) -> None:
        with path.open("w", encoding="utf-8", newline="") as handle:
            writer = csv.writer(handle)
            writer.writerow([field.name for field in fields(Reject)])
            ordered = sorted(self.items, key=lambda r: (r.file, r.row, r.column, r.reason_code))
            writer.writerows(astuple(item) for item in ordered)
