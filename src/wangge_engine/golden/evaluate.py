"""How many golden fields are right, against a truth; beside the simple rules everybody uses."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import duckdb

from wangge_engine.frame.problems import refuse
from wangge_engine.frame.tables import connect, load_text
from wangge_engine.golden.parameters import FIELDS
from wangge_engine.link.normalise_zh import normalise
from wangge_engine.link.schema import read_schema

_READ_AS = {
    "name": "name", "id_no": "id_number", "birth": "own_birth", "sex": "own_sex", "phone": "phone",
    "address": "address_key",
}  # fmt: skip
# Of the values told, one by another rule; ties by source and record, like ours.
RULES = {
    "latest": "arg_max(value, (tier > 0, as_of, source, record_id))",
    "authority": "arg_max(value, (tier > 0, rank, as_of, source, record_id))",
}


def evaluate(con: duckdb.DuckDBPyConnection, path: Path) -> dict[str, Any]:
    """By field and rule: of the entities whose true value is known and which told anything, how many are right.

    `path` has ``entity_id`` and any of the fields. True values are read as the records were.
    """
    _read_truth(con, path)
    others = "".join(
        f" UNION ALL SELECT '{rule}', entity_id, field, {chosen} FROM tellings GROUP BY ALL"
        for rule, chosen in RULES.items()
    )
    con.execute(
        f"""
        CREATE OR REPLACE TABLE by_rule AS
        WITH tellings AS (
            SELECT c.*, coalesce(a.rank, 5) AS rank FROM candidates c
            LEFT JOIN authority a ON a.source = c.source AND a.field = c.field
        ), votes AS (
            SELECT entity_id, field, value, count(*) AS n, max(as_of) AS as_of, max(tier) AS tier
            FROM candidates GROUP BY ALL
        )
        SELECT 'wangge' AS rule, entity_id, field, value FROM scored WHERE place = 1
        UNION ALL
        SELECT 'majority', entity_id, field, arg_max(value, (tier > 0, n, as_of, value)) FROM votes GROUP BY ALL
        {others}
        """
    )
    rows = con.execute(
        """
        SELECT r.rule, r.field, count(*), count(*) FILTER (WHERE r.value = t.value)
        FROM by_rule r JOIN truth_values t USING (entity_id, field) GROUP BY ALL ORDER BY ALL
        """
    ).fetchall()
    reachable = dict(
        con.execute(
            """
            SELECT t.field, count(DISTINCT t.entity_id) FROM truth_values t
            JOIN candidates c ON c.entity_id = t.entity_id AND c.field = t.field AND c.value = t.value GROUP BY ALL
            """
        ).fetchall()
    )
    found: dict[str, Any] = {}
    for rule, field, known, right in rows:
        found.setdefault(rule, {})[field] = {"known": known, "right": right, "share": round(right / known, 5)}
    for fields in found.values():
        known, right = (sum(v[k] for v in fields.values()) for k in ("known", "right"))
        fields["all"] = {"known": known, "right": right, "share": round(right / known, 5)}
    ceiling = {
        f: {"right": n, "share": round(n / found["wangge"][f]["known"], 5)} for f, n in reachable.items()
    }
    total = found["wangge"]["all"]["known"] if found else 0
    right = sum(reachable.values())
    ceiling["all"] = {"right": right, "share": round(right / total, 5) if total else 0.0}
    return {"rules": found, "ceiling": ceiling}


def _read_truth(con: duckdb.DuckDBPyConnection, path: Path) -> None:
    other = connect(memory_limit="1GB")
    columns = load_text(other, path, "truth_file")
    known = [f for f in FIELDS if f in columns]
    if "entity_id" not in columns or not known:
        raise refuse(
            "bad_truth",
            "应有 entity_id 列和至少一个字段",
            "needs column entity_id and at least one field",
            str(path),
        )
    wanted = [f for f in read_schema("person-zh").columns if f != "record_id"]
    chosen = ", ".join(f"{f if f in known else 'CAST(NULL AS VARCHAR)'} AS {f}" for f in wanted)
    other.execute(
        "CREATE TABLE records_in AS SELECT CAST(__row - 1 AS INTEGER) AS uid, 'truth' AS source,"
        f" entity_id AS record_id, {chosen} FROM truth_file"
    )
    normalise(other)
    parts = [
        f"SELECT record_id AS entity_id, '{f}' AS field, {_READ_AS[f]} AS value FROM records" for f in known
    ]
    table = other.execute(f"FROM ({' UNION ALL '.join(parts)}) WHERE value IS NOT NULL").to_arrow_table()
    other.close()
    con.register("__truth", table)
    con.execute("CREATE OR REPLACE TABLE truth_values AS FROM __truth")
    con.unregister("__truth")
