"""What a linkage keeps so that a batch can be added: files ``base-*`` and ``base.json`` beside the tables out.

Records stand in segments that are never rewritten: their fields as read and as given, and an index of the values
they share. Small arrays say which records stand, which entity each belongs to, and which links hold. ``base.json``
names the files of one state and is written last; a new state is a new file name, so a crash leaves the old one.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from wangge_engine.frame.problems import Refused, refuse
from wangge_engine.link.blocks import Index, Key, Keys, keys_of, make_index
from wangge_engine.link.components import Ints, components
from wangge_engine.link.model import Comparison, Level, Model

META = "base.json"
FORMAT = 5
BATCH_ROWS = 131_072
KINDS = ("scored", "household", "title", "decision", "respelt", "namesake")
STATE = ("alive", "component", "entity")
TABLES = ("entities", "former", "edges", "review", "flags", "decisions")


@dataclass(frozen=True)
class Segment:
    """Records ``first`` to ``first + rows - 1``: what was read of them, what was given, and their index."""

    name: str
    first: int
    rows: int

    @property
    def files(self) -> tuple[str, ...]:
        parts = (("records", "arrow"), ("given", "arrow"), ("index", "npy"))
        return tuple(f"base-{part}-{self.name}.{suffix}" for part, suffix in parts)


class Table:
    """An Arrow file, mapped; rows are taken by their place."""

    def __init__(self, path: Path) -> None:
        self._reader = pa.ipc.open_file(pa.memory_map(str(path)))
        self._batches = [self._reader.get_batch(i) for i in range(self._reader.num_record_batches)]
        self._starts = np.cumsum([0, *(batch.num_rows for batch in self._batches)])
        self.schema = self._reader.schema

    def read(self, columns: Sequence[str] | None = None) -> pa.Table:
        """All rows; nothing is copied."""
        whole = pa.Table.from_batches(self._batches, self.schema)
        return whole.select(list(columns)) if columns else whole

    def take(self, places: Ints, columns: Sequence[str] | None = None) -> pa.Table:
        """Rows at the places, which rise."""
        schema = pa.schema([self.schema.field(c) for c in columns]) if columns else self.schema
        cuts = np.searchsorted(places, self._starts)
        parts = []
        for i, batch in enumerate(self._batches):
            if cuts[i] < cuts[i + 1]:
                chosen = batch.select(schema.names) if columns else batch
                parts.append(chosen.take(pa.array(places[cuts[i] : cuts[i + 1]] - self._starts[i])))
        return pa.Table.from_batches(parts, schema)


class Base:
    """A kept linkage, opened for reading; nothing is loaded before it is asked for."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.meta = _read_meta(folder)
        self.run: int = self.meta["run"]
        self.model = _model(self.meta["model"])
        self.settings: dict[str, Any] = self.meta["settings"]
        self.between: bool = self.meta["between"]
        self.segments = [Segment(**segment) for segment in self.meta["segments"]]
        self.rows = sum(segment.rows for segment in self.segments)
        self.keys = [Key(tuple(parts)) for parts in self.meta["keys"]]
        self._records = [Table(folder / segment.files[0]) for segment in self.segments]
        self._given = [Table(folder / segment.files[1]) for segment in self.segments]
        self._indexes = [
            Index(folder / segment.files[2], segment.first, segment.rows) for segment in self.segments
        ]

    def file(self, name: str) -> Path:
        return self.folder / str(self.meta["files"][name])

    @cached_property
    def alive(self) -> NDArray[np.bool_]:
        return np.asarray(np.load(self.file("alive"), mmap_mode="r"))

    @cached_property
    def component(self) -> NDArray[np.int32]:
        """Per record: the smallest record joined to it by any chain of links, before impossible ones are cut."""
        return np.asarray(np.load(self.file("component"), mmap_mode="r"))

    @cached_property
    def entity(self) -> NDArray[np.int32]:
        """Per record: row of the table ``entities``."""
        return np.asarray(np.load(self.file("entity"), mmap_mode="r"))

    def table(self, name: str) -> pa.Table:
        return self.open_table(name).read()

    def open_table(self, name: str) -> Table:
        return Table(self.file(name))

    @cached_property
    def columns(self) -> list[str]:
        """Columns of the records as read, without ``uid``."""
        return list(self._records[0].schema.names)

    def take(self, uids: Ints, columns: Sequence[str] | None = None) -> pa.Table:
        """Records as read, by number (rising), with column ``uid``."""
        return self._take(self._records, uids, columns)

    def take_given(self, uids: Ints) -> pa.Table:
        """Records as they were given, by number (rising), with column ``uid``."""
        return self._take(self._given, uids, None)

    def _take(self, tables: Sequence[Table], uids: Ints, columns: Sequence[str] | None) -> pa.Table:
        parts = []
        for segment, table in zip(self.segments, tables, strict=True):
            low, high = np.searchsorted(uids, (segment.first, segment.first + segment.rows))
            parts.append(table.take(uids[low:high] - segment.first, columns))
        found: pa.Table = pa.concat_tables(parts)
        return found.add_column(0, "uid", pa.array(uids, pa.int32()))

    def whole(self, columns: Sequence[str]) -> pa.Table:
        """Columns of all records, those that no longer stand among them."""
        return pa.concat_tables([table.read(columns) for table in self._records])

    def find(self, values: Keys) -> tuple[Ints, Ints]:
        """Positions in ``values`` and the standing records that share each, as parallel arrays."""
        found = [index.find(values) for index in self._indexes]
        position = np.concatenate([p for p, _ in found])
        uid = np.concatenate([u for _, u in found])
        stands = self.alive[uid]
        return position[stands], uid[stands]

    def count(self, values: Keys) -> Ints:
        """How many records, standing or not, share each value."""
        found = np.zeros(len(values), dtype=np.int64)
        for index in self._indexes:
            found += index.counts(values)[1]
        return found

    def records_with(self, values: Keys) -> Ints:
        """Standing records that share any of the values."""
        return np.unique(self.find(np.unique(values))[1])


