"""Small values and frames of a batch, sealed under its key."""

from __future__ import annotations

from io import BytesIO
from typing import Any
from uuid import UUID

import orjson
import polars as pl

from wangge.sources.store import scope_of, sealer_of, store


def seal_value(emergency: UUID | None, value: Any) -> bytes:
    """A value of lists, dicts, text and numbers, sealed."""
    return sealer_of(emergency).seal(orjson.dumps(value))


def unseal_value(emergency: UUID | None, sealed: bytes | memoryview | None) -> Any:
    """The value again; None for none."""
    return None if sealed is None else orjson.loads(sealer_of(emergency).unseal_bytes(sealed))


def signature_of(emergency: UUID | None, signature: str) -> bytes:
    """The keyed mark under which a form's mapping is remembered."""
    return sealer_of(emergency).blind("header signature", signature)


def digest_of(emergency: UUID | None, kind: str, digest: str) -> bytes:
    """The keyed mark by which a file (or a visit's corrections) is known again."""
    return sealer_of(emergency).blind(kind, digest)


def write_frame(emergency: UUID | None, frame: pl.DataFrame) -> str:
    """Put a frame into the store as sealed Parquet; returns the file's name."""
    buffer = BytesIO()
    frame.write_parquet(buffer, compression="zstd", compression_level=1, statistics=False)
    return store().write(scope_of(emergency), [buffer.getbuffer()]).name  # type: ignore[list-item]


def read_frame(name: str) -> pl.DataFrame:
    """The frame again."""
    return pl.read_parquet(BytesIO(store().read(name)))
