"""Background work across rooms: thin entry points, one flow each."""

from __future__ import annotations

from procrastinate.contrib.django import app

from wangge.flows.emergencies import end_due


@app.periodic(cron="*/10 * * * *")
@app.task(queueing_lock="project.end_due_emergencies", name="project.end_due_emergencies")
def end_due_emergencies(timestamp: int) -> int:
    """Every ten minutes: end emergencies whose END has passed and destroy their data; gives how many.

    Reading stops at the END itself, whether or not this has run.
    """
    return len(end_due())
