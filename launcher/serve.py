"""`./wangge serve`: the web server and the worker under supervision, with the database they need."""

from __future__ import annotations

import os
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path

from launcher import database, postgres
from launcher.places import Places
from launcher.supervisor import Child, Supervisor, free_port
from launcher.urls import Urls

WORKERS = 2
THREADS = 8  # a worker; each holds a database connection, of which the embedded server gives a hundred


def children(places: Places, urls: Urls, host: str, port: int, home: Path | None = None) -> list[Child]:
    """The two programs of a running platform; both get the runtime role's address and nothing more."""
    environment = database.child_environment(places, urls)
    if home is not None:
        environment["WANGGE_HOME"] = str(home)
    ((home or places.home) / "static").mkdir(exist_ok=True)  # WhiteNoise warns where its folder is missing
    python = str(places.python)
    web = [
        python, "-m", "granian", "--interface", "wsgi", "--workers", str(WORKERS),
        "--blocking-threads", str(THREADS), "--host", host, "--port", str(port), "--respawn-failed-workers", "--no-ws",
        "--workers-kill-timeout", "10", "--log-level", "error", "wangge.project.wsgi:application",
    ]  # fmt: skip
    worker = [python, "-m", "wangge.project.manage", "worker"]
    cwd = str(places.checkout)
    return [Child("web", web, environment, cwd), Child("worker", worker, environment, cwd)]


def answers(address: str) -> bool:
    """Whether the web server answers at all; any status will do."""
    try:
        urllib.request.urlopen(address, timeout=1).close()  # noqa: S310 - our own loopback address
    except urllib.error.HTTPError:
        return True
    except OSError:
        return False
    return True


def serve(
    places: Places,
    urls: Urls,
    host: str,
    port: int,
    on_ready: Callable[[str], None],
    *,
    home: Path | None = None,
) -> int:
    """Serve until told to stop. `home` is where keys and files are, by default the places' own."""
    port = free_port(port, host)
    shown = f"[{host}]" if ":" in host else host
    address = f"http://{shown}:{port}/"
    care = None if os.environ.get(database.EXTERNAL) else postgres.watcher(places.home)
    supervisor = Supervisor(children(places, urls, host, port, home), care)
    return supervisor.run(lambda: answers(address), lambda: on_ready(address))
