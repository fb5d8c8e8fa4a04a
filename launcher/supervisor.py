"""Keeps the web server, the worker and the embedded database alive until told to stop.

A child runs in a session of its own, so that Ctrl-C in the terminal reaches only us and we end the children
in order. When a child dies, what is left of its process group is killed first (a killed web master leaves
its workers on the port), then it is started again, later each time it dies young.
"""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from types import FrameType

from launcher.progress import Stop, say

YOUNG = 10.0  # seconds; a child that dies sooner is started again more slowly
LONGEST_PAUSE = 15.0
GRACE = 20.0  # seconds a child has to end in order
PORTS_TRIED = 50


def free_port(wanted: int, host: str = "127.0.0.1") -> int:
    """The wanted port, or the next free one, which is said. Stop where none of fifty is free."""
    for port in range(wanted, min(wanted + PORTS_TRIED, 65536)):
        with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET, socket.SOCK_STREAM) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((host, port))
            except PermissionError as error:
                raise Stop(f"不允许使用端口 {port}", f"port {port} is not allowed") from error
            except socket.gaierror as error:
                raise Stop(f"没有主机 {host}", f"no host {host}") from error
            except OSError:
                continue
            if port != wanted:
                say(f"端口 {wanted} 已被占用，改用 {port}", f"port {wanted} is taken, using {port}")
            return port
    raise Stop(f"端口 {wanted} 起的 {PORTS_TRIED} 个都被占用", f"no free port from {wanted} on")


@dataclass
class Child:
    """One supervised program and its life so far."""

    name: str
    command: list[str]
    environment: dict[str, str]
    cwd: str
    process: subprocess.Popen[bytes] | None = None
    began: float = 0.0
    pause: float = 0.0
    due: float = 0.0
    deaths: list[int] = field(default_factory=list)

    def start(self) -> None:
        """Start it now; its words go to our stderr."""
        self.began = time.monotonic()
        self.process = subprocess.Popen(
            self.command,
            cwd=self.cwd,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            stdout=2,
            start_new_session=True,
        )

    def signal_group(self, number: int) -> None:
        """Send a signal to all of the child's process group."""
        if self.process is not None:
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(self.process.pid, number)

    def bury(self, code: int, now: float) -> None:
        """Note its death and when it is due again; kill what it left behind."""
        self.signal_group(signal.SIGKILL)
        self.process = None
        self.deaths.append(code)
        young = now - self.began < YOUNG
        self.pause = min(LONGEST_PAUSE, max(0.5, self.pause * 2)) if young else 0.2
        self.due = now + self.pause


class Supervisor:
    """Runs children until SIGINT, SIGTERM or SIGHUP; `watch` is called every second (the database's care)."""

    def __init__(self, children: list[Child], watch: Callable[[], None] | None = None) -> None:
        self.children, self.watch = children, watch
        self.stopping = False

    def _on_signal(self, number: int, frame: FrameType | None) -> None:
        self.stopping = True

    def run(
        self, ready: Callable[[], bool] = lambda: True, on_ready: Callable[[], None] = lambda: None
    ) -> int:
        """Start all, call `on_ready` once `ready` says so, keep them up; 0 when asked to stop."""
        before = {number: signal.signal(number, self._on_signal) for number in _STOP_SIGNALS}
        try:
            for child in self.children:
                child.start()
            self._keep(ready, on_ready)
        finally:
            self._end()
            for number, handler in before.items():
                signal.signal(number, handler)
        return 0

    def _keep(self, ready: Callable[[], bool], on_ready: Callable[[], None]) -> None:
        told, next_watch = False, time.monotonic() + 1
        while not self.stopping:
            now = time.monotonic()
            for child in self.children:
                self._look_after(child, now)
            if not told and ready():
                told = True
                on_ready()
            if self.watch is not None and now >= next_watch:
                next_watch = now + 1
                try:
                    self.watch()
                except Stop as stop:  # the database may need more than one try after a kill
                    say("数据库暂不可用，重试", f"the database is not available, trying again: {stop}")
            time.sleep(0.1)

    def _look_after(self, child: Child, now: float) -> None:
        if child.process is None:
            if now >= child.due:
                child.start()
            return
        code = child.process.poll()
        if code is not None:
            child.bury(code, now)
            say(
                f"{child.name} 退出（{code}），{child.pause:.1f} 秒后重启",
                f"{child.name} ended ({code}), starting it again in {child.pause:.1f} s",
            )

    def _end(self) -> None:
        """End the children in order: asked first, killed after the grace."""
        for child in self.children:
            child.signal_group(signal.SIGTERM)
        deadline = time.monotonic() + GRACE
        for child in self.children:
            if child.process is None:
                continue
            with suppress(subprocess.TimeoutExpired):
                child.process.wait(timeout=max(0.1, deadline - time.monotonic()))
            child.signal_group(signal.SIGKILL)
            child.process.wait()


_STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
