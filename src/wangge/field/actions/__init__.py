"""Every write to field."""

from wangge.field.actions.ending import destroy_emergency
from wangge.field.actions.reviewing import adopt, discard, mark_corrections_sent, readmit, set_aside
from wangge.field.actions.syncing import sync

__all__ = [
    "adopt",
    "destroy_emergency",
    "discard",
    "mark_corrections_sent",
    "readmit",
    "set_aside",
    "sync",
]
