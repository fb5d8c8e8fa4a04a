"""Every write to collection."""

from wangge.collection.actions.campaigning import ask_for_answers, begin_campaign, end_campaign, lay_out
from wangge.collection.actions.checking import check_form, drop_reason, justify
from wangge.collection.actions.drafting import (
    add_questions,
    draft_form,
    draft_from_file,
    drop_question,
    found_question,
    withdraw_form,
)
from wangge.collection.actions.noting import mark_answers_sent, note_visits

__all__ = [
    "add_questions",
    "ask_for_answers",
    "begin_campaign",
    "check_form",
    "draft_form",
    "draft_from_file",
    "drop_question",
    "drop_reason",
    "end_campaign",
    "found_question",
    "justify",
    "lay_out",
    "mark_answers_sent",
    "note_visits",
    "withdraw_form",
]
