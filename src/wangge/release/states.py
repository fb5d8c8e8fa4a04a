"""Kinds of file that leave. Plain Python."""

from __future__ import annotations

from enum import StrEnum


class FileFormat(StrEnum):
    """Formats of an export."""

    CSV = "csv"
    XLSX = "xlsx"

    @property
    def media_type(self) -> str:
        """For the Content-Type header."""
        return {
            "csv": "text/csv; charset=utf-8",
            "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        }[self.value]
