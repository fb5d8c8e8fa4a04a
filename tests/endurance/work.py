"""Three kinds of work, each done as a client does it who does not know whether the last request went through."""

from __future__ import annotations

import random
import threading
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from tests.endurance.platform import Interrupted, Platform, persist

UNIT = 120110001005001
ROWS, BAD = 400, 20


def department_file(number: int) -> bytes:
    """A file of ROWS rows, BAD of which cannot stand."""
    lines = ["编号,姓名,身份证号,性别,联系电话,现住址"]
    for i in range(ROWS):
        name = "" if i < BAD else f"王{chr(0x4E00 + (number * ROWS + i) % 5000)}"
        lines.append(f"{number}-{i},{name},,男,1380000{i:04d},嘉春园{i % 20 + 1}号楼1单元{i % 9 + 1}01")
    return "\n".join(lines).encode("utf-8-sig")


class Worker(threading.Thread):
    """Repeats one kind of work until told to stop; what it did is in `done`, what went wrong in `fault`."""

    def __init__(self, platform: Platform, seed: int) -> None:
        super().__init__(daemon=True)
        self.platform, self.rng = platform, random.Random(seed)
        self.enough = threading.Event()
        self.done: list[Any] = []
        self.fault: BaseException | None = None

    def run(self) -> None:
        try:
            while not self.enough.is_set():
                self.once()
        except BaseException as fault:
            self.fault = fault

    def once(self) -> None:
        raise NotImplementedError

    def insist(self, who: str, method: str, path: str, body: Any = None, file: Any = None) -> Any:
        for _ in persist():
            try:
                return self.platform.ask(who, method, path, body, file=file)
            except Interrupted:
                continue
        raise TimeoutError


class Ingest(Worker):
    """Hand a file in, confirm, admit, until it is accepted."""

    def once(self) -> None:
        number = len(self.done)
        name = f"救助{number}.csv"
        _, batch = self.insist(
            "steward", "POST", "/sources/civil/batches", file=(name, department_file(number))
        )
        while batch["state"] in ("received", "mapped", "validated"):
            step = "mapping" if batch["state"] == "received" else "admission"
            status, answer = self.insist("steward", "POST", f"/sources/batches/{batch['id']}/{step}", {})
            if status == 200:
                batch = answer
            else:  # an earlier try went through though its answer was lost: hand the same file in to see the state
                _, batch = self.insist(
                    "steward", "POST", "/sources/civil/batches", file=(name, department_file(number))
                )
        assert batch["state"] == "accepted", batch
        self.done.append(batch)


class Sync(Worker):
    """Hand visits in, sometimes the same set twice on purpose."""

    def once(self) -> None:
        at = datetime.now(UTC) - timedelta(minutes=30)
        visits = [
            {
                "client_id": str(UUID(int=self.rng.getrandbits(128), version=4)),
                "form": "verification_visit",
                "started_at": at.isoformat(),
                "ended_at": (at + timedelta(minutes=5)).isoformat(),
                "saw_person": True,
                "saw_dwelling": True,
                "saw_state": True,
                "unit_no": UNIT,
                "answers": {"occupied": "owner", "residents": 3, "moved_away": False},
            }
            for _ in range(20)
        ]
        for _ in range(2 if self.rng.random() < 0.2 else 1):
            status, receipts = self.insist("worker", "POST", "/field/visits", visits)
            assert status == 200, receipts
            assert {r["status"] for r in receipts} <= {"accepted", "duplicate"}, receipts
        self.done.extend(v["client_id"] for v in visits)


class Closing(Worker):
    """Report a matter and carry it to its close."""

    STEPS = (
        ("dispatcher", "accept", "accepted"),
        ("dispatcher", "dispatch", "dispatched"),
        ("handler", "resolve", "resolved"),
        ("supervisor", "verify", "verified"),
        ("supervisor", "close", "closed"),
    )

    def once(self) -> None:
        client_id = str(UUID(int=self.rng.getrandbits(128), version=4))
        body = {"category_code": "M0501", "unit_no": UNIT, "title": "水管漏水", "client_id": client_id}
        status, made = self.insist("worker", "POST", "/cases", body)
        assert status == 201, made
        for who, verb, _ in self.STEPS:
            details = {"note": "已办"} | (
                {"organisation": self.platform.prepared["water"]} if verb == "dispatch" else {}
            )
            status, answer = self.insist(who, "POST", f"/cases/{made['case_id']}/{verb}", details)
            # 409: an earlier try went through though its answer was lost
            assert status in (200, 409), (verb, status, answer)
        self.done.append(made["case_id"])
