"""Every write of the room."""

from wangge.emergencies.actions.declaring import declare_emergency, end_emergency, extend_emergency, set_level
from wangge.emergencies.actions.destruction import certify_destroyed, note_destroyed

__all__ = [
    "certify_destroyed",
    "declare_emergency",
    "end_emergency",
    "extend_emergency",
    "note_destroyed",
    "set_level",
]
