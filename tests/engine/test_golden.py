"""The engine's survivorship agrees with the registry's own rule, record by record."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

import pyarrow as pa
import pyarrow.parquet as pq
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from wangge.registry.rules.survivorship import Candidate, authority, choose
from wangge_engine import run
from wangge_engine.frame.snapshots import publish

SOURCES = st.sampled_from(["public_security", "grid_office", "health", "hotline", "elsewhere"])
TELLING = st.fixed_dictionaries(
    {
        "source": SOURCES,
        "phone": st.sampled_from([None, "1", "2", "3"]),
        "as_of": st.sampled_from(["", "2019-01-01", "2026-05-01"]),
        "entity": st.integers(0, 2),
    }
)


def golden(tellings: list[dict], folder: Path) -> dict[str, dict]:
    texts = ("name", "surname", "given", "pinyin", "name_kind", "id_number", "id_ok", "birth", "sex", "address_key",
             "place", "building", "unit", "room")  # fmt: skip
    records = [
        {
            "source": t["source"],
            "record_id": str(i),
            "entity_id": str(t["entity"]),
            "id_valid": False,
            "id_borrowed": False,
            "phone": t["phone"],
        }
        | dict.fromkeys(texts)
        for i, t in enumerate(tellings)
    ]
    schema = pa.schema(
        [(c, pa.bool_() if c in ("id_valid", "id_borrowed") else pa.string()) for c in records[0]]
    )
    tables = {
        "records": pa.Table.from_pylist(records, schema=schema),
        "households": pa.table(
            {"entity_id": ["0", "1", "2"], "household_id": ["h", "h", "i"], "dwelling": ["", "", ""]}
        ),
        "lineage": pa.table(
            {
                "source": [t["source"] for t in tellings],
                "record_id": [str(i) for i in range(len(tellings))],
                "as_of": [t["as_of"] for t in tellings],
            }
        ),
        "authority": pa.table(
            {
                "field": [f for f, _ in authority()],
                "source": [s for _, s in authority()],
                "rank": list(authority().values()),
            }
        ),
    }
    publish(folder / "in", tables, purpose="registry_maintenance", privacy="personal", made_by="test")
    made = run("golden", folder / "in", {}, out=folder / "out")
    return {row["entity_id"]: row for row in pq.read_table(made.path("golden")).to_pylist()}


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(TELLING, min_size=1, max_size=12))
def test_the_bulk_rule_is_the_rule(tellings: list[dict]) -> None:
    with TemporaryDirectory() as folder:
        found = golden(tellings, Path(folder))
    for entity in {t["entity"] for t in tellings}:
        candidates = [
            Candidate(t["phone"], t["source"], str(i), t["as_of"])
            for i, t in enumerate(tellings)
            if t["entity"] == entity and t["phone"]
        ]
        expected = choose("phone", candidates)
        row = found[str(entity)]
        if expected is None:
            assert row["phone"] is None
            continue
        assert (row["phone"], row["phone_source"], row["phone_record"]) == (
            expected.best.value,
            expected.best.source,
            expected.best.record_id,
        )
        assert (row["phone_agreeing"], row["phone_different"]) == (expected.agreeing, expected.different)
