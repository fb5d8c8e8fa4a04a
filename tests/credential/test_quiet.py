"""10,000 checks send nothing and write nothing: watched from inside the interpreter and by the kernel's counters."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from tests.credential.house import house
from tests.credential.vectors import AT
from wangge_credential.issuing import issue

ROOT = Path(__file__).resolve().parents[2]
# an audit hook cannot be taken away again: so a process of its own
WATCHED = """
import json, os, sys, time
from pathlib import Path
from wangge_credential import Verifier, read_bundle
texts, trust, at = json.loads(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3])
verifier = Verifier(read_bundle(trust))
seen = []
def watch(event, arguments):
    flags = arguments[2] if event == "open" and len(arguments) > 2 else 0
    if event.split(".")[0] in ("socket", "sqlite3", "subprocess", "os", "shutil", "urllib", "http", "ftplib", "smtplib"):
        seen.append(event)
    if event == "open" and flags & (os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_TRUNC):
        seen.append(event)
def counters():
    file = Path("/proc/self/io")
    return {k: v for k, v in (line.split(":") for line in file.read_text().splitlines())} if file.exists() else {}
sys.addaudithook(watch)
before = counters()
began = time.process_time()
verdicts = {}
for number in range(10_000):
    verdict = verifier.check(texts[number % len(texts)], at).verdict
    verdicts[verdict] = verdicts.get(verdict, 0) + 1
took = time.process_time() - began
after = counters()
wrote = {name: int(after[name]) - int(before[name]) for name in after if name in ("wchar", "syscw", "write_bytes")}
print(json.dumps({"verdicts": verdicts, "seen": seen, "wrote": wrote, "seconds": took}))
"""


def test_ten_thousand_checks_send_no_byte_and_write_no_row(tmp_path: Path) -> None:
    bundle = tmp_path / "trust.json"
    bundle.write_text(house().bundle(), encoding="utf-8")
    good = issue(house().signer, house().claims(AT))
    bad = issue(house().signer, house().revoked(AT))
    before = {path.name for path in tmp_path.iterdir()}
    done = subprocess.run(
        [sys.executable, "-c", WATCHED, json.dumps([good, bad, good[:-1], good, good]), str(bundle), str(AT)],
        capture_output=True,
        text=True,
        check=True,
        timeout=300,
        cwd=tmp_path,
        env={"PYTHONPATH": str(ROOT / "src"), "PATH": "", "PYTHONDONTWRITEBYTECODE": "1"},
    )
    found = json.loads(done.stdout)
    assert found["verdicts"] == {"valid": 6000, "invalid": 2000, "unreadable": 2000}
    assert found["seen"] == []
    assert set(found["wrote"].values()) <= {0}
    assert {path.name for path in tmp_path.iterdir()} == before
    assert found["seconds"] < 15