def _read_meta(folder: Path) -> dict[str, Any]:
    try:
        meta = dict(json.loads((folder / META).read_text(encoding="utf-8")))
    except (OSError, ValueError) as error:
        raise refuse(
            "no_base",
            "这个文件夹里没有可以续接的联接结果",
            "the folder holds no linkage that can be added to",
            str(folder),
        ) from error
    # The index holds hashes as this version of the database makes them.
    if meta.get("format") != FORMAT or meta.get("duckdb") != duckdb.__version__:
        raise another_version(folder)
    return meta


def another_version(folder: Path) -> Refused:
    """The refusal of a base whose records were read by another version of the normaliser or the index."""
    return refuse(
        "base_of_another_version",
        "这个联接结果由另一版本写成，请重新联接全部记录",
        "the kept linkage was made by another version; link all records anew",
        str(folder),
    )


def _model(kept: Mapping[str, Any]) -> Model:
    comparisons = tuple(
        Comparison(c["name"], c["missing"], tuple(Level(**level) for level in c["levels"]))
        for c in kept["comparisons"]
    )
    rest: dict[str, Any] = {
        name: tuple(tuple(v) if isinstance(v, list) else v for v in value)
        if isinstance(value, list)
        else value
        for name, value in kept.items()
        if name != "comparisons"
    }
    return Model(comparisons=comparisons, **rest)


class Writer:
    """Writes a new state into a folder: new files, and links to the files of the old state that still hold."""

    def __init__(self, folder: Path, run: int) -> None:
        self.folder = folder
        self.run = run
        self.files: dict[str, str] = {}

    def array(self, name: str, values: NDArray[Any]) -> None:
        self.files[name] = f"base-{name}-{self.run}.npy"
        np.save(self.folder / self.files[name], values)

    def table(self, name: str, rows: pa.Table | pa.RecordBatchReader) -> None:
        self.files[name] = f"base-{name}-{self.run}.arrow"
        write_arrow(self.folder / self.files[name], rows)

    def same(self, name: str, base: Base) -> None:
        """Keep a table of the old state."""
        self.files[name] = base.meta["files"][name]
        carry(base.folder, self.folder, self.files[name])

    def segment(
        self,
        con: duckdb.DuckDBPyConnection,
        tables: tuple[str, str],
        *,
        columns: Sequence[str],
        first: int,
        keys: Sequence[Key],
    ) -> Segment:
        """Keep two tables: records as read (column ``uid``, from ``first``) and as given (the same ``uid``)."""
        records, given = tables
        counted = con.execute(f"SELECT count(*) FROM {records}").fetchall()
        segment = Segment(str(self.run), first, int(counted[0][0]))
        given_columns = [row[0] for row in con.execute(f"DESCRIBE {given}").fetchall() if row[0] != "uid"]
        for file, table, chosen in ((0, records, columns), (1, given, given_columns)):
            query = f"SELECT uid, {', '.join(chosen)} FROM {table}"
            path = self.folder / segment.files[file]
            # The tables were made in order; sorting such wide rows again would cost more than all the rest.
            if not write_in_order(path, con.execute(query).to_arrow_reader(BATCH_ROWS), first):
                write_in_order(path, con.execute(f"{query} ORDER BY uid").to_arrow_reader(BATCH_ROWS), first)
        np.save(self.folder / segment.files[2], make_index(con, records, first, segment.rows, keys))
        return segment

    def finish(self, segments: Sequence[Segment], keys: Sequence[Key], body: Mapping[str, Any]) -> None:
        """Write ``base.json``."""
        meta = {
            "format": FORMAT,
            "duckdb": duckdb.__version__,
            "run": self.run,
            "segments": [asdict(segment) for segment in segments],
            "keys": [key.parts for key in keys],
            "files": self.files,
            **body,
        }
        (self.folder / META).write_text(json.dumps(meta, ensure_ascii=False), encoding="utf-8")


