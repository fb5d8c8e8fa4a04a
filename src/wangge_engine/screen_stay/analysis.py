"""Screening of stays for rooms: stays and affected areas of a snapshot in, who stayed long enough out."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from wangge_engine.frame.rooms import run_as_command
from wangge_engine.frame.snapshots import Snapshot


def run(snapshot: Snapshot, params: dict[str, Any], out: Path) -> Snapshot:
    """Tables in: ``stays``, ``areas``; table out: ``stayed``. Parameters: ``as_of``, the command's others."""
    tables = {"stays": "stays", "areas": "areas"}
    return run_as_command("screen-stay", snapshot, params, out, tables=tables, result="stayed")
