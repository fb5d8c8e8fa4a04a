"""Every write of linkage."""

from wangge.linkage.actions.deciding import ask_again, claim_pair, decide_pair, settle_pairs
from wangge.linkage.actions.grounds import import_grounds
from wangge.linkage.actions.keeping import keep_base
from wangge.linkage.actions.requests import (
    answer_request,
    note_answer_batch,
    send_requests,
    withdraw_request,
)
from wangge.linkage.actions.running import ask_linkage, begin_linkage, end_linkage

__all__ = [
    "answer_request",
    "ask_again",
    "ask_linkage",
    "begin_linkage",
    "claim_pair",
    "decide_pair",
    "end_linkage",
    "import_grounds",
    "keep_base",
    "note_answer_batch",
    "send_requests",
    "settle_pairs",
    "withdraw_request",
]
