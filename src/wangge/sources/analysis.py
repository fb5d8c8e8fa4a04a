"""The room's port to the engine: whose column is whose, which columns no import may bring, and what departments
write for one and the same thing."""

from wangge_engine.columns import (
    Proposal,
    Refusal,
    Schema,
    known_header,
    load_schema,
    normal_header,
    plain_word,
    propose,
    refuse_by_cells,
    refuse_by_header,
    schema_names,
    signature,
    vocabulary,
)

__all__ = [
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
    "schema_names",
    "signature",
    "vocabulary",
]
