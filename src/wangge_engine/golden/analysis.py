"""The analysis for rooms: linked records in, golden records with their grounds out.

Tables in: ``records`` and ``households`` as `link` writes them, ``lineage`` (source, record_id, as_of as ISO date,
verified, and columns that pass through), ``authority`` (field, source, rank 1 to 9; 5 where none is given), and
``links`` of `link` if there are any, from which each member gets its strongest link as evidence.
Tables out: ``golden``, one row per entity: the value of each field, where it came from (source, record, as of), how
many sources say the same, how many values were told and how sure it is; ``members``: the lineage with each record's
entity and what it told as read, with its bits; ``doubts``; ``sources`` (how often each is right); ``copies``.
With ``keep`` the folder also holds what a later run needs as its ``base`` (an earlier ``out``): then only entities of
whom something is other are chosen again, with what the base learnt; ``every`` chooses all of them so.
Not for Spark yet: the rule is plain SQL and will be.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from wangge_engine.frame.outputs import Outputs
from wangge_engine.frame.snapshots import Snapshot, publish
from wangge_engine.frame.tables import connect, literal, write
from wangge_engine.golden.choosing import COPIES, DOUBTS, GOLDEN, MEMBERS, SOURCES, choose, note_evidence
from wangge_engine.golden.kept import joined, keep_state
from wangge_engine.golden.parameters import RULE


def run(snapshot: Snapshot, params: dict[str, Any], out: Path) -> Snapshot:
    """Write a snapshot with tables golden, members, doubts, sources and copies; ``facts`` is the report."""
    with Outputs(out) as made:
        con = connect(memory_limit=params.get("memory", "3GB"), temp=made.path("spill"))
        con.execute("SET preserve_insertion_order = false")
        for name in ("records", "households", "authority"):
            con.execute(f"CREATE VIEW {name} AS FROM read_parquet({literal(str(snapshot.path(name)))})")
        lineage = f"read_parquet({literal(str(snapshot.path('lineage')))})"
        held = {row[0] for row in con.execute(f"DESCRIBE FROM {lineage}").fetchall()}
        added = "" if "verified" in held else ", false AS verified"
        con.execute(f"CREATE VIEW lineage AS SELECT *{added} FROM {lineage}")
        linked = any(table.name == "links" for table in snapshot.tables)
        note_evidence(con, f"read_parquet({literal(str(snapshot.path('links')))})" if linked else None)
        base = Path(params["base"]) if params.get("base") else None
        report = choose(
            con,
            params.get("today", ""),
            base=base,
            every=params.get("every", False),
            marked=params.get("keep", False),
        )
        tables = {
            "golden": GOLDEN, "members": MEMBERS, "doubts": DOUBTS, "sources": SOURCES, "copies": COPIES
        }  # fmt: skip
        if base is not None and report["added"]:
            tables["golden"] = joined(GOLDEN, base / "golden.parquet", "entity_id")
            tables["members"] = joined(MEMBERS, base / "members.parquet", "entity_id, source, record_id")
        for name, query in tables.items():
            write(con, query, made.path(f"{name}.parquet"))
        if params.get("keep"):
            keep_state(con, made.aside, report["today"], report["learnt_from"])
        con.close()
        return publish(
            made.aside,
            {name: made.path(f"{name}.parquet") for name in tables},
            purpose=snapshot.purpose,
            privacy=snapshot.privacy,
            made_by=f"golden {RULE}",
            facts=report,
            final=out,
        )
