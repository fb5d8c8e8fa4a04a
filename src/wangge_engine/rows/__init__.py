"""A department's table in, canonical rows out: accepted with flags, or kept aside with reasons; none dropped.

How each cell is read and when a row can stand. Pure functions over text and columns (polars), rules with names
(dataframely); no Django, no database.
"""

from wangge_engine.rows.canonical import Reading, canonical_dtypes
from wangge_engine.rows.corrected import cells_frame
from wangge_engine.rows.dates import Order, find_order
from wangge_engine.rows.raw import OVERFLOW, ROW_NO, original_cells, raw_frame, raw_name
from wangge_engine.rows.reasons import FLAGS, REASONS, Reason, Words
from wangge_engine.rows.repeats import Seen, hashed
from wangge_engine.rows.shifted import Misplaced, misplaced
from wangge_engine.rows.validation import Quarantined, Verdict, judge

__all__ = [
    "FLAGS",
    "OVERFLOW",
    "REASONS",
    "ROW_NO",
    "Misplaced",
    "Order",
    "Quarantined",
    "Reading",
    "Reason",
    "Seen",
    "Verdict",
    "Words",
    "canonical_dtypes",
    "cells_frame",
    "find_order",
    "hashed",
    "judge",
    "misplaced",
    "original_cells",
    "raw_frame",
    "raw_name",
]
