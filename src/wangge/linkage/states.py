"""Words of linkage: pairs to review, requests to owners, runs."""

from enum import StrEnum

from wangge.kernel.transitions import State, Transition, TransitionTable, steps_from


class PairState(StrEnum):
    """Where a pair of the review queue stands."""

    WAITING = "waiting"
    UNSURE = "unsure"
    SAME = "same"
    DIFFERENT = "different"


class RequestState(StrEnum):
    """Where a correction request stands."""

    FOUND = "found"
    OPEN = "open"
    CONFIRMED = "confirmed"
    CORRECTED = "corrected"
    UNKNOWN = "unknown"
    OVERTAKEN = "overtaken"
    WITHDRAWN = "withdrawn"


class Answer(StrEnum):
    """What a department may answer."""

    CONFIRM = "confirm"
    CORRECT = "correct"
    CANNOT_TELL = "cannot_tell"


STEWARD = "data_steward"
REQUEST_TABLE: TransitionTable[RequestState] = TransitionTable(
    "correction_request",
    initial=RequestState.FOUND,
    states=(
        State(RequestState.FOUND, "疑点", "found", STEWARD),
        State(RequestState.OPEN, "待核", "asked", STEWARD),
        State(RequestState.CONFIRMED, "核实无误", "confirmed", STEWARD, settled=True),
        State(RequestState.CORRECTED, "已更正", "corrected", STEWARD, settled=True),
        State(RequestState.UNKNOWN, "无法核实", "cannot be told", STEWARD, settled=True),
        State(RequestState.OVERTAKEN, "新数据已解决", "settled by newer data", STEWARD, settled=True),
        State(RequestState.WITHDRAWN, "已撤回", "withdrawn", STEWARD, settled=True),
    ),
    transitions=(
        Transition(RequestState.FOUND, "send", RequestState.OPEN, zh="发出", en="send"),
        Transition(RequestState.OPEN, "confirm", RequestState.CONFIRMED, zh="核实无误", en="confirm"),
        Transition(RequestState.OPEN, "correct", RequestState.CORRECTED, zh="更正", en="correct"),
        Transition(
            RequestState.OPEN,
            "cannot_tell",
            RequestState.UNKNOWN,
            zh="无法核实",
            en="cannot tell",
            reason=True,
        ),
        Transition(
            RequestState.OPEN,
            "overtake",
            RequestState.OVERTAKEN,
            zh="新数据已解决",
            en="settled by newer data",
        ),
        *steps_from(
            (RequestState.FOUND, RequestState.OPEN),
            "withdraw",
            RequestState.WITHDRAWN,
            zh="撤回",
            en="withdraw",
            reason=True,
        ),
    ),
)


class WhyAnew(StrEnum):
    """Why a run linked everything anew instead of adding to what stood."""

    ASKED = "asked"
    NOTHING_KEPT = "nothing_kept"
    DAMAGED = "damaged"
    SOURCE_GONE = "source_gone"
    GROWN = "grown"
    SETTING = "setting"  # joins on a rare name were allowed, or no longer are
    ENGINE = "engine"  # the engine could not add: somebody should look why


NAMESAKE = "namesake"  # why a pair is asked that linkage joined: on a rare name alone


class RunState(StrEnum):
    """Where a run of linkage stands."""

    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
