"""A contract that cannot fail is decoration: one breach per law, planted in a copy, must be found."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]

# law (as named in .importlinter), file to add or extend, line that breaks it
BREACHES = [
    ("Imports point only up the list of rooms", "wangge/kernel/planted.py", "import wangge.access.states"),
    ("Imports point only up the list of rooms", "wangge/access/planted.py", "import wangge.project.apps"),
    ("Imports point only up the list of rooms", "wangge/attic/__init__.py", ""),
    ("Imports point only up the list of rooms", "wangge/office/planted.py", "import wangge.duty.curve"),
    ("Imports point only up the list of rooms", "wangge/duty/planted.py", "import wangge.office.store_words"),
    ("Imports point only up the list of rooms", "wangge/console/planted.py", "import wangge.duty.pages.cases"),
    ("A room is entered only through its doors", "wangge/duty/planted.py", "import wangge.cases.models"),
    ("The frame is for the desks", "wangge/api/planted.py", "import wangge.console.page"),
    ("A room is entered only through its doors", "wangge/cases/planted.py", "import wangge.access.models"),
    ("A room is entered only through its doors", "wangge/cases/planted.py", "import wangge.territory.standing"),
    ("A room is entered only through its doors", "wangge/project/planted.py", "import wangge.cases.actions.importing"),
    ("A room is entered only through its doors", "wangge/cases/planted.py", "import wangge.access"),
    ("A room is entered only through its doors", "wangge/flows/planted.py", "from wangge.cases.actions import importing"),
    ("A room is entered only through its doors", "wangge/release/planted.py", "import wangge.registry.analysis"),
    ("Rules, states and the kernel are plain Python", "wangge/kernel/planted.py", "import django.db"),
    ("Rules, states and the kernel are plain Python", "wangge/ledger/rules/planted.py", "import psycopg"),
    ("Rules, states and the kernel are plain Python", "wangge/cases/rules/planted.py", "import wangge.cases.models"),
    ("Rules, states and the kernel are plain Python", "wangge/access/states.py", "import django.conf"),
    ("The engine is blind", "wangge_engine/planted.py", "import django"),
    ("The engine is blind", "wangge_engine/planted.py", "import wangge.kernel.units"),
    ("The engine is blind", "wangge_engine/planted.py", "import psycopg"),
    ("The credential and its verifier stand alone", "wangge_credential/planted.py", "import wangge.kernel.units"),
    ("No query engine inside the platform", "wangge/cases/planted.py", "import duckdb"),
    ("No query engine inside the platform", "wangge/access/planted.py", "def f():\n    import splink"),
    ("The engine is called only through", "wangge/cases/planted.py", "import wangge_engine"),
    ("The credential is issued only by outbreaks", "wangge/cases/planted.py", "import wangge_credential"),
    ("The platform knows nothing of its demo", "wangge/project/planted.py", "import demo.run"),
    ("The platform knows nothing of its demo", "wangge_engine/planted.py", "import tests.needs"),
]  # fmt: skip


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The tree that the contracts are about, alone."""
    tree = tmp_path_factory.mktemp("tree")
    ignored = shutil.ignore_patterns("__pycache__", "static", "data", "locale", "*.mo")
    shutil.copytree(ROOT / "src", tree / "src", ignore=ignored)
    shutil.copy(ROOT / ".importlinter", tree)
    (tree / "tests" / "house").mkdir(parents=True)
    for package in ("tests", "tests/house"):
        (tree / package / "__init__.py").touch()
    shutil.copy(ROOT / "tests" / "house" / "doors_contract.py", tree / "tests" / "house")
    return tree


def _lint(tree: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [
            sys.executable,
            "-c",
            "from importlinter.cli import lint_imports_command; lint_imports_command()",
            "--no-cache",
        ],
        cwd=tree,
        env={
            **os.environ,
            "PYTHONPATH": f"{tree}{os.pathsep}{tree / 'src'}",
            "COLUMNS": "200",
            "NO_COLOR": "1",
        },
        capture_output=True,
        text=True,
        check=False,
    )


def _broken(said: str) -> list[str]:
    return re.findall(r"^(.+?) BROKEN", said, re.MULTILINE)


def test_the_tree_keeps_every_law(copy: Path) -> None:
    done = _lint(copy)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "0 broken" in done.stdout


@pytest.mark.parametrize(("law", "place", "line"), BREACHES)
def test_a_planted_breach_is_found(copy: Path, law: str, place: str, line: str) -> None:
    target = copy / "src" / place
    before = target.read_text(encoding="utf-8") if target.exists() else None
    target.parent.mkdir(exist_ok=True)
    try:
        target.write_text(f"{before or ''}\n{line}\n", encoding="utf-8")
        done = _lint(copy)
        assert done.returncode != 0, done.stdout
        assert any(name.startswith(law) for name in _broken(done.stdout)), done.stdout + done.stderr
    finally:
        if before is None:
            target.unlink()
            if target.name == "__init__.py":
                target.parent.rmdir()
        else:
            target.write_text(before, encoding="utf-8")


def test_no_law_has_exceptions_and_every_law_is_tried() -> None:
    text = (ROOT / ".importlinter").read_text(encoding="utf-8")
    assert "ignore_imports" not in text
    laws = re.findall(r"^name = (.+)$", text, re.MULTILINE)
    untried = [law for law in laws if not any(law.startswith(tried) for tried, _, _ in BREACHES)]
    assert untried == []


@pytest.mark.parametrize("name", ["utils", "helpers", "common", "misc"])
def test_no_module_is_named_for_nothing(name: str) -> None:
    folders = [ROOT / "src", ROOT / "launcher", ROOT / "demo", ROOT / "tests", ROOT / "benchmarks"]
    found = [
        path for folder in folders for path in folder.rglob("*.py") if name in (path.stem, path.parent.name)
    ]
    assert found == []
