"""The background process: jobs, and the ledger's sealer."""

from __future__ import annotations

import logging
import threading
from typing import Any

from django.core.management.base import BaseCommand
from django.db import DatabaseError, close_old_connections, connection
from procrastinate.contrib.django import app

from wangge.access.actions import enter_system
from wangge.access.states import Purpose
from wangge.ledger.actions import seal_pending

log = logging.getLogger(__name__)
SEAL_EVERY_S = 0.5  # entries are sealed within a second of their commit


class Sealer(threading.Thread):
    """Seals what was committed, again and again; a lost database connection is tried anew."""

    def __init__(self) -> None:
        super().__init__(name="sealer", daemon=True)
        self.stopping = threading.Event()

    def run(self) -> None:
        while not self.stopping.is_set():
            try:
                close_old_connections()
                while seal_pending(enter_system(name="sealer", purpose=Purpose.OPERATIONS)):
                    pass
            except DatabaseError:
                log.warning("the sealer lost the database and tries again")
                connection.close()
            self.stopping.wait(SEAL_EVERY_S)
        connection.close()


class Command(BaseCommand):
    """`manage worker`: runs jobs and seals the ledger until it is stopped."""

    help = "run background jobs and seal the ledger"

    def handle(self, *args: Any, **options: Any) -> None:
        sealer = Sealer()
        sealer.start()
        try:
            with app.replace_connector(app.connector.get_worker_connector()) as working:  # type: ignore[attr-defined]
                working.run_worker(concurrency=1, fetch_job_polling_interval=1.0)
        finally:
            sealer.stopping.set()
            sealer.join(timeout=10)
