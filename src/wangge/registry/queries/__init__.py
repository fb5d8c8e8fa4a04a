"""Every read that leaves the registry."""

from wangge.registry.queries.holdings import HELD_COLUMNS, dwellings, gaps, holdings, prefill
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
from wangge.registry.queries.requests import (
    correction_request,
    correction_requests,
    request_counts,
    source_pairs,
    source_records,
)
from wangge.registry.queries.reviewing import (
    acts_about,
    preview_merge,
    preview_split,
    review_counts,
    review_pair,
    review_queue,
)

__all__ = [
    "FRONTLINE",
    "HELD_COLUMNS",
    "acts_about",
    "anchors",
    "correction_request",
    "correction_requests",
    "counts",
    "decisions",
    "dwellings",
    "gaps",
    "holdings",
    "households_of",
    "linkage_runs",
    "match_id_numbers",
    "person",
    "prefill",
    "preview_merge",
    "preview_split",
    "reach",
    "request_counts",
    "review_counts",
    "review_pair",
    "review_queue",
    "screening_columns",
    "search_persons",
    "source_pairs",
    "source_records",
]