def write_arrow(path: Path, rows: pa.Table | pa.RecordBatchReader) -> None:
    """Write an uncompressed Arrow file, which can be mapped."""
    with pa.OSFile(str(path), "wb") as sink, pa.ipc.new_file(sink, rows.schema) as writer:
        if isinstance(rows, pa.Table):
            writer.write_table(rows, max_chunksize=BATCH_ROWS)
        else:
            for batch in rows:
                writer.write_batch(batch)


def write_in_order(path: Path, rows: pa.RecordBatchReader, first: int) -> bool:
    """Write records without their column ``uid``; False, and nothing of use, when they do not count up from first."""
    right, at = True, first
    schema = rows.schema.remove(rows.schema.get_field_index("uid"))
    with pa.OSFile(str(path), "wb") as sink, pa.ipc.new_file(sink, schema) as writer:
        for batch in rows:
            uids = batch.column("uid").to_numpy()
            right = right and bool((uids == np.arange(at, at + len(uids))).all())
            at += len(uids)
            if right:
                writer.write_batch(batch.select(schema.names))
    return right


def carry(source: Path, target: Path, name: str) -> None:
    """The same file in another folder: a second name for the same bytes where the file system can."""
    if (target / name).exists():
        return
    try:
        os.link(source / name, target / name)
    except OSError:
        shutil.copyfile(source / name, target / name)


def forget_old_state(folder: Path) -> None:
    """Remove the files that ``base.json`` does not name."""
    meta = _read_meta(folder)
    named = {*meta["files"].values(), *(f for s in meta["segments"] for f in Segment(**s).files)}
    for path in folder.glob("base-*"):
        if path.name not in named:
            path.unlink()


def evidence_columns(con: duckdb.DuckDBPyConnection) -> list[str]:
    """Columns of ``pairs`` that hold the bits of each comparison."""
    return [row[0] for row in con.execute("DESCRIBE pairs").fetchall() if row[0].startswith("w_")]


def keep(
    con: duckdb.DuckDBPyConnection,
    folder: Path,
    model: Model,
    settings: Mapping[str, Any],
    body: Mapping[str, Any],
) -> None:
    """Keep a linkage from scratch, from the tables that ``pipeline.link`` leaves. ``body``: schema, mode, threshold."""
    writer = Writer(folder, run=0)
    columns = [row[0] for row in con.execute("DESCRIBE records").fetchall() if row[0] != "uid"]
    keys = keys_of(model, columns)
    segment = writer.segment(con, ("records", "records_in"), columns=columns, first=0, keys=keys)
    _keep_state(con, writer, body["threshold"])
    terms = _keep_terms(con, writer, settings)
    writer.finish(
        [segment],
        keys,
        {"model": asdict(model), "settings": settings, "terms": terms, "standing": segment.rows, **body},
    )


def _keep_state(con: duckdb.DuckDBPyConnection, writer: Writer, threshold: float) -> None:
    edges = _edges(con, threshold)
    writer.table("edges", edges)
    rows = con.execute("SELECT count(*) FROM records").fetchall()[0][0]
    kind = edges.column("kind").to_numpy()
    firm = (kind == KINDS.index("scored")) | (kind == KINDS.index("decision"))
    a, b = (edges.column(c).to_numpy()[firm].astype(np.int64) for c in "ab")
    writer.array("component", components(rows, a, b).astype(np.int32))
    writer.array("alive", np.ones(rows, dtype=bool))
    # Entities in the order of their smallest record.
    label = con.execute("SELECT entity FROM entity_of ORDER BY uid").fetchnumpy()["entity"].astype(np.int64)
    first, number = np.unique(label, return_inverse=True)
    writer.array("entity", number.astype(np.int32))
    con.register("__first", pa.table({"row": np.arange(len(first)), "uid": first}))
    writer.table(
        "entities",
        con.execute(
            """
            SELECT e.entity_id, CAST(0 AS INTEGER) AS since, h.household_id, h.dwelling
            FROM __first f JOIN entity_of e ON e.uid = f.uid JOIN households h USING (entity_id) ORDER BY f.row
            """
        ).to_arrow_table(),
    )
    con.unregister("__first")
    writer.table("former", pa.table({"entity": pa.array([], pa.int32()), "uid": pa.array([], pa.int32())}))
    writer.table("review", con.execute(review_query(con)).to_arrow_table())
    if con.execute("SELECT count(*) FROM duckdb_tables() WHERE table_name = 'flags'").fetchall()[0][0]:
        writer.table("flags", con.execute("SELECT uid, field, code FROM flags").to_arrow_table())
    writer.table("decisions", con.execute("SELECT * FROM decided").to_arrow_table())


