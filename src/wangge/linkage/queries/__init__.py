"""Every read that leaves linkage."""

from wangge.linkage.queries.base import open_base
from wangge.linkage.queries.pairs import review_counts, review_pair, review_queue
from wangge.linkage.queries.requests import correction_request, correction_requests, request_counts
from wangge.linkage.queries.runs import linkage_runs

__all__ = [
    "correction_request",
    "correction_requests",
    "linkage_runs",
    "open_base",
    "request_counts",
    "review_counts",
    "review_pair",
    "review_queue",
]
