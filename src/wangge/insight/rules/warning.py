"""When a count is worth a person's look, beyond what the engine says of chance."""

from __future__ import annotations

from wangge.kernel.problems import BadInput

METHOD = "ears-c2"  # no season and no years of history are needed; its guard band keeps a slow start out of the past
HISTORY_DAYS = 28
LEAST = 3  # one matter more than none is nobody's alarm
QUIET_DAYS = 3  # a series that waits for a judgement, or was just judged, does not ring again


def require_reason(reason: str) -> str:
    """The reason in full. Raises BadInput when there is none."""
    told = reason.strip()
    if len(told) < 4:
        raise BadInput(
            code="reason_missing",
            zh="请写明理由（不少于 4 个字）。",
            en="Give the reason, in at least 4 characters.",
            place="reason",
        )
    return told
