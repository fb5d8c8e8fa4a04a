"""Every write of the registry."""

from wangge.registry.actions.deciding import decide
from wangge.registry.actions.grounds import import_grounds
from wangge.registry.actions.importing import import_linkage
from wangge.registry.actions.organisations import import_organisations
from wangge.registry.actions.requests import (
    answer_request,
    note_answer_batch,
    send_requests,
    withdraw_request,
)
from wangge.registry.actions.reviewing import claim_pair, decide_pair, merge_persons, split_person, undo
from wangge.registry.actions.running import ask_linkage, begin_linkage, end_linkage

__all__ = [
    "answer_request",
    "ask_linkage",
    "begin_linkage",
    "claim_pair",
    "decide",
    "decide_pair",
    "end_linkage",
    "import_grounds",
    "import_linkage",
    "import_organisations",
    "merge_persons",
    "note_answer_batch",
    "send_requests",
    "split_person",
    "undo",
    "withdraw_request",
]
