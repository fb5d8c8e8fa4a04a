"""The life of a task, as a table.

A task always has one person who must act: the responsible worker, or the dispatcher while nobody is
responsible for the place. Handing it to another is a step of the same task, so nothing is lost on the way.
"""

from enum import StrEnum

from wangge.kernel.transitions import State, TransitionTable, steps_from


class TaskState(StrEnum):
    """Where a task stands."""

    UNASSIGNED = "unassigned"
    ASSIGNED = "assigned"
    SEEN = "seen"
    ATTEMPTED = "attempted"
    DONE = "done"
    CANCELLED = "cancelled"


_S = TaskState
_WORK = ("grid_worker", "handler", "system")
_LEAD = ("dispatcher", "supervisor", "emergency_lead", "leader", "system")
WAITING = (_S.UNASSIGNED, _S.ASSIGNED, _S.SEEN, _S.ATTEMPTED)
WITH_WORKER = (_S.ASSIGNED, _S.SEEN, _S.ATTEMPTED)

TASK_TABLE: TransitionTable[TaskState] = TransitionTable(
    "task",
    initial=_S.UNASSIGNED,
    states=(
        State(_S.UNASSIGNED, "待分派", "unassigned", "dispatcher"),
        State(_S.ASSIGNED, "待办", "assigned", "grid_worker"),
        State(_S.SEEN, "已查看", "seen", "grid_worker"),
        State(_S.ATTEMPTED, "上门未遇", "nobody met yet", "grid_worker"),
        State(_S.DONE, "已完成", "done", "grid_worker", settled=True),
        State(_S.CANCELLED, "已取消", "cancelled", "dispatcher", settled=True),
    ),
    transitions=(
        *steps_from((_S.UNASSIGNED,), "assign", _S.ASSIGNED, roles=_LEAD, zh="分派", en="assign"),
        *steps_from(WITH_WORKER, "reassign", _S.ASSIGNED, roles=_LEAD, zh="改派", en="reassign", reason=True),
        *steps_from(
            WITH_WORKER, "release", _S.UNASSIGNED, roles=_LEAD, zh="收回", en="take back", reason=True
        ),
        *(
            step
            for state in WAITING
            for step in steps_from(
                (state,), "reaim", state, roles=("system",), zh="依据更新", en="new grounds", reason=True
            )
        ),
        *steps_from((_S.ASSIGNED,), "see", _S.SEEN, roles=_WORK, zh="查看", en="see"),
        *steps_from(WITH_WORKER, "attempt", _S.ATTEMPTED, roles=_WORK, zh="上门未遇", en="record an attempt"),
        *steps_from(WITH_WORKER, "complete", _S.DONE, roles=_WORK, zh="完成", en="complete"),
        *steps_from(WAITING, "cancel", _S.CANCELLED, roles=_LEAD, zh="取消", en="cancel", reason=True),
    ),
)
