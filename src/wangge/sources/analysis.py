"""The room's port to the engine: files read as rows of text, whose column is whose, which rows can stand.

The engine knows nothing of the house and refuses in its own words; here they become the house's.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from wangge.kernel.problems import BadInput
from wangge_engine.columns import (
    Proposal,
    Refusal,
    Schema,
    known_header,
    load_schema,
    propose,
    refuse_by_cells,
    refuse_by_header,
    schema_names,
    signature,
)
from wangge_engine.frame.problems import Refused
from wangge_engine.reading import Block, Limits, Table, blocks, open_file, tables_of
from wangge_engine.rows import (
    FLAGS,
    OVERFLOW,
    REASONS,
    ROW_NO,
    Order,
    Quarantined,
    Reading,
    Reason,
    Seen,
    Words,
    canonical_dtypes,
    cells_frame,
    find_order,
    hashed,
    judge,
    misplaced,
    original_cells,
    raw_frame,
    raw_name,
)


@contextmanager
def house_words() -> Iterator[None]:
    """What the engine refuses inside becomes BadInput with the same code, words and place."""
    try:
        yield
    except Refused as refused:
        told = refused.problems[0]
        raise BadInput(code=told.code, zh=told.zh, en=told.en, place=told.place) from refused


__all__ = [
    "FLAGS",
    "OVERFLOW",
    "REASONS",
    "ROW_NO",
    "Block",
    "Limits",
    "Order",
    "Proposal",
    "Quarantined",
    "Reading",
    "Reason",
    "Refusal",
    "Schema",
    "Seen",
    "Table",
    "Words",
    "blocks",
    "canonical_dtypes",
    "cells_frame",
    "find_order",
    "hashed",
    "house_words",
    "judge",
    "known_header",
    "load_schema",
    "misplaced",
    "open_file",
    "original_cells",
    "propose",
    "raw_frame",
    "raw_name",
    "refuse_by_cells",
    "refuse_by_header",
    "schema_names",
    "signature",
    "tables_of",
]
