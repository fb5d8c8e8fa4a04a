"""Readers: a department's file in, rows of text out, each with its place; plain Python.

No cell is evaluated and none is guessed into a number: what a cell says stays text, and whatever was odd about
the cell (a formula, an error value, lost digits) is marked beside it. Files are streamed; a workbook is checked
for its unpacked size before anything of it is unpacked.
"""

from wangge_engine.reading.files import TableFile, open_file
from wangge_engine.reading.layout import Layout, find_layout
from wangge_engine.reading.rows import Block, Limits, Mark, Row, Sheet
from wangge_engine.reading.tables import Table, blocks, tables_of

__all__ = [
    "Block",
    "Layout",
    "Limits",
    "Mark",
    "Row",
    "Sheet",
    "Table",
    "TableFile",
    "blocks",
    "find_layout",
    "open_file",
    "tables_of",
]
