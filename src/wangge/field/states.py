"""What becomes of a visit after it was sent, and of one that could not be taken in."""

from enum import StrEnum

from wangge.kernel.transitions import State, Transition, TransitionTable, steps_from


class VisitState(StrEnum):
    """Where a received visit stands."""

    RECEIVED = "received"
    FOR_REVIEW = "for_review"
    ACCEPTED = "accepted"
    SET_ASIDE = "set_aside"


class Receipt(StrEnum):
    """The answer for one visit of a set."""

    ACCEPTED = "accepted"
    DUPLICATE = "duplicate"
    TASK_REASSIGNED = "task_reassigned"
    TASK_CLOSED = "task_closed"
    REJECTED = "rejected"
    EMERGENCY_ENDED = "emergency_ended"


class Outcome(StrEnum):
    """What a visit achieved: it counts when person, dwelling and state are each seen (见人 见居 见状态)."""

    COMPLETE = "complete"
    PARTIAL = "partial"
    NOBODY = "nobody"


class QuarantineState(StrEnum):
    """Where a visit stands that could not be taken in."""

    HELD = "held"
    READMITTED = "readmitted"
    DISCARDED = "discarded"


_V = VisitState
_WORK = frozenset({"grid_worker", "system"})

VISIT_TABLE: TransitionTable[VisitState] = TransitionTable(
    "visit",
    initial=_V.RECEIVED,
    states=(
        State(_V.RECEIVED, "已收到", "received", "system"),
        State(_V.FOR_REVIEW, "待新责任人确认", "for review by the new responsible person", "grid_worker"),
        State(_V.ACCEPTED, "已采信", "accepted", "system", settled=True),
        State(_V.SET_ASIDE, "已搁置", "set aside", "grid_worker", settled=True),
    ),
    transitions=(
        Transition(_V.RECEIVED, "accept", _V.ACCEPTED, frozenset({"system"}), "采信", "accept"),
        Transition(_V.RECEIVED, "refer", _V.FOR_REVIEW, frozenset({"system"}), "转新责任人", "refer"),
        Transition(_V.FOR_REVIEW, "adopt", _V.ACCEPTED, _WORK, "确认采信", "adopt"),
        Transition(_V.FOR_REVIEW, "set_aside", _V.SET_ASIDE, _WORK, "搁置", "set aside", reason=True),
    ),
)

_Q = QuarantineState
_STEWARD = frozenset({"grid_worker", "dispatcher", "data_steward", "system"})

QUARANTINE_TABLE: TransitionTable[QuarantineState] = TransitionTable(
    "quarantined_visit",
    initial=_Q.HELD,
    states=(
        State(_Q.HELD, "待更正", "held", "grid_worker"),
        State(_Q.READMITTED, "已更正收入", "readmitted", "grid_worker", settled=True),
        State(_Q.DISCARDED, "已放弃", "discarded", "grid_worker", settled=True),
    ),
    transitions=(
        *steps_from((_Q.HELD,), "readmit", _Q.READMITTED, roles=_STEWARD, zh="更正收入", en="readmit"),
        *steps_from(
            (_Q.HELD,), "discard", _Q.DISCARDED, roles=_STEWARD, zh="放弃", en="discard", reason=True
        ),
    ),
)
