"""kill -9 at any moment of an ingest loses nothing and doubles nothing."""

import csv
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from django.conf import settings

from tests.engine.test_rows import HEADERS
from tests.sources.ingest_until_done import PART_ROWS, steps
from wangge.access import actions as access_actions
from wangge.sources import actions, intake, queries
from wangge.sources.states import BatchState
from wangge.sources.store import store

ROOT = Path(__file__).resolve().parents[2]
ROWS = 1_200
PARTS = -(-ROWS // PART_ROWS)


def people(path: Path) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(HEADERS)
        for n in range(ROWS):
            name = "" if n % 50 == 0 else f"王{chr(0x4E00 + n % 3000)}"
            writer.writerow([f"R{n}", name, "女", "1970-01-01", "", "", f"{n}号楼"])


def child(path: Path, database: str) -> subprocess.Popen[bytes]:
    environment = os.environ | {
        "DJANGO_SETTINGS_MODULE": "wangge.project.settings",
        "PYTHONPATH": os.pathsep.join([str(ROOT / "src"), str(ROOT)]),
        "WANGGE_HOME": str(settings.WANGGE_HOME),
    }
    command = [sys.executable, "-m", "tests.sources.ingest_until_done", str(path), "kill.people"]
    return subprocess.Popen(
        command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )


def killed_at(process: subprocess.Popen[bytes], step: int, share: float) -> bool:
    """kill -9 within a step, a share of what the step before took after its begin; False where it was done sooner."""
    assert process.stdout is not None
    began, took = time.monotonic(), 0.0
    for _ in range(step + 1):
        if not process.stdout.readline():
            break
        now = time.monotonic()
        began, took = now, now - began
    time.sleep(min(took, 2.0) * share if step else 0.1 * share)  # before the first step it only loaded itself
    os.kill(process.pid, signal.SIGKILL)
    _, errors = process.communicate()
    assert process.returncode in (0, -signal.SIGKILL), errors.decode()
    return process.returncode != 0


def ingest_with_kills(tmp_path: Path, database: str, kills: int, seed: int) -> None:
    chance = random.Random(seed)
    operations = access_actions.enter_system(name="test", purpose="operations")
    office = access_actions.create_organisation(
        operations, code="kill", name_zh="测试局", name_en="Office", kind="department"
    )
    resource = actions.register_source(
        operations,
        code="kill.people",
        name_zh="人员",
        name_en="People",
        organisation=office,
        schema="person",
        division="120110",
    )
    path = tmp_path / "人员.csv"
    people(path)
    assert list(steps(path, "kill.people")).count("admit") == PARTS

    # the same again as a new file, killed on the way
    path.write_text(path.read_text("utf-8").replace("R1,", "R1b,"), "utf-8")
    killed = 0
    while killed < kills:
        if killed_at(child(path, database), chance.randrange(PARTS + 2), chance.random()):
            killed += 1
        else:
            path.write_text(path.read_text("utf-8").replace("号楼", "号楼 "), "utf-8")  # done: the next file
    last = child(path, database)
    _, errors = last.communicate(timeout=600)
    assert last.returncode == 0, errors.decode()

    system = access_actions.enter_system(name="test", purpose="registry_maintenance")
    found = queries.batches(system, resource=resource, size=500).rows
    assert {batch.state for batch in found} == {BatchState.ACCEPTED}
    for batch in found:
        assert (batch.rows_in, batch.rows_accepted, batch.rows_quarantined, batch.rows_repeated) == (
            ROWS,
            ROWS - ROWS // 50,
            ROWS // 50,
            0,
        )
        numbers = queries.accepted_rows(system, batch=batch.id).frame()["row_no"].to_list()
        held = []
        cursor = None
        while True:
            page = queries.quarantine(system, batch=batch.id, cursor=cursor, size=500)
            held += [row.row_no for row in page.rows]
            cursor = page.next
            if cursor is None:
                break
        assert sorted(numbers + held) == list(range(2, ROWS + 2))
    actions.sweep_store(operations, older_than=-1)
    kept = [path for path in store().folder.joinpath("sources").rglob("*") if path.is_file()]
    assert not [path for path in kept if path.suffix != ".sealed"]
    assert len(kept) == len(found) * (1 + 2 * PARTS)


@pytest.mark.slow
def test_three_kills_lose_and_double_nothing(committed_db, tmp_path, monkeypatch):
    monkeypatch.setattr(intake, "PART_ROWS", PART_ROWS)
    ingest_with_kills(tmp_path, committed_db, kills=3, seed=int(time.time()))


@pytest.mark.long
def test_many_kills_lose_and_double_nothing(committed_db, tmp_path, monkeypatch):
    monkeypatch.setattr(intake, "PART_ROWS", PART_ROWS)
    ingest_with_kills(tmp_path, committed_db, kills=20, seed=int(time.time()))
