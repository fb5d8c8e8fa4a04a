"""A contract that cannot fail is decoration: breaches of every law, planted in a copy, must each be found.

All are planted at once, each in a module of its own, and the tree is read once: a breach counts as found only where
the report of its own law names its own module, so that none stands in for another.
"""

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
    ("Imports point only up the list of rooms", "wangge/office/planted.py", "import wangge.duty.survey"),
    ("Imports point only up the list of rooms", "wangge/duty/planted.py", "import wangge.office.store_words"),
    ("Imports point only up the list of rooms", "wangge/canvass/planted.py", "import wangge.office.store_words"),
    ("Imports point only up the list of rooms", "wangge/console/planted.py", "import wangge.duty.pages.cases"),
    ("A room is entered only through its doors", "wangge/duty/planted.py", "import wangge.cases.models"),
    ("The frame is for the desks", "wangge/api/planted.py", "import wangge.console.page"),
    ("A room is entered only through its doors", "wangge/cases/planted.py", "import wangge.access.models"),
    ("A room is entered only through its doors", "wangge/cases/planted.py", "import wangge.territory.standing"),
    ("A room is entered only through its doors", "wangge/project/planted.py", "import wangge.cases.actions.importing"),
    ("A room is entered only through its doors", "wangge/cases/planted.py", "import wangge.access"),
    ("A room is entered only through its doors", "wangge/flows/planted.py", "from wangge.cases.actions import importing"),
    ("A room is entered only through its doors", "wangge/release/planted.py", "import wangge.linkage.analysis"),
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
    ("The credential is issued only by the room", "wangge/cases/planted.py", "import wangge_credential"),
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


def test_the_tree_keeps_every_law(copy: Path) -> None:
    done = _lint(copy)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "0 broken" in done.stdout


def _module(number: int, place: str) -> str:
    """The dotted name of the module that holds a breach; what is not there already gets a number."""
    dotted = place.removesuffix(".py").removesuffix("/__init__").replace("/", ".")
    return dotted.replace("planted", f"planted_{number}")


@pytest.fixture(scope="module")
def reported(copy: Path) -> dict[str, str]:
    """What the linter says of a tree with every breach in it: law -> its report."""
    tree = copy.with_name("breached")
    shutil.copytree(copy, tree)
    for number, (_, place, line) in enumerate(BREACHES):
        target = tree / "src" / place.replace("planted", f"planted_{number}")
        before = target.read_text(encoding="utf-8") if target.exists() else ""
        target.parent.mkdir(exist_ok=True)
        target.write_text(f"{before}\n{line}\n", encoding="utf-8")
    done = _lint(tree)
    assert done.returncode != 0, done.stdout
    _, _, reports = done.stdout.partition("\nBroken contracts\n")
    headings = list(re.finditer(r"^(\S.*)\n-{4,}\n", reports, re.MULTILINE))
    ends = [heading.start() for heading in headings[1:]] + [len(reports)]
    return {h[1]: reports[h.end() : end] for h, end in zip(headings, ends, strict=True)}


@pytest.mark.parametrize(
    ("number", "law", "place"), [(n, law, place) for n, (law, place, _) in enumerate(BREACHES)]
)
def test_a_planted_breach_is_found(reported: dict[str, str], number: int, law: str, place: str) -> None:
    (report,) = (said for name, said in reported.items() if name.startswith(law))
    starts = rf"^-? *{re.escape(_module(number, place))}(?= ->| \(line|$)"
    assert re.search(starts, report, re.MULTILINE), report


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
