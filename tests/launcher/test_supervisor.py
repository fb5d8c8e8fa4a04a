"""The supervisor: restarts what dies, ends all it started, takes the next free port."""

from __future__ import annotations

import os
import signal
import socket
import sys
import threading
import time
from pathlib import Path

import pytest

from launcher.progress import Stop
from launcher.supervisor import Child, Supervisor, free_port

SLEEPS = "import sys, time; open(sys.argv[1], 'a').write('x'); time.sleep(600)"


def _until(condition: object, seconds: float = 60.0) -> None:
    deadline = time.monotonic() + seconds
    while not condition():  # type: ignore[operator]
        assert time.monotonic() < deadline, "waited too long"
        time.sleep(0.02)


def test_a_killed_child_is_started_again_and_all_end_together(tmp_path: Path) -> None:
    starts = tmp_path / "starts"
    child = Child("sleeper", [sys.executable, "-c", SLEEPS, str(starts)], dict(os.environ), str(tmp_path))
    supervisor = Supervisor([child])
    pids: list[int] = []

    def act() -> None:
        _until(lambda: starts.exists() and starts.read_text() == "x")
        assert child.process is not None
        pids.append(child.process.pid)
        os.kill(child.process.pid, signal.SIGKILL)
        _until(lambda: starts.read_text() == "xx")
        supervisor.stopping = True

    actor = threading.Thread(target=act)
    actor.start()
    assert supervisor.run() == 0
    actor.join()
    assert child.deaths == [-signal.SIGKILL]
    assert child.process is not None
    assert child.process.returncode is not None
    assert child.process.pid != pids[0]


def test_what_a_killed_child_left_behind_is_ended_before_it_starts_again(tmp_path: Path) -> None:
    note = tmp_path / "grandchild"
    program = (
        "import subprocess, sys, time\n"
        "p = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(600)'])\n"
        "open(sys.argv[1], 'w').write(str(p.pid))\n"
        "time.sleep(600)\n"
    )
    child = Child("parent", [sys.executable, "-c", program, str(note)], dict(os.environ), str(tmp_path))
    child.start()
    assert child.process is not None
    _until(lambda: note.exists() and note.read_text().isdigit())
    grandchild = int(note.read_text())
    os.kill(child.process.pid, signal.SIGKILL)
    code = child.process.wait()
    child.bury(code, time.monotonic())
    stat = Path(f"/proc/{grandchild}/stat")
    _until(lambda: not stat.exists() or stat.read_text().rsplit(")", 1)[1].split()[0] == "Z")
    assert child.deaths == [-signal.SIGKILL]


def test_a_child_that_dies_young_is_started_more_and_more_slowly() -> None:
    child = Child("x", ["true"], {}, "/")
    pauses = []
    for _ in range(8):
        child.began = 100.0
        child.bury(1, 101.0)
        pauses.append(child.pause)
    assert pauses == sorted(pauses)
    assert pauses[0] == 0.5
    assert pauses[-1] == 15.0
    child.began = 100.0
    child.bury(1, 200.0)
    assert child.pause == 0.2


def test_the_database_s_care_may_fail_and_is_tried_again(tmp_path: Path) -> None:
    calls: list[float] = []

    def watch() -> None:
        calls.append(time.monotonic())
        if len(calls) == 1:
            raise Stop("坏", "bad")
        supervisor.stopping = True

    supervisor = Supervisor([], watch)
    assert supervisor.run() == 0
    assert len(calls) == 2


def test_a_taken_port_gives_the_next_and_says_so(capsys: pytest.CaptureFixture[str]) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        found = free_port(port)
    said = capsys.readouterr().err
    assert port < found < port + 50
    assert str(port) in said
    assert str(found) in said
    assert "占用" in said


def test_an_unknown_host_is_one_clear_line() -> None:
    with pytest.raises(Stop, match="no host"):
        free_port(8000, "no.such.host.invalid")
