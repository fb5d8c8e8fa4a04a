"""Who is this? One record against a kept linkage, by the index and the weights that a batch uses, in milliseconds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from wangge_engine.frame.problems import refuse
from wangge_engine.frame.tables import connect, literal
from wangge_engine.link.arrivals import blocking_keys
from wangge_engine.link.blocks import PHONE, Keys
from wangge_engine.link.components import Ints
from wangge_engine.link.few import Few, Unknown
from wangge_engine.link.kept import Base
from wangge_engine.link.normalise_zh import PHONE_SHARED_BY_AT_MOST
from wangge_engine.link.reading import Value, read_record
from wangge_engine.link.terms import unseen_share
from wangge_engine.link.weigh import pairs_query, terms_of

MOST_COMPARED = (
    2_000  # records; a name this common without a number or a telephone finds nobody in particular
)
FEW = 150  # records; more are weighed sooner by the database


@dataclass(frozen=True)
class Match:
    """An entity that may be meant: the best pair's probability, weight in bits and evidence, and its record."""

    entity_id: str
    probability: float
    weight: float
    evidence: dict[str, float]
    other_name: bool
    source: str
    record_id: str
    records: int


class Lookup:
    """A kept linkage of persons in China, opened for looking up. Not for several threads at a time."""

    def __init__(self, folder: Path) -> None:
        self.base = Base(folder)
        if self.base.meta["schema"]["kind"] != "zh":
            raise refuse(
                "lookup_of_persons_only",
                "只能查找人员记录",
                "only records of persons (person-zh) can be looked up",
                str(folder),
            )
        self._con: duckdb.DuckDBPyConnection = connect(threads=1)
        self._con.execute("PRAGMA disable_optimizer")  # it takes longer than these few rows
        self._keys = list(blocking_keys(self.base))
        self._terms = terms_of(self.base.settings)
        named = [*self._terms, "given"]
        self._shares = {term: self._share_of(term, "n" if term == "given" else "tf") for term in named}
        self._columns = [c for c in self.base.model.columns() if c != "uid"]
        if "name_kind" not in self._columns:
            self._columns.append("name_kind")
        self._types = {
            field.name: field.type for field in self.base.take(np.array([], dtype=np.int64)).schema
        }
        keys = ", ".join(f"CASE WHEN {k.present} THEN {k.value} END" for k in (*self._keys, PHONE))
        hashes = ", ".join(f"hash({term})" for term in named)
        self._told = [*sorted(name for name in read_record({}) if name in self._types), "rare_name"]
        columns = ", ".join(f"${i + 1}::{_sql(self._types[n])} AS {n}" for i, n in enumerate(self._told))
        self._con.execute(f"PREPARE ask AS SELECT {keys}, {hashes} FROM (SELECT {columns})")
        query = pairs_query(self.base.model, self.base.settings, "alone l CROSS JOIN compared r")
        self._score = (
            f"SELECT *, ({self.base.model.veto}) AS vetoed FROM ({query}) ORDER BY weight DESC, b, a"
        )
        try:
            self._few: Few | None = Few(self.base.model, self.base.settings)
        except Unknown:
            self._few = None
        self._ids = self.base.table("entities").column("entity_id")
        self._sizes = np.bincount(self.base.entity[self.base.entity >= 0], minlength=len(self._ids))
        self.find({"name": "张三", "phone": "13800000000"})  # open what is mapped before somebody waits

    def _share_of(self, term: str, column: str) -> tuple[Keys, NDArray[np.float64], NDArray[np.bool_]]:
        table = self.base.table(f"terms_{term}")
        rare = table.column("rare").to_numpy() if "rare" in table.schema.names else np.zeros(len(table), bool)
        return table.column("h").to_numpy(), table.column(column).to_numpy(), rare

    def find(self, record: Mapping[str, str | None], *, limit: int = 10) -> list[Match]:
        """The entities that a record may mean, best first. Fields: name, id_no, sex, birth, phone, address."""
        read = read_record(record, self.base.meta["confused"])
        asked = self._asked(read)
        keys, hashes = asked[: len(self._keys) + 1], asked[len(self._keys) + 1 :]
        self._add_shares(read, hashes)
        self._share_phone(read, keys)
        found = self._candidates(keys, read)
        if not len(found):
            return []
        pairs = self._weigh(read, found)
        return self._best(pairs, limit)

    def _asked(self, read: Mapping[str, Value]) -> list[int | None]:
        # A name is rare with its sound; whether the base called it rare stands in its terms.
        told = [read["fuzzy"] if name == "rare_name" else read[name] for name in self._told]
        return list(self._con.execute(f"EXECUTE ask({', '.join(map(_literal, told))})").fetchall()[0])

    def _share_phone(self, read: dict[str, Value], keys: list[int | None]) -> None:
        """A telephone of many names says nothing, as in the base."""
        phone = keys[-1]
        if phone is not None and self.base.count(_values([phone]))[0] > PHONE_SHARED_BY_AT_MOST:
            uids = self.base.find(_values([phone]))[1]
            if None in self.base.take(np.unique(uids), ["phone_key"]).column("phone_key").to_pylist():
                read["phone_key"] = None

    def _candidates(self, keys: list[int | None], read: Mapping[str, Value]) -> Ints:
        chosen = [
            value
            for key, value in zip(self._keys, keys, strict=False)
            if value is not None
            and not ("phone_key" in key.parts and read["phone_key"] is None)
            and not ("rare_name" in key.parts and not read["rare"])
        ]
        if not chosen:
            return np.array([], dtype=np.int64)
        position, uid = self.base.find(_values(chosen))
        if len(uid) > MOST_COMPARED:  # the widest values first to go
            counts = np.bincount(position, minlength=len(chosen))
            keep = np.cumsum(counts[np.argsort(counts, kind="stable")]) <= MOST_COMPARED
            narrow = np.argsort(counts, kind="stable")[keep]
            uid = uid[np.isin(position, narrow)]
        return np.unique(uid)

    def _add_shares(self, read: dict[str, Value], hashes: list[int | None]) -> None:
        counted = self.base.meta["terms"]
        seen = {}
        for term, h in zip([*self._terms, "given"], hashes, strict=True):
            keys, values, rare = self._shares[term]
            at = int(np.searchsorted(keys, np.uint64(h or 0)))
            known = h is not None and at < len(keys) and int(keys[at]) == h
            seen[term] = float(values[at]) if known else None
            if term == "fuzzy":
                read["rare"] = bool(known and rare[at])
        self._tf = {
            term: None
            if read[term] is None
            else seen[term]
            if seen[term] is not None
            else unseen_share(term, counted, seen.get("surname"), seen["given"], read["given"] is not None)
            for term in self._terms
        }

    def _weigh(self, read: Mapping[str, Value], found: Ints) -> list[dict[str, Any]]:
        table = self.base.take(found, self._columns)
        if self._few is None or len(found) > FEW:
            return self._weigh_many(read, table)
        own: dict[str, Any] = {name: read.get(name) for name in self._columns} | {"uid": -1}
        # A share weighs only where both sides have the value: the asked record's own serves for both.
        own |= {f"tf_{term}": self._tf[term] for term in self._terms}
        none = dict.fromkeys((f"tf_{term}" for term in self._terms), None)
        rows = []
        for standing in table.to_pylist():
            pair = self._few.weigh(own, standing | none)
            if pair is not None:
                rows.append(pair | {"a": -1, "b": standing["uid"]})
        return sorted(rows, key=lambda row: (-row["weight"], row["b"]))

    def _weigh_many(self, read: Mapping[str, Value], table: pa.Table) -> list[dict[str, Any]]:
        con = self._con
        own = {name: pa.array([read.get(name)], self._types[name]) for name in self._columns}
        alone = pa.table({"uid": pa.array([-1], pa.int32()), **own})
        for term in self._terms:
            # A share weighs only where both sides have the value: the asked record's own serves for both.
            share = pa.array([self._tf[term]], pa.float64())
            alone = alone.append_column(f"tf_{term}", share)
            table = table.append_column(f"tf_{term}", pa.nulls(len(table), pa.float64()))
        con.register("alone", alone)
        con.register("compared", table)
        found: list[dict[str, Any]] = con.execute(self._score).to_arrow_table().to_pylist()
        return found

    def _best(self, pairs: list[dict[str, Any]], limit: int) -> list[Match]:
        bits = [f"w_{comparison.name}" for comparison in self.base.model.comparisons]
        chosen: dict[int, dict[str, Any]] = {}
        for row in pairs:
            entity = int(self.base.entity[max(row["a"], row["b"])])
            if entity not in chosen:
                chosen[entity] = row
                if len(chosen) == limit:
                    break
        uids = np.array(sorted(max(r["a"], r["b"]) for r in chosen.values()), dtype=np.int64)
        names = self.base.take(uids, ["source", "record_id"]).to_pylist()
        label = {row["uid"]: (row["source"], row["record_id"]) for row in names}
        return [
            Match(
                entity_id=str(self._ids[entity].as_py()),
                probability=round(float(str(row["probability"])), 6),
                weight=round(float(str(row["weight"])), 2),
                evidence={name: round(float(str(row[name])), 2) for name in bits},
                other_name=bool(row["vetoed"]),
                source=label[int(str(row["b"]))][0],
                record_id=label[int(str(row["b"]))][1],
                records=int(self._sizes[entity]),
            )
            for entity, row in chosen.items()
        ]


def _values(values: Sequence[int | None]) -> Keys:
    return np.array(values, dtype=np.uint64)


def _literal(value: Value) -> str:
    if value is None:
        return "NULL"
    return literal(value) if isinstance(value, str) else str(value)


def _sql(kind: pa.DataType) -> str:
    return "BOOLEAN" if pa.types.is_boolean(kind) else "VARCHAR"
