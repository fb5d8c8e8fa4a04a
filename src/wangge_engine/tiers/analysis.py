"""Tiers for rooms: cases and areas of a snapshot in, colours out."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from wangge_engine.frame.rooms import run_as_command
from wangge_engine.frame.snapshots import Snapshot


def run(snapshot: Snapshot, params: dict[str, Any], out: Path) -> Snapshot:
    """Tables in: ``cases``, ``areas``; table out: ``tiers``. Parameters: ``rules``, ``as_of``."""
    return run_as_command(
        "tiers", snapshot, params, out, tables={"cases": "cases", "areas": "areas"}, result="tiers"
    )
