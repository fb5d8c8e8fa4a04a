"""What the story stands on: the demo's village with its ground, staff and teams, and every department's file but one."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from django.utils import timezone

from demo.district import Manifest, generate
from demo.mainjob import MainJob
from demo.staffing import Staff, appoint_everybody, appoint_teams
from tests.ports import own_port

ROOT = Path(__file__).resolve().parents[2]
OURS = "civil_affairs"  # the department whose file is brought in by hand


@dataclass(frozen=True)
class Village:
    """The files on disk, and who works there."""

    manifest: Manifest
    staff: Staff

    def file(self, kind: str, department: str = "") -> Path:
        """The first file of a kind, of a department where one is named."""
        found = next(f for f in self.manifest.of_kind(kind) if department in ("", f.department))
        return self.manifest.out / found.path


def settle(folder: Path) -> Village:
    """Make the village in the database that is pointed at now; all files are in but one department's."""
    today = timezone.localdate()  # the outbreak is told from here: who met whom in the last two weeks
    manifest = generate("village", 1, folder / "district", lambda line: None, today)
    streets = manifest.out / "territory" / "streets.geojson"
    staff = appoint_everybody(manifest.out, _first_street(streets), lambda line: None)
    appoint_teams(staff, manifest.out)
    others = tuple(f for f in manifest.files if (f.department, f.kind) != (OURS, "person"))
    job = MainJob(replace(manifest, files=others), staff, folder / "work", lambda line: None)
    job.territory()
    job.intake()
    return Village(manifest, staff)


def _first_street(path: Path) -> str:
    import json

    features = json.loads(path.read_text(encoding="utf-8"))["features"]
    return min(str(f["properties"]["code"]) for f in features)


@dataclass
class House:
    """Web server and worker as processes of their own, on the database that the environment names."""

    village: Village
    log: Path
    port: int = 0
    processes: list[subprocess.Popen[bytes]] = field(default_factory=list)

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        self.port = own_port()
        self._run(
            "-m", "granian", "--interface", "wsgi", "--workers", "1", "--blocking-threads", "4", "--host", "127.0.0.1",
            "--port", str(self.port), "--no-ws", "--log-level", "error", "wangge.project.wsgi:application",
        )  # fmt: skip
        self._run("-m", "wangge.project.manage", "worker")
        until = time.monotonic() + 300
        while time.monotonic() < until:
            with contextlib.suppress(OSError):
                socket.create_connection(("127.0.0.1", self.port), timeout=1).close()
                return
            time.sleep(0.1)
        raise TimeoutError(f"the web server does not come up; see {self.log}")

    def _home(self) -> Path:
        """Keys and files are those of the tests; the ledger's witness, which knows one chain, is the house's own."""
        own = self.log.parent / "home"
        own.mkdir(mode=0o700, exist_ok=True)
        for shared in ("keys", "vault"):
            if not (own / shared).exists():
                (own / shared).symlink_to(Path(os.environ["WANGGE_HOME"]) / shared)
        return own

    def _run(self, *command: str) -> None:
        environment = {k: v for k, v in os.environ.items() if k not in ("WANGGE_OWNER_URL", "DATABASE_URL")}
        environment["WANGGE_HOME"] = str(self._home())
        environment["PYTHONPATH"] = os.pathsep.join([str(ROOT / "src"), str(ROOT)])
        with self.log.open("ab") as log:
            self.processes.append(
                subprocess.Popen(
                    [sys.executable, *command],
                    env=environment,
                    cwd=ROOT,
                    stdout=log,
                    stderr=log,
                    start_new_session=True,
                )
            )

    def stop(self) -> None:
        for process in self.processes:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()

    def through_the_doors(self, work: Callable[[], Any]) -> Any:
        """Do `work` in a thread of its own: the browser's loop runs in this one, and the database refuses it."""

        def done() -> Any:
            from django.db import connections

            try:
                return work()
            finally:
                connections.close_all()

        with ThreadPoolExecutor(1) as pool:
            return pool.submit(done).result()


@contextlib.contextmanager
def house(village: Village, log: Path) -> Iterator[House]:
    made = House(village, log)
    try:
        made.start()
        yield made
    finally:
        made.stop()
