"""Reproduction numbers for rooms: incidence and serial interval of a snapshot in, R per window out."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from wangge_engine.frame.rooms import run_as_command
from wangge_engine.frame.snapshots import Snapshot


def run(snapshot: Snapshot, params: dict[str, Any], out: Path) -> Snapshot:
    """Tables in: ``incidence``, ``serial_interval``; table out: ``windows``. Parameters: the command's options."""
    return run_as_command(
        "reproduction",
        snapshot,
        params,
        out,
        tables={"incidence": "incidence", "serial-interval": "serial_interval"},
        result="windows",
    )
