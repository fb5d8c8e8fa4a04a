"""``records_in`` -> ``records`` for encoded records: one key for all files, filters as integers."""

from __future__ import annotations

import duckdb

from wangge_engine.encode.records import FILTERS, TOKENS
from wangge_engine.frame.problems import refuse


def normalise(con: duckdb.DuckDBPyConnection) -> None:
    """Build ``records``; refuse rows that are not encoded, or encoded under different keys or versions."""
    found = con.execute(
        "SELECT encoding, min(source) FROM records_in GROUP BY encoding ORDER BY encoding"
    ).fetchall()
    for encoding, source in found:
        if encoding is None or not encoding.startswith("wangge-1:"):
            raise refuse(
                "not_encoded",
                "不是 wangge engine encode 写出的文件，或版本不同",
                "not written by wangge engine encode, or by another version",
                source,
            )
    if len(found) > 1:
        raise refuse(
            "different_keys",
            "各文件所用的密钥不同，无法联接",
            "the files are encoded under different keys and cannot be linked",
            ", ".join(source for _, source in found),
        )
    # Signed, bit for bit: Spark has no unsigned integers.
    bits = {c: f"CAST(CAST(TRY_CAST('0x' || {c} AS UBIGINT) AS BIT) AS BIGINT)" for c in FILTERS}
    filters = ", ".join(
        f"{sql} AS {c}, CAST(bit_count({sql}) AS INTEGER) AS {c}_bits" for c, sql in bits.items()
    )
    con.execute(
        f"""
        CREATE OR REPLACE TABLE records AS
        SELECT uid, source, record_id, number_kind, {", ".join(TOKENS)}, {filters},
               coalesce(name_phone, birth_phone) IS NOT NULL AS has_phone,
               coalesce(name_door, birth_door) IS NOT NULL AS has_door,
               CAST(NULL AS VARCHAR) AS household_ref, CAST(NULL AS VARCHAR) AS address_key,
               CAST(NULL AS VARCHAR) AS unit
        FROM records_in ORDER BY uid
        """
    )
