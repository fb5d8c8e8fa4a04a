"""Every write to tasks."""

from wangge.tasks.actions.appointing import appoint, dismiss
from wangge.tasks.actions.assigning import cancel, complete, mark_seen, reassign
from wangge.tasks.actions.creating import create_tasks
from wangge.tasks.actions.ending import destroy_emergency
from wangge.tasks.actions.reaiming import reaim
from wangge.tasks.actions.succeeding import hand_on, hand_over

__all__ = [
    "appoint",
    "cancel",
    "complete",
    "create_tasks",
    "destroy_emergency",
    "dismiss",
    "hand_on",
    "hand_over",
    "mark_seen",
    "reaim",
    "reassign",
]
