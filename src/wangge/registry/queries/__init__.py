"""Every read that leaves the registry."""

from wangge.registry.queries.holdings import HELD_COLUMNS, dwellings, gaps, holdings, prefill
from wangge.registry.queries.persons import (
    FRONTLINE,
    anchors,
    counts,
    decisions,
    households_of,
    introduced,
    match_id_numbers,
    owners_of,
    person,
    reach,
    records_told,
    screening_columns,
    search_persons,
)
from wangge.registry.queries.reviewing import (
    acts_about,
    bearers,
    preview_merge,
    preview_split,
    records_of_act,
    records_of_persons,
)
from wangge.registry.queries.worth import source_pairs, source_records

__all__ = [
    "FRONTLINE",
    "HELD_COLUMNS",
    "acts_about",
    "anchors",
    "bearers",
    "counts",
    "decisions",
    "dwellings",
    "gaps",
    "holdings",
    "households_of",
    "introduced",
    "match_id_numbers",
    "owners_of",
    "person",
    "prefill",
    "preview_merge",
    "preview_split",
    "reach",
    "records_of_act",
    "records_of_persons",
    "records_told",
    "screening_columns",
    "search_persons",
    "source_pairs",
    "source_records",
]
