"""Choose each field's surviving value for every entity at once.

Tables in: ``records`` and ``households`` as `link` writes them, ``lineage`` (source, record_id, as_of as
ISO date, and columns that pass through), ``authority`` (field, source, rank: higher is believed first, 5 where none is
given). Tables out: ``golden``, one row per entity with the value of each field, where it came from (source, record, as
of), how many sources say the same and how many values were told, the parts of the surviving name and address,
household and number of records; and ``members``: the lineage with each record's entity. Not for Spark yet: the rule
is plain SQL and will be.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import duckdb

from wangge_engine.frame.snapshots import Snapshot, publish

FIELDS = ("name", "id_no", "birth", "sex", "phone", "address")
RULE = "survivorship-1"
_SQL = (Path(__file__).parent / "survivorship.sql").read_text(encoding="utf-8")


def run(snapshot: Snapshot, params: dict[str, Any], out: Path) -> Snapshot:
    """Write the snapshot with table ``golden`` into ``out``."""
    out.mkdir(parents=True, exist_ok=True)
    con = duckdb.connect(str(out / "golden.duckdb"), config={"memory_limit": params.get("memory", "4GB")})
    try:
        con.execute("SET preserve_insertion_order = false")
        for name in ("records", "households", "lineage", "authority"):
            con.execute(f"CREATE VIEW {name} AS SELECT * FROM read_parquet('{snapshot.path(name)}')")
        con.execute(_SQL)
        path = out / "golden.parquet"
        con.execute(f"COPY ({_WIDE}) TO '{path}' (FORMAT parquet, COMPRESSION zstd)")
        members = out / "members.parquet"
        con.execute(
            "COPY (SELECT r.entity_id, l.* FROM lineage l JOIN records r USING (source, record_id) "
            f"ORDER BY r.entity_id, l.source, l.record_id) TO '{members}' (FORMAT parquet, COMPRESSION zstd)"
        )
    finally:
        con.close()
        (out / "golden.duckdb").unlink(missing_ok=True)
    return publish(
        out,
        {"golden": path, "members": members},
        purpose=snapshot.purpose,
        privacy=snapshot.privacy,
        made_by=f"golden {RULE}",
        facts={"rule": RULE},
    )


def _field(name: str) -> str:
    return (
        f"any_value(best.value) FILTER (field = '{name}') AS {name}, "
        f"any_value(best.source) FILTER (field = '{name}') AS {name}_source, "
        f"any_value(best.record_id) FILTER (field = '{name}') AS {name}_record, "
        f"any_value(best.as_of) FILTER (field = '{name}') AS {name}_as_of, "
        f"any_value(best.agreeing) FILTER (field = '{name}') AS {name}_agreeing, "
        f"any_value(different) FILTER (field = '{name}') AS {name}_different"
    )


_WIDE = f"""
WITH wide AS (SELECT entity_id, {", ".join(_field(f) for f in FIELDS)} FROM chosen GROUP BY entity_id),
size AS (SELECT r.entity_id, count(*) AS records, max(coalesce(l.as_of, '')) AS newest
         FROM records r LEFT JOIN lineage l USING (source, record_id) GROUP BY r.entity_id)
SELECT size.entity_id, size.records, size.newest, wide.* EXCLUDE (entity_id),
       n.surname, n.given, n.pinyin, a.place, a.building, a.unit, a.room, h.household_id
FROM size
LEFT JOIN wide USING (entity_id)
LEFT JOIN records n ON n.source = wide.name_source AND n.record_id = wide.name_record
LEFT JOIN records a ON a.source = wide.address_source AND a.record_id = wide.address_record
LEFT JOIN households h ON h.entity_id = size.entity_id
ORDER BY size.entity_id
"""
