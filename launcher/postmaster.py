"""The server's process: whether it lives, whether it is ours, and what a killed one leaves behind."""

from __future__ import annotations

import os
import socket
import struct
import subprocess
import time
from contextlib import suppress
from pathlib import Path

from launcher.postgres_place import SOCKET_NAME, Cluster

TLS_REQUEST = 80877103  # the protocol's number for "would you talk TLS?"


def process_state(pid: int, *, reap: bool = True) -> str:
    """One letter for the process: as `ps` gives it (`Z` is a zombie), or '' where there is none."""
    if reap:
        with suppress(ChildProcessError, OSError):
            os.waitpid(pid, os.WNOHANG)  # where it was our own child
    try:
        return Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rsplit(")", 1)[1].split()[0]
    except FileNotFoundError:
        if Path("/proc/self/stat").exists():
            return ""
    done = subprocess.run(
        ["/bin/ps", "-o", "stat=", "-p", str(pid)], capture_output=True, text=True, check=False
    )
    return done.stdout.strip()[:1]


def is_alive(pid: int) -> bool:
    """Whether the process lives; a zombie does not, though signal 0 reaches it."""
    return process_state(pid) not in ("", "Z", "X")


def _pid_file(cluster: Cluster) -> list[str]:
    try:
        return (cluster.data / "postmaster.pid").read_text(encoding="utf-8").splitlines()
    except FileNotFoundError:
        return []


def _serves(pid: int, cluster: Cluster) -> bool:
    """Whether the process is this cluster's: after a restart of the machine its number may be another's."""
    if not is_alive(pid):
        return False
    try:
        return Path(f"/proc/{pid}/cwd").resolve(strict=True) == cluster.data.resolve()
    except PermissionError:
        return True
    except FileNotFoundError:
        if Path("/proc/self/stat").exists():
            return False
    done = subprocess.run(
        ["/bin/ps", "-o", "command=", "-p", str(pid)], capture_output=True, text=True, check=False
    )
    return "postgres" in done.stdout


def postmaster(cluster: Cluster) -> int | None:
    lines = _pid_file(cluster)
    if lines and lines[0].strip().isdigit() and _serves(int(lines[0]), cluster):
        return int(lines[0])
    return None


def is_ready(cluster: Cluster) -> bool:
    lines = _pid_file(cluster)
    return len(lines) >= 8 and lines[7].strip() == "ready"


def answers(cluster: Cluster, seconds: float = 5.0) -> bool:
    """Whether the server speaks: a killed one still looks alive until the system gets round to ending it.

    Asks whether it would talk TLS, the one question that PostgreSQL answers before knowing who asks.
    """
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as line:
        line.settimeout(seconds)
        try:
            line.connect(str(cluster.sockets / SOCKET_NAME))
            line.sendall(struct.pack("!ii", 8, TLS_REQUEST))
            return line.recv(1) in (b"N", b"S")
        except OSError:
            return False


def clear_stale(cluster: Cluster) -> None:
    """Remove the pid file and the socket's lock of a process that is dead, a zombie, or someone else's.

    The server itself refuses to start on such a file when signal 0 reaches that number. Orphaned backends of
    a killed postmaster end by themselves within moments and are waited for; should one remain, the server's
    own check of the shared memory segment still refuses to start.
    """
    stale = [cluster.data / "postmaster.pid", cluster.sockets / f"{SOCKET_NAME}.lock"]
    if not any(path.exists() for path in stale):
        return
    deadline = time.monotonic() + 60
    while _orphans(cluster) and time.monotonic() < deadline:
        time.sleep(0.1)
    for path in stale:
        path.unlink(missing_ok=True)


def _orphans(cluster: Cluster) -> list[int]:
    """Living processes that work in the data folder (Linux; elsewhere the shared memory check must do)."""
    found = []
    data = cluster.data.resolve()
    for entry in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            if (entry / "cwd").resolve(strict=True) == data and is_alive(int(entry.name)):
                found.append(int(entry.name))
    return found
