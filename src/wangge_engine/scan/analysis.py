"""The scan for rooms: cases and places of a snapshot in, clusters out."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from wangge_engine.frame.rooms import run_as_command
from wangge_engine.frame.snapshots import Snapshot


def run(snapshot: Snapshot, params: dict[str, Any], out: Path) -> Snapshot:
    """Tables in: ``cases``, ``places``; table out: ``clusters``. Parameters: any other option of the command."""
    return run_as_command(
        "scan", snapshot, params, out, tables={"cases": "cases", "places": "places"}, result="clusters"
    )
