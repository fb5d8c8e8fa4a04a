"""Background work of the room: thin entry points, one action each."""

from __future__ import annotations

from procrastinate.contrib.django import app

from wangge.access.actions import enter_system
from wangge.territory import actions


@app.periodic(cron="5 0 * * *")
@app.task(queue="territory", name="territory.relocate_buildings")
def relocate_buildings(timestamp: int) -> None:
    """Just after midnight: versions that begin today take their buildings."""
    actions.relocate_buildings(enter_system(name="territory", purpose="territory_management"))
