"""The background process: jobs, and the ledger's sealer."""

from __future__ import annotations

import asyncio
import logging
import signal
import threading
from contextlib import suppress
from typing import Any

from django.core.management.base import BaseCommand
from django.db import Error, close_old_connections, connection
from procrastinate.contrib.django import app
from procrastinate.exceptions import ConnectorException
from psycopg import Error as DriverError

from wangge.access.actions import enter_system
from wangge.access.states import Purpose
from wangge.ledger.actions import seal_pending

log = logging.getLogger(__name__)
SEAL_EVERY_S = 0.5  # entries are sealed within a second of their commit
RECONNECT_AFTER_S = 1.0


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
            except (Error, DriverError):  # a closed connection is an Error, but no DatabaseError
                log.warning("the sealer lost the database and tries again")
                connection.close()
            self.stopping.wait(SEAL_EVERY_S)
        connection.close()


async def run_jobs() -> None:
    """Run jobs until SIGINT or SIGTERM; a job under way is finished first.

    Where the database goes away, procrastinate's worker either raises or stops as if it had been told to. We
    therefore listen for the signals ourselves, and begin again unless one came.
    """
    told = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, told.set)
    waiting = asyncio.create_task(told.wait())
    while not told.is_set():
        jobs = asyncio.create_task(_jobs_while_connected())
        await asyncio.wait({jobs, waiting}, return_when=asyncio.FIRST_COMPLETED)
        if told.is_set():
            jobs.cancel()
        with suppress(asyncio.CancelledError, ConnectorException, Error, DriverError):
            await jobs
        if not told.is_set():
            log.warning("the worker lost the database and tries again")
            await asyncio.wait({waiting}, timeout=RECONNECT_AFTER_S)


async def _jobs_while_connected() -> None:
    with app.replace_connector(app.connector.get_worker_connector()) as working:  # type: ignore[attr-defined]
        async with working.open_async():
            await working.run_worker_async(
                concurrency=1, fetch_job_polling_interval=1.0, install_signal_handlers=False
            )


class Command(BaseCommand):
    """`manage worker`: runs jobs and seals the ledger until it is stopped."""

    help = "run background jobs and seal the ledger"

    def handle(self, *args: Any, **options: Any) -> None:
        sealer = Sealer()
        sealer.start()
        try:
            asyncio.run(run_jobs())
        finally:
            sealer.stopping.set()
            sealer.join(timeout=10)
