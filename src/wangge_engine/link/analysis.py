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
from wangge_engine.link.batch import BatchRequest, add_batch, keep_added, report_of
from wangge_engine.link.intake import Input
from wangge_engine.link.kept import Base
from wangge_engine.link.outputs import write_outputs
from wangge_engine.link.pipeline import THRESHOLD, Request, link
from wangge_engine.link.schema import read_schema
from wangge_engine.link.whole import write_added

PARAMETERS = ("schema", "mode", "threshold", "memory", "keep", "base", "resent", "namesakes")


def run(snapshot: Snapshot, params: dict[str, Any], out: Path) -> Snapshot:
    """Link table ``records`` (canonical columns and ``source``), obeying table ``decisions`` if there is one.

    Writes tables clusters, links, households, review, records; ``facts`` of the result is the report. With ``keep``
    the folder also holds what a later run needs as its ``base`` (an earlier ``out``): the records then are added to
    it, those of the sources in ``resent`` in place of all that they told before, and the tables ``changed`` and
    ``renamed`` say what is other than it was. Without ``namesakes`` nobody is joined on a rare name alone; a base
    keeps to what it was made with.
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
        records = [Input(None, snapshot.path("records"))]
        decisions = snapshot.path("decisions") if "decisions" in held else None
        if params.get("base"):
            base = Base(Path(params["base"]))
            batch = BatchRequest(records, tuple(params.get("resent", ())), decisions)
            added = add_batch(con, base, batch, rejects, stages)
            report = report_of(added, rejects)
            with stages.stage("write"):
                written = write_added(con, added, made.aside, "parquet", records=True)
            if params.get("keep"):
                keep_added(con, added, made.aside)
        else:
            request = Request(
                inputs=records,
                schema=read_schema(params.get("schema", "person-zh")),
                between=params.get("mode", "all") == "between",
                decisions=decisions,
                threshold=params.get("threshold", THRESHOLD),
                namesakes=params.get("namesakes", True),
                keep=made.aside if params.get("keep") else None,
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
