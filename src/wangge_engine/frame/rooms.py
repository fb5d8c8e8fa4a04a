"""A command as an analysis for rooms: tables of a snapshot in, a snapshot with its one table out."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from wangge_engine.frame.cli import build_parser
from wangge_engine.frame.outputs import Outputs
from wangge_engine.frame.registry import find_command
from wangge_engine.frame.snapshots import Snapshot, publish


def run_as_command(
    name: str,
    snapshot: Snapshot,
    params: Mapping[str, Any],
    out: Path,
    *,
    tables: Mapping[str, str],
    result: str,
) -> Snapshot:
    """Run the command over tables (option -> table of the snapshot); ``params`` are its other options by name.

    True is a flag that is set, None and False are left out. ``facts`` of what it writes is the command's report.
    """
    arguments = ["--quiet"]
    for option, table in tables.items():
        arguments += [f"--{option}", str(snapshot.path(table))]
    for option, value in params.items():
        if value is not None and value is not False:
            arguments += [f"--{option.replace('_', '-')}", *([] if value is True else [str(value)])]
    with Outputs(out) as made:
        written = made.path(f"{result}.parquet")
        arguments += ["--out", str(written), "--rejects", str(made.path("rejects.csv"))]
        facts = find_command(name).run(build_parser(name).parse_args(arguments))
        return publish(
            made.aside,
            {result: written},
            purpose=snapshot.purpose,
            privacy=snapshot.privacy,
            made_by=name,
            facts=facts,
            final=out,
        )
