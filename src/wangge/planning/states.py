"""Words of planning: where a plan stands, how it was asked for, what a person did to it."""

from __future__ import annotations

from enum import StrEnum

from wangge.kernel.transitions import State, Transition, TransitionTable, steps_from


class PlanState(StrEnum):
    """Where a plan of grids stands."""

    DRAFT = "draft"
    RUNNING = "running"
    READY = "ready"
    FAILED = "failed"
    PUBLISHED = "published"
    DISCARDED = "discarded"


class Approach(StrEnum):
    """How a plan treats the grids that stand."""

    LEAST_CHANGE = "least_change"
    AFRESH = "afresh"
    NETS = "nets"


class PlotKind(StrEnum):
    """What a plot is to the division."""

    RESIDENTIAL = "residential"
    EXCLUSIVE = "exclusive"
    OPEN = "open"


class NetSide(StrEnum):
    """Which of two nets that are compared."""

    A = "a"
    B = "b"


class PairFate(StrEnum):
    """What becomes of ground that lies in one grid of each net, if both are to be one with the fewest changes."""

    STAYS = "stays"
    MOVES = "moves"
    ONLY_A = "only_a"
    ONLY_B = "only_b"


class StepVerb(StrEnum):
    """What a person did to a plan."""

    MOVE = "move"
    LOCK = "lock"
    UNLOCK = "unlock"


STEWARD = "data_steward"
PLAN_TABLE: TransitionTable[PlanState] = TransitionTable(
    "grid_plan",
    initial=PlanState.DRAFT,
    states=(
        State(PlanState.DRAFT, "排队中", "waiting", "system"),
        State(PlanState.RUNNING, "划分中", "being drawn", "system"),
        State(PlanState.READY, "待发布", "ready", STEWARD),
        State(PlanState.FAILED, "未完成", "failed", STEWARD),
        State(PlanState.PUBLISHED, "已发布", "published", STEWARD, settled=True),
        State(PlanState.DISCARDED, "已放弃", "discarded", STEWARD, settled=True),
    ),
    transitions=(
        Transition(PlanState.DRAFT, "begin", PlanState.RUNNING, zh="开始划分", en="begin"),
        Transition(PlanState.RUNNING, "finish", PlanState.READY, zh="划分完成", en="finish"),
        *steps_from((PlanState.DRAFT, PlanState.RUNNING), "fail", PlanState.FAILED, zh="出错", en="fail"),
        Transition(PlanState.READY, "publish", PlanState.PUBLISHED, zh="发布", en="publish"),
        *steps_from(
            (PlanState.DRAFT, PlanState.RUNNING, PlanState.READY, PlanState.FAILED),
            "discard",
            PlanState.DISCARDED,
            zh="放弃",
            en="discard",
        ),
    ),
)
