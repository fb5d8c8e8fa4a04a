"""The analysis for rooms: a snapshot of records in, a snapshot of clusters and records as read out."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from wangge_engine.frame.outputs import Outputs
from wangge_engine.frame.problems import refuse
from wangge_engine.frame.progress import Stages
from wangge_engine.frame.rejects import Rejects
from wangge_engine.frame.snapshots import Snapshot, publish
from wangge_engine.frame.tables import connect
from wangge_engine.link.intake import Input
from wangge_engine.link.outputs import write_outputs
from wangge_engine.link.pipeline import THRESHOLD, Request, link
from wangge_engine.link.schema import read_schema

PARAMETERS = ("schema", "mode", "threshold", "memory")


def run(snapshot: Snapshot, params: dict[str, Any], out: Path) -> Snapshot:
    """Link table ``records`` (canonical columns and ``source``), obeying table ``decisions`` if there is one.

    Writes tables clusters, links, households, review, records; ``facts`` of the result is the report.
    """
    unknown = sorted(set(params) - set(PARAMETERS))
    if unknown:
        raise refuse(
            "unknown_parameter", f"没有这些参数：{unknown}", f"no such parameters: {', '.join(unknown)}"
        )
    held = {table.name for table in snapshot.tables}
    rejects, stages = Rejects(), Stages(quiet=True)
    with Outputs(out) as made:
        con = connect(memory_limit=params.get("memory", "3GB"), temp=made.path("spill"))
        request = Request(
            inputs=[Input(None, snapshot.path("records"))],
            schema=read_schema(params.get("schema", "person-zh")),
            between=params.get("mode", "all") == "between",
            decisions=snapshot.path("decisions") if "decisions" in held else None,
            threshold=params.get("threshold", THRESHOLD),
        )
        report = link(con, request, rejects, stages)
        with stages.stage("write"):
            written = write_outputs(con, made.aside, "parquet", records=True)
        con.close()
        report["stages"] = stages.report()
        return publish(
            made.aside,
            {name: made.path(f"{name}.parquet") for name in written},
            purpose=snapshot.purpose,
            privacy="sensitive" if snapshot.privacy == "sensitive" else "personal",
            made_by="link",
            facts=report,
            final=out,
        )
