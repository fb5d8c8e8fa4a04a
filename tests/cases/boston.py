"""The Boston 311 file of May 2015 as cases with their own deadlines.

Times are local without offset (America/New_York); one row in seven sits on a placeholder point.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from wangge.cases.types import ImportedCase

ZONE = ZoneInfo("America/New_York")
PLACEHOLDER = (-71.0587, 42.3594)
FILE = Path("cases") / "boston311_2015_05.csv"
COLUMNS = "kind,code,group_code,group_zh,group_en,zh,en,filing_zh,limit_amount,limit_unit,closing_zh"


def rows(folder: Path) -> list[dict[str, str]]:
    with (folder / FILE).open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def taxonomy(source: list[dict[str, str]]) -> str:
    """The types of the file as a table of categories without limits: the matters bring their own deadlines."""
    lines = [
        "# taxonomy: boston311",
        "# version: 2015-05",
        "# source: City of Boston open data, 311 requests",
    ]
    types = {row["TYPE"]: row["REASON"] for row in source}
    quoted = (
        ",".join(f'"{cell}"' for cell in ("M", name, "", reason, reason, name, name, "", "", "", ""))
        for name, reason in sorted(types.items())
    )
    return "\n".join([*lines, COLUMNS, *quoted])


def _moment(text: str) -> datetime | None:
    return datetime.fromisoformat(text).replace(tzinfo=ZONE) if text else None


def cases(source: list[dict[str, str]], unit_no: int) -> Iterator[ImportedCase]:
    for row in source:
        opened = _moment(row["OPEN_DT"])
        assert opened is not None
        yield ImportedCase(
            external_id=row["CASE_ENQUIRY_ID"],
            category_code=f"M{row['TYPE']}",
            opened_at=opened,
            unit_no=unit_no,
            title=row["CASE_TITLE"],
            lon=float(row["LONGITUDE"]) if row["LONGITUDE"] else None,
            lat=float(row["LATITUDE"]) if row["LATITUDE"] else None,
            deadline_at=_moment(row["TARGET_DT"]),
            closed_at=_moment(row["CLOSED_DT"]),
            closing_note=row["CLOSURE_REASON"],
        )
