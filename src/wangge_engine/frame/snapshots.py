"""A snapshot: a folder of Parquet tables with a manifest that says what they are and for what purpose."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from wangge_engine.frame.problems import refuse

MANIFEST = "manifest.json"
PRIVACY_CLASSES = ("open", "personal", "sensitive", "secret")


@dataclass(frozen=True)
class Table:
    """One Parquet file of a snapshot."""

    name: str
    file: str
    rows: int
    sha256: str
    schema: dict[str, str]


@dataclass(frozen=True)
class Snapshot:
    """A folder of tables as of one instant, for one purpose, of one privacy class (the highest inside)."""

    directory: Path
    tables: tuple[Table, ...]
    purpose: str
    privacy: str
    as_of: str
    made_by: str
    facts: dict[str, Any]

    def path(self, name: str) -> Path:
        """Path of a table by its name."""
        for table in self.tables:
            if table.name == name:
                return self.directory / table.file
        raise refuse(
            "no_such_table", f"快照里没有表 {name}", f"the snapshot has no table {name}", str(self.directory)
        )

    def read_table(self, name: str) -> pa.Table:
        return pq.read_table(self.path(name))

    @classmethod
    def read(cls, where: Path) -> Snapshot:
        """Read a snapshot and check every table against its recorded hash."""
        manifest = where / MANIFEST if where.is_dir() else where
        try:
            body = json.loads(manifest.read_text(encoding="utf-8"))
            tables = tuple(Table(**table) for table in body.pop("tables"))
            snapshot = cls(directory=manifest.parent, tables=tables, **body)
        except (OSError, ValueError, TypeError, KeyError) as error:
            raise refuse(
                "bad_manifest", "快照清单读不出来", "the manifest cannot be read", str(manifest)
            ) from error
        for table in snapshot.tables:
            if (
                not (snapshot.directory / table.file).is_file()
                or sha256_of(snapshot.directory / table.file) != table.sha256
            ):
                raise refuse(
                    "snapshot_changed",
                    "快照里的文件与清单不符",
                    "a file differs from its manifest",
                    table.file,
                )
        return snapshot


def sha256_of(path: Path) -> str:
    with path.open("rb") as handle:
        return hashlib.file_digest(handle, "sha256").hexdigest()


def publish(
    directory: Path,
    tables: Mapping[str, pa.Table | Path],
    *,
    purpose: str,
    privacy: str,
    made_by: str,
    as_of: datetime | None = None,
    facts: Mapping[str, Any] | None = None,
    final: Path | None = None,
) -> Snapshot:
    """Write tables (Arrow, or Parquet files already in ``directory``) and their manifest.

    The manifest is written last: a folder without it is not a snapshot. ``final`` is where the folder will
    stand after a rename, when it is made aside.
    """
    if privacy not in PRIVACY_CLASSES:
        raise ValueError(f"privacy must be one of {PRIVACY_CLASSES}")
    directory.mkdir(parents=True, exist_ok=True)
    described = []
    for name, table in tables.items():
        path = table if isinstance(table, Path) else directory / f"{name}.parquet"
        if isinstance(table, pa.Table):
            pq.write_table(table, path, compression="zstd")
        described.append(_describe(name, path))
    snapshot = Snapshot(
        directory=final or directory,
        tables=tuple(described),
        purpose=purpose,
        privacy=privacy,
        as_of=(as_of or datetime.now(UTC)).isoformat(),
        made_by=made_by,
        facts=dict(facts or {}),
    )
    body = {key: value for key, value in asdict(snapshot).items() if key != "directory"}
    (directory / MANIFEST).write_text(json.dumps(body, ensure_ascii=False, indent=1), encoding="utf-8")
    return snapshot


def _describe(name: str, path: Path) -> Table:
    meta = pq.read_metadata(path)
    schema: Sequence[Any] = pq.read_schema(path)
    return Table(
        name=name,
        file=path.name,
        rows=meta.num_rows,
        sha256=sha256_of(path),
        schema={field.name: str(field.type) for field in schema},
    )
