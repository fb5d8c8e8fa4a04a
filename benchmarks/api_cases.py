"""Create cases through the HTTP API: policy check, case, first step and ledger row in one transaction.

    python -m benchmarks.api_cases [--clients 16] [--seconds 20] [--workers 2]

Goal: at least 300 a second on two cores with 16 clients; the clients share these cores. Prints creations a second,
median and 95th percentile, and how many ledger rows and seals came with them.
"""

from __future__ import annotations

import argparse
import http.client
import json
import os
import signal
import socket
import statistics
import subprocess
import sys
import threading
import time
from uuid import uuid4

from demo.place import ROOT, clear, enter, migrate, place_of


def token_for(role: str, purpose: str) -> str:
    from datetime import timedelta

    from django.utils import timezone

    from wangge.access import actions, queries

    operations = actions.enter_system(name="benchmark", purpose="operations")
    user = actions.create_account(operations, username=f"bench-{role}", password=uuid4().hex)
    post = actions.appoint(operations, user=user, role=role, division="120110")
    until = timezone.now() + timedelta(hours=1)
    assert queries.posts_of(user)
    return actions.issue_token(operations, post=post, purpose=purpose, label="bench", valid_until=until)


class Client(threading.Thread):
    """Posts cases over one kept connection until told to stop."""

    def __init__(self, port: int, token: str, until: float) -> None:
        super().__init__()
        self.port, self.token, self.until = port, token, until
        self.times: list[float] = []
        self.failures = 0

    def run(self) -> None:
        connection = http.client.HTTPConnection("127.0.0.1", self.port)
        headers = {"Authorization": f"Bearer {self.token}", "Content-Type": "application/json"}
        while time.monotonic() < self.until:
            body = json.dumps(
                {
                    "category_code": "F0137",
                    "unit_no": 120110001005001,
                    "title": "路灯不亮",
                    "client_id": str(uuid4()),
                }
            )
            began = time.perf_counter()
            connection.request("POST", "/api/v1/cases", body, headers)
            answer = connection.getresponse()
            answer.read()
            if answer.status == 201:
                self.times.append(time.perf_counter() - began)
            else:
                self.failures += 1
        connection.close()


def wait_for(port: int, seconds: float = 60) -> None:
    """Until the server takes connections."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            time.sleep(0.2)
        else:
            return
    raise TimeoutError(f"no server on port {port}")


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--clients", type=int, default=16)
    parser.add_argument("--seconds", type=float, default=20)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--port", type=int, default=8391)
    options = parser.parse_args()
    place = place_of("benchmark-api")
    clear(place)
    migrate(place)
    enter(place)
    token = token_for("grid_worker", "case_handling")
    server = subprocess.Popen(
        [
            sys.executable, "-m", "granian", "--interface", "wsgi", "--workers", str(options.workers),
            "--blocking-threads", "8", "--host", "127.0.0.1", "--port", str(options.port), "--no-ws",
            "--log-level", "warning", "wangge.project.wsgi:application",
        ],
        env=os.environ | {"PYTHONPATH": str(ROOT / "src")},
        start_new_session=True,
    )  # fmt: skip
    worker = subprocess.Popen(
        [sys.executable, "-m", "wangge.project.manage", "worker"],
        env=dict(os.environ),
        start_new_session=True,
    )
    try:
        wait_for(options.port)
        warm = Client(options.port, token, time.monotonic() + 3)
        warm.run()
        until = time.monotonic() + options.seconds
        clients = [Client(options.port, token, until) for _ in range(options.clients)]
        for client in clients:
            client.start()
        for client in clients:
            client.join()
        time.sleep(1.5)
        report(clients, options.seconds)
    finally:
        for process in (server, worker):
            os.killpg(process.pid, signal.SIGKILL)  # granian's workers outlive a polite end of their parent
            process.wait()
    return 0


def report(clients: list[Client], seconds: float) -> None:
    from wangge.ledger.queries import check_chain

    times = sorted(t for c in clients for t in c.times)
    found = check_chain()
    print(
        json.dumps(
            {
                "created_per_second": round(len(times) / seconds, 1),
                "clients": len(clients),
                "failures": sum(c.failures for c in clients),
                "median_ms": round(statistics.median(times) * 1000, 1),
                "p95_ms": round(times[int(len(times) * 0.95)] * 1000, 1),
                "ledger": {"verified": found.verified, "sealed": found.sealed, "unsealed": found.unsealed},
            }
        )
    )


if __name__ == "__main__":
    sys.exit(main())
