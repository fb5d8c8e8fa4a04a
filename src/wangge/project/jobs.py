"""Background work across rooms: thin entry points, one flow each."""

from __future__ import annotations

from pathlib import Path

from django.conf import settings
from procrastinate.contrib.django import app

from wangge.flows.emergencies import end_due
from wangge.project.sweeping import UPLOADS_KEPT, WORK_KEPT, sweep_folder, sweep_sessions


@app.periodic(cron="*/10 * * * *")
@app.task(queueing_lock="project.end_due_emergencies", name="project.end_due_emergencies")
def end_due_emergencies(timestamp: int) -> int:
    """Every ten minutes: end emergencies whose END has passed and destroy their data; gives how many.

    Reading stops at the END itself, whether or not this has run.
    """
    return len(end_due())


@app.periodic(cron="20 4 * * *")
@app.task(queueing_lock="project.sweep", name="project.sweep")
def sweep(timestamp: int) -> int:
    """At night: ended sessions, and uploads and work files that killed processes left; gives how many."""
    home = Path(settings.WANGGE_HOME)
    left = sweep_folder(settings.FILE_UPLOAD_TEMP_DIR, UPLOADS_KEPT) + sweep_folder(home / "work", WORK_KEPT)
    return left + sweep_sessions()
