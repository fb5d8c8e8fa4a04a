"""The commands: what each prepares, runs, and hands to it. Nothing real is started here."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from launcher import cli, database, environment
from launcher.places import CHECKOUT, Places
from launcher.progress import Stop
from launcher.urls import Urls

URLS = Urls(app="postgresql://app@/x", owner="postgresql://owner@/x")


@dataclass
class Seen:
    """What the command line did."""

    locks: tuple[str, ...] = ()
    web: bool | None = None
    runs: list[tuple[list[str], dict[str, str], Path | None]] = field(default_factory=list)
    migrated: list[bool] = field(default_factory=list)
    served: list[tuple[str, int]] = field(default_factory=list)
    codes: dict[str, int] = field(default_factory=dict)
    home: Path | None = None
    database: str = ""

    @property
    def command(self) -> list[str]:
        """The last command without its interpreter."""
        return self.runs[-1][0][1:]


@pytest.fixture
def seen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Seen:
    found = Seen()

    @contextmanager
    def running(where: Places) -> Iterator[Urls]:
        yield URLS

    def prepare(where: Places, *locks: str, web: bool = True) -> None:
        found.locks, found.web = locks, web

    def run(command: list[str], environ: dict[str, str], folder: Path | None = None) -> int:
        found.runs.append((list(command), environ, folder))
        return next((code for word, code in found.codes.items() if word in command), 0)

    def serve(
        where: Places, urls: Urls, host: str, port: int, on_ready: object, *, home: Path | None = None
    ) -> int:
        found.served.append((host, port))
        found.home, found.database = home, urls.app.partition("?")[0].rpartition("/")[2]
        return 0

    monkeypatch.delenv("CI", raising=False)
    monkeypatch.setenv("WANGGE_HOME", str(tmp_path))
    monkeypatch.setattr(cli, "prepare", prepare)
    monkeypatch.setattr(environment, "prepare", lambda where, *locks: None)
    monkeypatch.setattr(cli, "run", run)
    monkeypatch.setattr(cli, "serve", serve)
    monkeypatch.setattr(database, "running", running)
    monkeypatch.setattr(
        database, "migrate", lambda where, urls, only_if_changed=False: found.migrated.append(only_if_changed)
    )
    return found


def test_a_demo_that_runs_once_passes_everything_on_and_serves_nothing(
    seen: Seen, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(["demo", "--scale", "village", "--once", "--json"]) == 0
    assert seen.command == ["-m", "demo.run", "--json", "--scale", "village", "--once"]
    assert seen.runs[0][1]["WANGGE_OWNER_URL"] == URLS.owner
    assert (seen.web, seen.migrated, seen.served) == (False, [], [])
    assert capsys.readouterr().out == ""


def test_a_demo_serves_after_its_story_on_the_port_asked_for(seen: Seen) -> None:
    assert cli.main(["demo", "--port", "9000"]) == 0
    assert seen.command == ["-m", "demo.run", "--scale", "town"]
    assert (seen.web, seen.served) == (True, [("127.0.0.1", 9000)])
    assert seen.home is not None and seen.home.name == "demo-town", "never the home of a real district"
    assert seen.database == "wangge_demo_town"


def test_a_demo_that_fails_serves_nothing_and_says_so_by_its_status(seen: Seen) -> None:
    seen.codes["demo.run"] = 5
    assert cli.main(["demo"]) == 5
    assert seen.served == []


def test_a_management_command_runs_as_the_platform_does(seen: Seen) -> None:
    assert cli.main(["manage", "ledger", "verify"]) == 0
    environ = seen.runs[0][1]
    assert environ["WANGGE_APP_URL"] == URLS.app
    assert "WANGGE_OWNER_URL" not in environ
    assert seen.migrated == [True]


def test_only_what_changes_tables_runs_as_their_owner(seen: Seen) -> None:
    assert cli.main(["manage", "migrate"]) == 0
    assert seen.runs[0][1]["WANGGE_OWNER_URL"] == URLS.owner
    assert seen.migrated == []


@pytest.mark.parametrize("name", ["engine", "credential"])
def test_commands_on_plain_files_get_no_database(
    seen: Seen, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://boss:secret@db/x")
    assert cli.main([name, "--help"]) == 0
    command, environ, folder = seen.runs[0]
    assert command[1:] == ["-m", f"wangge_{name}", "--help"]
    assert [key for key in environ if key.endswith("_URL") and "PG" not in key and "INDEX" not in key] == []
    assert folder is None  # relative file names mean what the user says
    assert seen.web is None


def test_tests_run_on_two_workers_without_the_long_ones(seen: Seen) -> None:
    assert cli.main(["test", "tests/kernel", "-x"]) == 0
    assert seen.command == ["-m", "pytest", "-n", "2", "--dist", "worksteal", "tests/kernel", "-x"]
    assert seen.locks == (environment.DEV,)
    assert seen.runs[0][2] == CHECKOUT


def test_long_tests_are_asked_for_and_a_debugger_gets_one_process(seen: Seen) -> None:
    assert cli.main(["test", "--long", "--pdb"]) == 0
    assert seen.command == ["-m", "pytest", "-m", "long or not long", "--pdb"]


def test_in_ci_the_closing_line_is_whole_and_spark_is_there(
    seen: Seen, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CI", "true")
    assert cli.main(["test"]) == 0
    assert "-v" in seen.command
    assert seen.locks == (environment.DEV, environment.SPARK)


def test_check_ends_with_the_tests(
    seen: Seen, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(cli.frontend, "find_node", lambda where: None)
    monkeypatch.setattr(cli.frontend, "run", lambda *arguments, **_: None)
    assert cli.main(["check"]) == 0
    words = [" ".join(command[1:]) for command, _, _ in seen.runs]
    assert words[:3] == ["-m ruff format --check .", "-m ruff check .", "-m mypy"]
    assert words[-1].startswith("-m pytest")
    assert "types passed" in capsys.readouterr().err


def test_check_stops_at_the_first_failure_and_says_which(
    seen: Seen, capsys: pytest.CaptureFixture[str]
) -> None:
    seen.codes["mypy"] = 3
    assert cli.main(["check"]) == 3
    assert seen.command == ["-m", "mypy"]
    assert "types failed (3)" in capsys.readouterr().err


def test_a_stop_is_one_line_and_its_code(
    seen: Seen, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def prepare(*_: object, **__: object) -> None:
        raise Stop("缺", "missing", 2)

    monkeypatch.setattr(cli, "prepare", prepare)
    assert cli.main(["serve"]) == 2
    assert capsys.readouterr().err == "wangge: 缺 · missing\n"


def test_an_interrupt_ends_with_130(seen: Seen, monkeypatch: pytest.MonkeyPatch) -> None:
    def prepare(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(cli, "prepare", prepare)
    assert cli.main(["serve"]) == 130


def test_serving_others_needs_names_and_says_so(seen: Seen, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["serve", "--host", "0.0.0.0"]) == 0
    assert "WANGGE_HOSTS" in capsys.readouterr().err
    assert seen.served == [("0.0.0.0", 8000)]


def test_a_program_s_death_by_signal_is_told_as_a_shell_does() -> None:
    program = "import os, signal; os.kill(os.getpid(), signal.SIGKILL)"
    assert cli.run([sys.executable, "-c", program], {}) == 137
    assert cli.run([sys.executable, "-c", "raise SystemExit(4)"], {}) == 4
