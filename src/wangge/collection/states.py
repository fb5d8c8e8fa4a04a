"""Words of the collection room: where a form, a campaign, a door and a sheet stand."""

from enum import StrEnum

from wangge.kernel.transitions import State, TransitionTable, steps_from


class FormState(StrEnum):
    """Where a form stands."""

    DRAFT = "draft"
    CHECKED = "checked"
    IN_USE = "in_use"
    WITHDRAWN = "withdrawn"


class Standing(StrEnum):
    """What the register answers to a question, for most of the people it is for."""

    HELD = "held"
    DERIVABLE = "derivable"
    MISSING = "missing"
    REFUSED = "refused"  # never asked: no purpose, no legal basis, or forbidden


class QuestionKind(StrEnum):
    """How a question is answered."""

    TEXT = "text"
    NUMBER = "number"
    DATE = "date"
    YES_NO = "yes_no"
    ONE = "one"


class CampaignState(StrEnum):
    """Where a campaign stands."""

    RUNNING = "running"
    DONE = "done"
    STOPPED = "stopped"


class DoorState(StrEnum):
    """How a door ended, or that somebody still has to go."""

    WAITING = "waiting"
    SURVEYED = "surveyed"
    REFUSED = "refused"
    EMPTY = "empty"
    NOT_FOUND = "not_found"


class SheetState(StrEnum):
    """Where one person's sheet stands."""

    OPEN = "open"
    ANSWERED = "answered"
    CLOSED = "closed"  # the door ended without an answer of this person


STEWARD = "data_steward"
WORKER = "grid_worker"
_F, _C, _D, _S = FormState, CampaignState, DoorState, SheetState
ENDS = (_D.SURVEYED, _D.REFUSED, _D.EMPTY, _D.NOT_FOUND)

FORM_TABLE: TransitionTable[FormState] = TransitionTable(
    "collection_form",
    initial=_F.DRAFT,
    states=(
        State(_F.DRAFT, "草稿", "draft", STEWARD),
        State(_F.CHECKED, "已查底册", "checked against the register", STEWARD),
        State(_F.IN_USE, "采集中", "in use", STEWARD),
        State(_F.WITHDRAWN, "已撤回", "withdrawn", STEWARD, settled=True),
    ),
    transitions=(
        *steps_from((_F.DRAFT, _F.CHECKED), "change", _F.DRAFT, zh="修改", en="change"),
        *steps_from(
            (_F.DRAFT, _F.CHECKED), "check", _F.CHECKED, zh="查底册", en="check against the register"
        ),
        *steps_from((_F.CHECKED, _F.IN_USE), "send", _F.IN_USE, zh="下发", en="send"),
        *steps_from((_F.DRAFT, _F.CHECKED), "withdraw", _F.WITHDRAWN, zh="撤回", en="withdraw"),
    ),
)
CAMPAIGN_TABLE: TransitionTable[CampaignState] = TransitionTable(
    "campaign",
    initial=_C.RUNNING,
    states=(
        State(_C.RUNNING, "进行中", "running", STEWARD),
        State(_C.DONE, "已完成", "done", STEWARD, settled=True),
        State(_C.STOPPED, "已停止", "stopped", STEWARD, settled=True),
    ),
    transitions=(
        *steps_from((_C.RUNNING,), "finish", _C.DONE, zh="办结", en="finish"),
        *steps_from((_C.RUNNING,), "stop", _C.STOPPED, zh="停止", en="stop", reason=True),
    ),
)
DOOR_TABLE: TransitionTable[DoorState] = TransitionTable(
    "campaign_door",
    initial=_D.WAITING,
    states=(
        State(_D.WAITING, "待走访", "to visit", WORKER),
        State(_D.SURVEYED, "已采集", "surveyed", WORKER, settled=True),
        State(_D.REFUSED, "拒访", "refused", WORKER, settled=True),
        State(_D.EMPTY, "空户", "empty", WORKER, settled=True),
        State(_D.NOT_FOUND, "查无此户", "not found", WORKER, settled=True),
    ),
    transitions=(
        *steps_from((_D.WAITING,), "attempt", _D.WAITING, zh="未遇", en="record an attempt"),
        *steps_from((_D.WAITING,), "survey", _D.SURVEYED, zh="采集", en="survey"),
        *steps_from((_D.WAITING,), "refuse", _D.REFUSED, zh="记为拒访", en="record a refusal", reason=True),
        *steps_from((_D.WAITING,), "empty", _D.EMPTY, zh="记为空户", en="record it empty", reason=True),
        *steps_from(
            (_D.WAITING,), "miss", _D.NOT_FOUND, zh="记为查无", en="record it not found", reason=True
        ),
    ),
)
SHEET_TABLE: TransitionTable[SheetState] = TransitionTable(
    "answer_sheet",
    initial=_S.OPEN,
    states=(
        State(_S.OPEN, "待答", "to be answered", WORKER),
        State(_S.ANSWERED, "已答", "answered", WORKER, settled=True),
        State(_S.CLOSED, "未答", "closed without an answer", WORKER, settled=True),
    ),
    transitions=(
        *steps_from((_S.OPEN,), "answer", _S.ANSWERED, zh="作答", en="answer"),
        *steps_from((_S.OPEN,), "close", _S.CLOSED, zh="关闭", en="close"),
    ),
)
