"""The loop of a governance matter, as one table.

Words follow the national process (GB/T 30428.8): 核实 precheck is the check of a public report before it is
accepted; 核查 verify is the check after it was resolved. Roles here say whose post a step belongs to; that
the verifier is not the one who handled is a rule about persons and stands in ``rules/separation.py``.
"""

from enum import StrEnum

from wangge.kernel.transitions import State, Transition, TransitionTable, steps_from


class CaseState(StrEnum):
    """Where a matter stands."""

    REPORTED = "reported"
    PRECHECKING = "prechecking"
    ACCEPTED = "accepted"
    DISPATCHED = "dispatched"
    RESOLVED = "resolved"
    VERIFIED = "verified"
    CLOSED = "closed"
    EVALUATED = "evaluated"
    CANCELLED = "cancelled"


class SourceKind(StrEnum):
    """Through which mouth a matter came in."""

    GRID_WORKER = "grid_worker"
    RESIDENT = "resident"
    HOTLINE = "hotline"
    DEPARTMENT = "department"
    LEADER = "leader"
    SENSOR = "sensor"
    IMPORT = "import"


class Located(StrEnum):
    """How far the position can be trusted."""

    POINT = "point"
    PLACEHOLDER = "placeholder"
    OUT_OF_RANGE = "out_of_range"
    MISSING = "missing"


class LimitUnit(StrEnum):
    """The four time units of the trade, and a date set by hand."""

    EMERGENCY_HOURS = "emergency_hours"
    WORKING_HOURS = "working_hours"
    WORKING_DAYS = "working_days"
    CALENDAR_DAYS = "calendar_days"
    OWN_DATE = "own_date"


LIMIT_UNIT_WORDS: dict[LimitUnit, tuple[str, str]] = {
    LimitUnit.EMERGENCY_HOURS: ("紧急工作时", "emergency hours (nights and holidays count)"),
    LimitUnit.WORKING_HOURS: ("工作时", "working hours"),
    LimitUnit.WORKING_DAYS: ("工作日", "working days"),
    LimitUnit.CALENDAR_DAYS: ("自然日", "calendar days"),
    LimitUnit.OWN_DATE: ("约定日期", "own date"),
}

_S = CaseState
_DISPATCH = ("dispatcher", "system")
_HANDLE = ("handler", "grid_worker", "system")
_SUPERVISE = ("supervisor", "system")
_VERIFY = ("supervisor", "grid_worker", "system")

CASE_TABLE: TransitionTable[CaseState] = TransitionTable(
    "case",
    initial=_S.REPORTED,
    states=(
        State(_S.REPORTED, "已上报", "reported", "dispatcher"),
        State(_S.PRECHECKING, "核实中", "being prechecked", "grid_worker"),
        State(_S.ACCEPTED, "已立案", "accepted", "dispatcher"),
        State(_S.DISPATCHED, "处置中", "dispatched", "handler"),
        State(_S.RESOLVED, "待核查", "resolved", "supervisor"),
        State(_S.VERIFIED, "核查通过", "verified", "supervisor"),
        State(_S.CLOSED, "已归档", "closed", "supervisor", settled=True),
        State(_S.EVALUATED, "已评价", "evaluated", "supervisor", settled=True),
        State(_S.CANCELLED, "已作废", "cancelled", "dispatcher", settled=True),
    ),
    transitions=(
        Transition(
            _S.REPORTED,
            "request_precheck",
            _S.PRECHECKING,
            frozenset(_DISPATCH),
            "要求核实",
            "request a precheck",
        ),
        Transition(
            _S.PRECHECKING,
            "precheck",
            _S.REPORTED,
            frozenset(("grid_worker", "system")),
            "核实反馈",
            "report the precheck",
            reason=True,
        ),
        *steps_from((_S.REPORTED,), "accept", _S.ACCEPTED, roles=_DISPATCH, zh="受理立案", en="accept"),
        *steps_from((_S.ACCEPTED,), "dispatch", _S.DISPATCHED, roles=_DISPATCH, zh="派遣", en="dispatch"),
        *steps_from(
            (_S.DISPATCHED,),
            "send_back",
            _S.ACCEPTED,
            roles=_HANDLE,
            zh="回退",
            en="send back",
            reason=True,
        ),
        *steps_from(
            (_S.DISPATCHED,),
            "resolve",
            _S.RESOLVED,
            roles=_HANDLE,
            zh="处置反馈",
            en="resolve and feed back",
            reason=True,  # the feedback itself
        ),
        *steps_from((_S.RESOLVED,), "verify", _S.VERIFIED, roles=_VERIFY, zh="核查通过", en="verify"),
        *steps_from(
            (_S.RESOLVED, _S.VERIFIED),
            "rework",
            _S.DISPATCHED,
            roles=_VERIFY,
            zh="返工",
            en="send to rework",
            reason=True,
        ),
        *steps_from((_S.VERIFIED,), "close", _S.CLOSED, roles=_SUPERVISE, zh="归档", en="close"),
        *steps_from((_S.CLOSED,), "evaluate", _S.EVALUATED, roles=_SUPERVISE, zh="评价", en="evaluate"),
        *steps_from(
            (_S.CLOSED, _S.EVALUATED),
            "reopen",
            _S.ACCEPTED,
            roles=(*_SUPERVISE, "dispatcher"),
            zh="重新立案",
            en="reopen",
            reason=True,
        ),
        *steps_from(
            (_S.REPORTED, _S.PRECHECKING, _S.ACCEPTED),
            "cancel",
            _S.CANCELLED,
            roles=_DISPATCH,
            zh="作废",
            en="cancel",
            reason=True,
        ),
    ),
)

HANDLING_VERBS = frozenset({"resolve"})
"""Steps that make a person, and their organisation, a handler of the matter."""

SUPERVISING_VERBS = frozenset({"verify", "rework", "close", "evaluate"})
"""Steps that a handler of the matter may never take."""

CLOCK_STOPS = frozenset({_S.RESOLVED, _S.VERIFIED, *CASE_TABLE.settled})
"""States in which the handling limit no longer runs."""

SIX_STEPS: tuple[tuple[str, str, frozenset[CaseState]], ...] = (
    ("发现上报", "report", frozenset({_S.REPORTED, _S.PRECHECKING})),
    ("受理派遣", "accept and dispatch", frozenset({_S.ACCEPTED})),
    ("处置反馈", "resolve and feed back", frozenset({_S.DISPATCHED})),
    ("任务核查", "verify", frozenset({_S.RESOLVED, _S.VERIFIED})),
    ("事件归档", "close", frozenset({_S.CLOSED, _S.CANCELLED})),
    ("考核评价", "evaluate", frozenset({_S.EVALUATED})),
)


def diagram_page() -> str:
    """The Markdown page of this table; ``docs/cases-transitions.md`` is exactly this."""
    return (
        "# 事件流程 The loop of a case\n\n"
        "Generated from `wangge.cases.states` by `./wangge docs`; a test compares them.\n\n"
        f"```mermaid\n{CASE_TABLE.diagram()}```\n\n{CASE_TABLE.listing()}\n"
        "The six steps:\n\n"
        + "".join(
            f"{n}. {zh} {en}: {', '.join(f'`{s.value}`' for s in CASE_TABLE.states if s in states)}\n"
            for n, (zh, en, states) in enumerate(SIX_STEPS, 1)
        )
        + "\n监督与处置相分离: whoever resolved a matter, and the handling organisation, can take none of "
        + ", ".join(f"`{verb}`" for verb in sorted(SUPERVISING_VERBS))
        + ".\n"
    )
