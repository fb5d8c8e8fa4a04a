"""A whole platform of the test's own: database, web and worker as processes that can be killed and started again."""

from __future__ import annotations

import contextlib
import http.client
import json
import os
import random
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

from launcher import postgres
from launcher.urls import Urls
from tests.ports import own_port

ROOT = Path(__file__).resolve().parents[2]
VICTIMS = ("web", "worker", "database")


class Interrupted(Exception):
    """The platform did not answer, or answered that it could not: ask again."""


class Platform:
    """Start, ask, kill. Everything lives under one folder and on one free port."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.urls: Urls = postgres.ensure(home)
        self.port = own_port()
        self.processes: dict[str, subprocess.Popen[bytes]] = {}
        self.log = (home / "platform.log").open("ab")
        self.environment = {
            k: v for k, v in os.environ.items() if k not in ("WANGGE_OWNER_URL", "DATABASE_URL")
        } | {
            "WANGGE_HOME": str(home),
            "WANGGE_APP_URL": self.urls.app,
            "DJANGO_SETTINGS_MODULE": "wangge.project.settings",
            "PYTHONPATH": os.pathsep.join([str(ROOT / "src"), str(ROOT)]),
        }
        self.prepared: dict[str, Any] = json.loads(self.run("-m", "tests.endurance.prepare", owner=True))

    def run(self, *arguments: str, owner: bool = False) -> str:
        environment = self.environment | ({"WANGGE_OWNER_URL": self.urls.owner} if owner else {})
        done = subprocess.run(
            [sys.executable, *arguments],
            env=environment,
            cwd=ROOT,
            check=True,
            stdout=subprocess.PIPE,
            stderr=self.log,
            timeout=300,
        )
        return done.stdout.decode()

    def start(self, name: str) -> None:
        command = {
            "web": [
                "-m", "granian", "--interface", "wsgi", "--workers", "1", "--blocking-threads", "4", "--host", "127.0.0.1",
                "--port", str(self.port), "--no-ws", "--log-level", "error", "wangge.project.wsgi:application",
            ],
            "worker": ["-m", "wangge.project.manage", "worker"],
        }[name]  # fmt: skip
        self.processes[name] = subprocess.Popen(
            [sys.executable, *command],
            env=self.environment,
            cwd=ROOT,
            stdout=self.log,
            stderr=self.log,
            start_new_session=True,
        )

    def await_web(self, seconds: float = 300) -> None:
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            with contextlib.suppress(OSError):
                socket.create_connection(("127.0.0.1", self.port), timeout=1).close()
                return
            time.sleep(0.1)
        raise TimeoutError("the web server does not come up")

    def kill(self, victim: str) -> None:
        """kill -9, then start anew what was killed."""
        if victim == "database":
            pid = postgres.status(self.home).pid
            assert pid is not None
            os.kill(pid, signal.SIGKILL)
            postgres.ensure(self.home)
            return
        process = self.processes[victim]
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        if victim == "web":
            self._await_silence()
        self.start(victim)
        if victim == "web":
            self.await_web()

    def _await_silence(self) -> None:
        """Until the last process of the killed group has let go of the port."""
        for _ in persist(120):
            try:
                socket.create_connection(("127.0.0.1", self.port), timeout=1).close()
            except OSError:
                return

    def stop(self) -> None:
        for process in self.processes.values():
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()
        postgres.stop(self.home)
        self.log.close()

    def ask(
        self, who: str, method: str, path: str, body: Any = None, *, file: tuple[str, bytes] | None = None
    ) -> Any:
        """One request; raises Interrupted where the answer is not to be had, AssertionError never."""
        headers = {"Authorization": f"Bearer {self.prepared['tokens'][who]}"}
        data: bytes | None = None
        if file is not None:
            boundary = uuid4().hex
            head = (
                f'--{boundary}\r\nContent-Disposition: form-data; name="file"; filename="{file[0]}"\r\n\r\n'
            )
            data = head.encode() + file[1] + f"\r\n--{boundary}--\r\n".encode()
            headers["Content-Type"] = f"multipart/form-data; boundary={boundary}"
        elif body is not None:
            data = json.dumps(body).encode()
            headers["Content-Type"] = "application/json"
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        try:
            connection.request(method, f"/api/v1{path}", data, headers)
            answer = connection.getresponse()
            text = answer.read()
        except (OSError, http.client.HTTPException) as error:
            raise Interrupted(str(error)) from error
        finally:
            connection.close()
        if answer.status >= 500:
            raise Interrupted(str(answer.status))
        return answer.status, json.loads(text)


def persist(seconds: float = 600) -> Iterator[None]:
    """Try again and again, a little apart, until the caller leaves the loop."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        yield
        time.sleep(0.15)
    raise TimeoutError("it never went through")


@contextlib.contextmanager
def platform() -> Iterator[Platform]:
    home = Path(tempfile.mkdtemp(prefix="wangge-kill-")).resolve()
    home.chmod(0o755)
    made = Platform(home)
    try:
        for name in ("web", "worker"):
            made.start(name)
        made.await_web()
        yield made
    finally:
        made.stop()
        subprocess.run(["rm", "-rf", str(home)], check=True)


def victims(count: int, seed: int) -> list[tuple[str, float]]:
    """Whom to kill and after how many seconds of work, each kind equally often."""
    rng = random.Random(seed)
    chosen = [VICTIMS[i % len(VICTIMS)] for i in range(count)]
    rng.shuffle(chosen)
    return [(victim, rng.uniform(0.05, 1.2)) for victim in chosen]
