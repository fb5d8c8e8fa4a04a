"""States of a batch and of a row kept aside."""

from __future__ import annotations

from enum import StrEnum

from wangge.kernel.transitions import State, Transition, TransitionTable, steps_from


class BatchState(StrEnum):
    """Where a batch stands on its way in."""

    RECEIVED = "received"
    MAPPED = "mapped"
    VALIDATED = "validated"
    ACCEPTED = "accepted"
    REFUSED = "refused"


class RowState(StrEnum):
    """What became of a row kept aside."""

    HELD = "held"
    READMITTED = "readmitted"
    DISMISSED = "dismissed"


class Media(StrEnum):
    """What a batch was made from."""

    XLSX = "xlsx"
    XLS = "xls"
    CSV = "csv"
    CORRECTIONS = "corrections"


STEWARD = "data_steward"

BATCH_TABLE: TransitionTable[BatchState] = TransitionTable(
    "batch",
    initial=BatchState.RECEIVED,
    states=(
        State(BatchState.RECEIVED, "已接收", "received", STEWARD),
        State(BatchState.MAPPED, "已对应", "mapped", STEWARD),
        State(BatchState.VALIDATED, "已校验", "validated", STEWARD),
        State(BatchState.ACCEPTED, "已入库", "accepted", STEWARD, settled=True),
        State(BatchState.REFUSED, "已拒收", "refused", STEWARD, settled=True),
    ),
    transitions=(
        *steps_from(
            (BatchState.RECEIVED, BatchState.MAPPED),
            "confirm",
            BatchState.MAPPED,
            zh="确认列对应",
            en="confirm the mapping",
        ),
        Transition(BatchState.MAPPED, "validate", BatchState.VALIDATED, zh="校验", en="validate"),
        Transition(BatchState.VALIDATED, "accept", BatchState.ACCEPTED, zh="入库", en="accept"),
        *steps_from(
            (BatchState.VALIDATED, BatchState.ACCEPTED),
            "remap",
            BatchState.MAPPED,
            zh="更正列对应",
            en="correct the mapping",
        ),
        *steps_from(
            (BatchState.RECEIVED, BatchState.MAPPED, BatchState.VALIDATED),
            "refuse",
            BatchState.REFUSED,
            zh="拒收",
            en="refuse",
            reason=True,
        ),
    ),
)

ROW_TABLE: TransitionTable[RowState] = TransitionTable(
    "quarantined_row",
    initial=RowState.HELD,
    states=(
        State(RowState.HELD, "隔离中", "held", STEWARD),
        State(RowState.READMITTED, "更正后重新入库", "readmitted", STEWARD, settled=True),
        State(RowState.DISMISSED, "确认不是记录", "no record", STEWARD, settled=True),
    ),
    transitions=(
        Transition(RowState.HELD, "correct", RowState.READMITTED, zh="更正", en="correct"),
        Transition(
            RowState.READMITTED,
            "hold",
            RowState.HELD,
            zh="列对应更正后重新隔离",
            en="hold again under a new mapping",
        ),
        Transition(
            RowState.HELD,
            "dismiss",
            RowState.DISMISSED,
            zh="确认不是记录",
            en="say it is no record",
            reason=True,
        ),
    ),
)
