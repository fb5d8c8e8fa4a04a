"""Forecasts for rooms: a snapshot of counted series in, the next weeks out."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from wangge_engine.frame.rooms import run_as_command
from wangge_engine.frame.snapshots import Snapshot


def run(snapshot: Snapshot, params: dict[str, Any], out: Path) -> Snapshot:
    """Table in: ``series``; table out: ``forecasts``. Parameters: any other option of the command."""
    return run_as_command("forecast", snapshot, params, out, tables={"series": "series"}, result="forecasts")
