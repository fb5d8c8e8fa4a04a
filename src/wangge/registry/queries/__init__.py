"""Every read that leaves the registry."""

from wangge.registry.queries.persons import (
    FRONTLINE,
    anchors,
    counts,
    decisions,
    households_of,
    linkage_runs,
    match_id_numbers,
    person,
    reach,
    screening_columns,
    search_persons,
)

__all__ = [
    "FRONTLINE",
    "anchors",
    "counts",
    "decisions",
    "households_of",
    "linkage_runs",
    "match_id_numbers",
    "person",
    "reach",
    "screening_columns",
    "search_persons",
]
