"""Background work of the room: thin entry points, one action each."""

from __future__ import annotations

from uuid import UUID

from procrastinate.contrib.django import app

from wangge.access.actions import enter_system
from wangge.access.queries import mandates_in_force
from wangge.sources import actions
from wangge.sources.states import BatchState

PEACETIME, EMERGENCY = "registry_maintenance", "epidemic_response"
PARTS_AT_ONCE = 4  # what is judged between two commits; a job killed in between goes on from the last one


@app.task(queue="sources", name="sources.admit", retry=3)
def admit(batch: str, emergency: str | None = None) -> str:
    """Judge and accept a mapped batch, some parts at a time; gives its state."""
    under = UUID(emergency) if emergency else None
    access = enter_system(name="importer", purpose=EMERGENCY if under else PEACETIME, emergency=under)
    while True:
        view = actions.admit(access, batch=UUID(batch), parts=PARTS_AT_ONCE)
        if view.state is not BatchState.MAPPED:
            return view.state.value


@app.periodic(cron="40 3 * * *")
@app.task(queue="sources", name="sources.sweep_store")
def sweep_store(timestamp: int) -> int:
    """At night: remove files that killed processes left behind; gives how many."""
    removed = actions.sweep_store(enter_system(name="sources", purpose="operations"))
    for mandate in mandates_in_force(EMERGENCY):
        removed += actions.sweep_store(
            enter_system(name="sources", purpose="operations", emergency=mandate.id)
        )
    return removed
