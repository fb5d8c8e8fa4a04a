"""Whose column is whose: proposes which column of a department's table holds which canonical value.

Plain Python, no query engine, no Django. Headers speak first (lists of the names that departments use), cells
confirm or correct them (check digits, dates, surnames, addresses). What comes out is a proposal with a
confidence and a reason; a person confirms it. Columns that no import may bring are found the same two ways.
"""

from wangge_engine.columns.headers import known_header, normal_header, signature
from wangge_engine.columns.proposals import Proposal, propose
from wangge_engine.columns.refusals import Refusal, refuse_by_cells, refuse_by_header, refused_columns
from wangge_engine.columns.schemas import Column, Schema, load_schema, plain_word, schema_names, vocabulary

__all__ = [
    "Column",
    "Proposal",
    "Refusal",
    "Schema",
    "known_header",
    "load_schema",
    "normal_header",
    "plain_word",
    "propose",
    "refuse_by_cells",
    "refuse_by_header",
    "refused_columns",
    "schema_names",
    "signature",
    "vocabulary",
]
