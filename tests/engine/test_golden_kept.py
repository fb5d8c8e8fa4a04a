"""Choosing again only of whom something is other gives what choosing everybody gives, whatever has changed."""

from __future__ import annotations

import json
import random
from itertools import pairwise
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from wangge_engine import run
from wangge_engine.frame.snapshots import publish

SOURCES = ("public_security", "grid_office", "health", "hotline")
PHONES = [f"138{n:08d}" for n in range(30)]
TEXTS = (
    "source", "record_id", "entity_id", "household_id", "name", "name_kind", "surname", "given", "pinyin", "id_number",
    "id_ok", "own_birth", "birth", "own_sex", "sex", "phone", "phone_key", "address_key", "place", "building", "unit",
    "room",
)  # fmt: skip
FLAGS = ("id_valid", "id_borrowed", "confirmed")
Row = dict[str, Any]


def told(chance: random.Random, entity: int, source: str, record: str) -> Row:
    phone, room = chance.choice([None, *PHONES]), chance.choice(["101", "102", None])
    birth = chance.choice([None, "1980-01-02", "1980-01-03", "1980-01-01"])
    return {
        **dict.fromkeys(TEXTS), **dict.fromkeys(FLAGS, False), "source": source, "record_id": record,
        "entity_id": f"e{entity}", "household_id": f"h{entity // 2}", "name": chance.choice(["王兰", "王蓝"]),
        "name_kind": "full", "surname": "王", "given": "兰", "own_birth": birth, "birth": birth,
        "own_sex": chance.choice([None, "F", "M"]), "phone": phone, "phone_key": phone, "address_key": f"园|1|1|{room}",
        "place": "园", "building": "1", "unit": "1", "room": room,
        "batch": "b1", "as_of": chance.choice(["", "2019-01-01", "2026-05-01"]), "verified": chance.random() < 0.1,
    }  # fmt: skip


def changed(chance: random.Random, rows: list[Row]) -> list[Row]:
    """Some tell otherwise, some belong to another, some go, some come, one source is sent again."""
    after = []
    for old in rows:
        row, fate = old, chance.random()
        if fate < 0.05:
            continue
        if fate < 0.12:
            row = {**row, "phone": (other := chance.choice(PHONES)), "phone_key": other}
        elif fate < 0.16:
            row = {**row, "entity_id": chance.choice(rows)["entity_id"]}
        elif fate < 0.2:
            row = {**row, "household_id": "h0"}
        after.append({**row, "batch": "b2"} if row["source"] == "hotline" else row)
    fresh = [told(chance, 900 + n // 2, chance.choice(SOURCES), f"f{n}") for n in range(6)]
    return [*after, *fresh]


def snapshot(folder: Path, rows: list[Row]) -> Path:
    folder.mkdir()
    table = pl.DataFrame(
        rows, schema_overrides={**dict.fromkeys(TEXTS, pl.String), **dict.fromkeys(FLAGS, pl.Boolean)}
    )
    pairs = [(a, b) for a, b in pairwise(rows) if a["entity_id"] == b["entity_id"]]
    links = {
        "source_a": [a["source"] for a, _ in pairs], "record_a": [a["record_id"] for a, _ in pairs],
        "source_b": [b["source"] for _, b in pairs], "record_b": [b["record_id"] for _, b in pairs],
        "kind": ["scored"] * len(pairs), "probability": [0.9] * len(pairs), "weight": [9.0] * len(pairs),
        "w_name": [8.0] * len(pairs),
    }  # fmt: skip
    tables = {
        "records": table.drop("batch", "as_of", "verified"),
        "lineage": table.select("source", "record_id", "batch", "as_of", "verified"),
        "households": table.unique("entity_id", keep="first", maintain_order=True).select(
            "entity_id", "household_id"
        ),
        "links": pl.DataFrame(links),
        "authority": pl.DataFrame({"field": ["phone"], "source": ["grid_office"], "rank": [8]}),
    }
    publish(
        folder,
        {n: t.to_arrow() for n, t in tables.items()},
        purpose="test",
        privacy="personal",
        made_by="test",
    )
    return folder


@pytest.mark.parametrize("seed", range(3))
def test_choosing_who_changed_gives_what_choosing_everybody_gives(seed: int, tmp_path: Path) -> None:
    chance = random.Random(seed)
    rows = [
        told(chance, entity, source, f"r{entity}-{source}")
        for entity in range(60)
        for source in chance.sample(SOURCES, chance.randint(1, 4))
    ]
    base = tmp_path / "base"
    run("golden", snapshot(tmp_path / "first", rows), {"keep": True}, out=base)
    later = snapshot(tmp_path / "second", changed(chance, rows))
    some = run("golden", later, {"base": str(base), "keep": True}, out=tmp_path / "some")
    every = run("golden", later, {"base": str(base), "every": True, "keep": True}, out=tmp_path / "every")
    assert 0 < some.facts["chosen"] < every.facts["chosen"]
    for name in ("golden", "members", "doubts", "copies"):
        assert pl.read_parquet(some.path(name)).equals(pl.read_parquet(every.path(name))), name
    third = run("golden", later, {"base": str(tmp_path / "some")}, out=tmp_path / "third")
    assert third.facts["chosen"] == 0
    assert pl.read_parquet(third.path("golden")).equals(pl.read_parquet(some.path("golden")))
    stranger = [*rows, {**told(chance, 1, "new", "n1"), "verified": False}]
    whole = run(
        "golden", snapshot(tmp_path / "fourth", stranger), {"base": str(base)}, out=tmp_path / "whole"
    )
    assert not whole.facts["added"] and whole.facts["chosen"] == 60, (
        "a source that was never judged is judged"
    )
    state = [json.loads((tmp_path / f / "kept-state.json").read_text()) for f in ("base", "some")]
    assert state[0] == state[1]
