"""One list after another, and after each: who is who, who is exposed, what is to be done."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from wangge.flows.credentials import follow as follow_colours
from wangge.flows.lists import import_line_list, import_stays, import_train_manifest
from wangge.flows.screening import screen_emergency
from wangge.flows.tasking import task_emergency
from wangge.flows.tiers import grade_areas
from wangge.flows.tracing import Traced, trace
from wangge.kernel.access import Access
from wangge.kernel.problems import BadInput
from wangge.outbreaks.actions import ask_take_in
from wangge.outbreaks.types import ImportResult, ManifestResult, RefusedRow, StayResult
from wangge.screening.types import RunView
from wangge.sources.queries import batch as batch_of


@dataclass(frozen=True, slots=True)
class TakenIn:
    """What became of a list: its rows, those that could not stand, and what followed from them."""

    patients: ImportResult | None
    manifest: ManifestResult | None
    stays: StayResult | None
    refused: tuple[RefusedRow, ...]
    traced: Traced
    screened: RunView
    tasks: int


def take_in(access: Access, *, batch: UUID) -> TakenIn:
    """Take an admitted line list, manifest or list of stays into the access's emergency, then trace, screen and task.

    Raises Refused for who may not investigate. Taking the same batch in again adds nothing.
    """
    emergency = ask_take_in(access, batch=batch)
    schema = batch_of(access, batch=batch).schema
    patients = manifest = stays = None
    refused: tuple[RefusedRow, ...] = ()
    if schema == "patient":
        patients, read = import_line_list(emergency, batch)
        refused = tuple(RefusedRow(row, problem) for row, problem in read.refused)
    elif schema == "passenger":
        manifest = import_train_manifest(emergency, batch)
        refused = manifest.refused
    elif schema == "stay":
        stays = import_stays(emergency, batch)
        refused = stays.refused
    else:
        raise BadInput(
            code="not_an_emergency_list",
            zh="只能纳入病例一览表、乘客名单或停留登记。",
            en="Only a line list, a passenger manifest or registered stays can be taken in.",
        )
    traced = trace(emergency)
    screened = screen_emergency(emergency)
    follow_colours(emergency)
    grade_areas(emergency)
    return TakenIn(patients, manifest, stays, refused, traced, screened, task_emergency(emergency))
