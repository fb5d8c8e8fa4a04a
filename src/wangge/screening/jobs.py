"""Background work of the room: thin entry points, one action each."""

from __future__ import annotations

from procrastinate.contrib.django import app

from wangge.access.actions import enter_system
from wangge.access.queries import mandates_in_force
from wangge.screening import actions


@app.periodic(cron="15 * * * *")
@app.task(queueing_lock="screening.expire", name="screening.expire_findings")
def expire_findings(timestamp: int) -> int:
    """Every hour: close findings whose time is over, in peacetime and under each emergency; gives how many."""
    closed = actions.expire_findings(enter_system(name="screening", purpose="operations"))
    for mandate in mandates_in_force():
        access = enter_system(name="screening", purpose="operations", emergency=mandate.id)
        closed += actions.expire_findings(access)
    return closed