def _edges(con: duckdb.DuckDBPyConnection, threshold: float) -> pa.Table:
    """Links and refused links, in steps that hold no large table against another."""
    bits = ", ".join(evidence_columns(con))
    scored = con.execute(
        f"SELECT a, b, CAST(0 AS TINYINT) AS kind, weight, probability, CAST(NULL AS INTEGER) AS shared, {bits}, weak"
        f" FROM pairs WHERE NOT vetoed AND probability >= {threshold}"
    ).to_arrow_table()
    refused = con.execute("SELECT a, b FROM refused").fetchnumpy()
    out = np.isin(
        _packed(scored.column("a").to_numpy(), scored.column("b").to_numpy()),
        _packed(refused["a"], refused["b"]),
    )
    scored = scored.add_column(6, "refused", pa.array(out))
    kinds = " ".join(f"WHEN '{kind}' THEN {i}" for i, kind in enumerate(KINDS))
    con.execute(
        f"CREATE OR REPLACE TEMP TABLE others AS SELECT CAST(a AS INTEGER) AS a, CAST(b AS INTEGER) AS b,"
        f" CAST(CASE kind {kinds} END AS TINYINT) AS kind, CAST(probability AS FLOAT) AS probability,"
        " CAST(shared AS INTEGER) AS shared FROM links WHERE kind <> 'scored'"
    )
    con.execute(
        f"CREATE OR REPLACE TEMP TABLE beside AS SELECT a, b, weight, {bits} FROM pairs"
        " SEMI JOIN others USING (a, b)"
    )
    chosen = ", ".join(f"p.{c}" for c in evidence_columns(con))
    others = con.execute(
        f"SELECT o.a, o.b, o.kind, p.weight, o.probability, o.shared, false AS refused, {chosen}, false AS weak"
        " FROM others o LEFT JOIN beside p USING (a, b)"
    ).to_arrow_table()
    con.execute("DROP TABLE others; DROP TABLE beside")
    return pa.concat_tables([scored, others.cast(scored.schema)])


def _packed(a: NDArray[Any], b: NDArray[Any]) -> Ints:
    return a.astype(np.int64) << 32 | b.astype(np.int64)


def review_query(con: duckdb.DuckDBPyConnection) -> str:
    """Pairs to review with their evidence, from ``review`` and ``pairs``."""
    bits = ", ".join(f"p.{c}" for c in evidence_columns(con))
    return (
        f"SELECT v.a, v.b, v.why, v.probability, v.worth, p.weight, {bits}"
        " FROM review v LEFT JOIN pairs p ON p.a = v.a AND p.b = v.b"
    )


def _keep_terms(
    con: duckdb.DuckDBPyConnection, writer: Writer, settings: Mapping[str, Any]
) -> dict[str, int]:
    """How common each value is, by column; returns the number of records that have one, by column."""
    from wangge_engine.link.weigh import terms_of

    counts = {}
    have = {row[0] for row in con.execute("SELECT table_name FROM duckdb_tables()").fetchall()}
    columns = {row[0] for row in con.execute("DESCRIBE records").fetchall()}
    for column in terms_of(dict(settings)):
        rare = (
            f", {column} IN (SELECT DISTINCT rare_name FROM records WHERE rare_name IS NOT NULL) AS rare"
            if column == "fuzzy" and "rare_name" in columns
            else ""
        )
        source = (
            f"SELECT {column} AS value, tf_{column} AS tf{rare} FROM {column}_terms"
            if f"{column}_terms" in have
            else f"SELECT {column} AS value, count(*) / sum(count(*)) OVER () AS tf FROM records"
            f" WHERE {column} IS NOT NULL GROUP BY {column}"
        )
        # In the order of a hash, so that a single value is found by bisection.
        writer.table(
            f"terms_{column}",
            con.execute(f"SELECT *, hash(value) AS h FROM ({source}) ORDER BY h").to_arrow_table(),
        )
        found = con.execute(f"SELECT count({column}) FROM records").fetchall()
        counts[column] = int(found[0][0])
    if "given" in columns:
        writer.table(
            "terms_given",
            con.execute(
                "SELECT given AS value, count(*) AS n, hash(given) AS h FROM records WHERE given IS NOT NULL"
                " GROUP BY given ORDER BY h"
            ).to_arrow_table(),
        )
    return counts
