"""Chains for rooms: dated contacts and roots of a snapshot in, everybody they reach out."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from wangge_engine.frame.rooms import run_as_command
from wangge_engine.frame.snapshots import Snapshot


def run(snapshot: Snapshot, params: dict[str, Any], out: Path) -> Snapshot:
    """Tables in: ``contacts``, ``roots``; table out: ``chains``. Parameters: ``direction``, the command's others."""
    tables = {"contacts": "contacts", "roots": "roots"}
    return run_as_command("chains", snapshot, params, out, tables=tables, result="chains")
