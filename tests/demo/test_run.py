"""The main job as a user runs it: one JSON object, and files from which anyone can recompute its figures."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import psycopg
import pytest
from psycopg import sql

from demo.evaluation import evaluate
from demo.place import named
from wangge.ledger.rules.files import check

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory):
    """A village run once; gives the summary and the folder it was written to."""
    home, out = tmp_path_factory.mktemp("home"), tmp_path_factory.mktemp("out")
    # the place's database is named after its home, so that two test workers never share one
    environment = os.environ | {
        "WANGGE_HOME": str(home),
        "WANGGE_DEMO_SUFFIX": f"-test-{os.getpid()}",
        "PYTHONPATH": os.pathsep.join([str(ROOT / "src"), str(ROOT)]),
    }
    done = subprocess.run(
        [sys.executable, "-m", "demo.run", "--scale", "village", "--once", "--json", "--out", str(out)],
        env=environment,
        cwd=ROOT,
        capture_output=True,
        check=False,
        timeout=1500,
    )
    assert done.returncode == 0, done.stderr.decode()[-3000:]
    lines = done.stdout.decode().splitlines()
    assert len(lines) == 1, "stdout is one object and nothing else"
    yield json.loads(lines[0]), out
    database = f"wangge_demo_village_test_{os.getpid()}"
    with psycopg.connect(named(os.environ["WANGGE_OWNER_URL"], "postgres"), autocommit=True) as owner:
        owner.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(database)))


@pytest.mark.slow
def test_the_summary_says_what_was_done(run) -> None:
    summary, _ = run
    assert summary["rows"]["in"] > 6000 and summary["rows"]["quarantined"] > 0
    assert 1990 <= summary["persons"] <= 2060
    assert summary["linkage"]["f1"] >= 0.97
    assert all(
        0 < summary["exposure"][tier] <= summary["findings"][tier] for tier in ("red", "yellow", "blue")
    )
    assert summary["tasks"] > summary["visits"] > 0
    assert summary["cases"]["opened"] > summary["cases"]["closed"] > 0
    assert summary["ledger"]["verified"] is True and summary["ledger"]["entries"] > 100
    assert {"territory", "intake", "linkage", "ledger"} <= {s["name"] for s in summary["stages"]}


@pytest.mark.slow
def test_anyone_can_recompute_the_linkage_figures(run) -> None:
    summary, out = run
    found = evaluate(out / "clusters.csv", out / "truth.csv")
    assert {"precision": found.precision, "recall": found.recall, "f1": found.f1} == summary["linkage"]


@pytest.mark.slow
def test_the_exported_ledger_fails_on_a_changed_byte(run) -> None:
    _, out = run
    path = out / "ledger.jsonl"
    assert check(path).verified
    whole = bytearray(path.read_bytes())
    whole[len(whole) // 2] ^= 1
    (out / "altered.jsonl").write_bytes(bytes(whole))
    assert not check(out / "altered.jsonl").verified
