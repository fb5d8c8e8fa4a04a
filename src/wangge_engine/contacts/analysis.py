"""Contacts for rooms: presence and index persons of a snapshot in, who met whom out."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from wangge_engine.frame.rooms import run_as_command
from wangge_engine.frame.snapshots import Snapshot


def run(snapshot: Snapshot, params: dict[str, Any], out: Path) -> Snapshot:
    """Tables in: ``presence``, ``index``; table out: ``contacts``. Parameters: ``rules`` and the command's others."""
    tables = {"presence": "presence", "index": "index"}
    return run_as_command("contacts", snapshot, params, out, tables=tables, result="contacts")
