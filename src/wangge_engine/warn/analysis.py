"""Early warning for rooms: a snapshot of counted series in, verdicts out."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from wangge_engine.frame.rooms import run_as_command
from wangge_engine.frame.snapshots import Snapshot


def run(snapshot: Snapshot, params: dict[str, Any], out: Path) -> Snapshot:
    """Table in: ``series``; table out: ``verdicts``. Parameters: ``method`` and any other option of the command."""
    return run_as_command("warn", snapshot, params, out, tables={"series": "series"}, result="verdicts")
