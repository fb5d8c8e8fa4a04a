"""Set-up: what is checked, stamped and said, without building anything that takes long."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import time
from pathlib import Path

import pytest

from launcher import environment, frontend, messages, wheels
from launcher.cli import COMMANDS, HELP, main
from launcher.places import CHECKOUT, Places, locked, places, stamp_is, write_private
from launcher.progress import Stage, Stop
from launcher.urls import as_role, embedded_url

WANGGE = CHECKOUT / "wangge"


def _wangge(*arguments: str, **environ: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, str(WANGGE), *arguments],
        capture_output=True,
        text=True,
        env={**os.environ, **environ},
        check=False,
    )


def test_the_script_parses_on_an_old_python() -> None:
    import ast

    tree = ast.parse(WANGGE.read_text(encoding="utf-8"), feature_version=(3, 6))
    assert os.access(WANGGE, os.X_OK)
    imported = [node for node in ast.walk(tree) if isinstance(node, ast.Import | ast.ImportFrom)]
    assert {alias.name for node in imported for alias in node.names} == {"os", "sys", "main"}


@pytest.mark.parametrize("version", [(3, 9, 2), (3, 15, 0)])
def test_a_python_that_does_not_fit_is_one_line_in_both_languages(
    version: tuple[int, int, int], tmp_path: Path
) -> None:
    program = (
        "import sys, runpy\n"
        f"sys.version_info = {version}\n"
        f"sys.argv = ['wangge']\nrunpy.run_path({str(WANGGE)!r}, run_name='__main__')\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program],
        capture_output=True,
        text=True,
        env={"PATH": str(tmp_path)},
        check=False,
    )
    assert done.returncode == 2
    assert done.stderr.count("\n") == 1
    assert "需要 Python 3.11" in done.stderr
    assert f"needs Python 3.11 to 3.14, this is {version[0]}.{version[1]}" in done.stderr


def test_help_lists_every_command(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["help"]) == 0
    assert capsys.readouterr().out == HELP
    assert [name for name in COMMANDS if f"./wangge {name}" not in HELP] == []


def test_an_unknown_command_is_refused_with_where_to_look(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["serv"]) == 2
    assert "没有命令 serv" in capsys.readouterr().err


def test_reset_asks_for_yes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(environment, "prepare", lambda *_: None)
    monkeypatch.setenv("WANGGE_HOME", str(tmp_path))
    assert main(["database", "reset"]) == 2
    assert "--yes" in capsys.readouterr().err


def test_an_environment_without_ensurepip_says_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(environment.importlib.util, "find_spec", lambda name: None)
    with pytest.raises(Stop, match="apt install python3-venv"):
        environment.prepare(places(tmp_path))


def _fake_environment(home: Path) -> Places:
    """An environment that looks whole: stamps, interpreter and link as set-up leaves them."""
    where = places(home).prepare()
    site = where.venv / "lib" / "python3.11" / "site-packages"
    site.mkdir(parents=True)
    (where.venv / "bin").mkdir()
    where.python.write_text("")
    (site / "wangge.pth").write_text(f"{where.checkout / 'src'}\n{where.checkout}\n", encoding="utf-8")
    (where.stamps / environment.BASE).write_text(environment.lock_stamp(where, (environment.BASE,)))
    return where


def test_a_prepared_environment_runs_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    where = _fake_environment(tmp_path)
    monkeypatch.setattr(environment.subprocess, "run", None)  # any program started would fail
    environment.prepare(where)
    assert environment.installed(where) == (environment.BASE,)


def test_an_interrupted_installation_is_made_afresh(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    where = _fake_environment(tmp_path)
    (where.venv / "installing").touch()
    monkeypatch.setattr(environment.importlib.util, "find_spec", lambda name: None)
    with pytest.raises(Stop):
        environment.prepare(where)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("WARNING: Retrying ... NewConnectionError('Failed to establish')", "no network"),
        ("socket.gaierror: Temporary failure in name resolution", "no network"),
        (
            "ERROR: THESE PACKAGES DO NOT MATCH THE HASHES FROM THE REQUIREMENTS FILE.",
            "DO NOT MATCH THE HASHES",
        ),
    ],
)
def test_a_failed_installation_is_said_in_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, words: str, said: str
) -> None:
    where = places(tmp_path).prepare()

    def failing(command: list[str], **_: object) -> subprocess.CompletedProcess[str]:
        return subprocess.CompletedProcess(command, 1, "", words)

    monkeypatch.setattr(environment.subprocess, "run", failing)
    with pytest.raises(Stop, match=said) as caught:
        environment._pip(where, 2, "install")
    assert "\n" not in str(caught.value)
    assert words in (where.logs / "pip.log").read_text(encoding="utf-8")


def test_the_locks_pin_with_hashes_and_hold_no_addresses() -> None:
    for lock in environment.ORDER:
        text = (CHECKOUT / lock).read_text(encoding="utf-8")
        blocks = [block for block in text.replace("\\\n", " ").splitlines() if environment.PIN.match(block)]
        assert len(blocks) >= 2
        assert [block[:60] for block in blocks if "--hash=sha256:" not in block] == []
        assert "http" not in text
        assert "index" not in text


def test_npm_s_lock_holds_both_platforms_and_no_addresses() -> None:
    """A lock made where a package for another system was not to be had makes `npm ci` refuse, or macOS fail."""
    text = (CHECKOUT / "web" / "package-lock.json").read_text(encoding="utf-8")
    packages = json.loads(text)["packages"]
    assert '"resolved"' not in text
    wanted = {
        name
        for package in packages.values()
        for name in package.get("optionalDependencies", {})
        if re.search(r"linux-x64(-gnu)?$|darwin-arm64$", name)
    }
    assert wanted
    assert sorted(name for name in wanted if f"node_modules/{name}" not in packages) == []


LOCK = """\
alpha==1.0 ; sys_platform == 'darwin' \\
    --hash=sha256:aa \\
    --hash=sha256:ab
    # via x
beta==2.0 ; python_full_version < '3.12' \\
    --hash=sha256:bb
gamma==3.0 \\
    --hash=sha256:cc
"""


@pytest.mark.parametrize(
    ("system", "python", "names"),
    [
        ("macosx_14_0_arm64", "3.11", ["alpha", "beta", "gamma"]),
        ("macosx_14_0_arm64", "3.13", ["alpha", "gamma"]),
        ("manylinux_2_28_x86_64", "3.11", ["beta", "gamma"]),
    ],
)
def test_a_lock_is_read_as_the_target_would(system: str, python: str, names: list[str]) -> None:
    text = wheels.for_target(LOCK, system, python, set())
    assert re.findall(r"^(\w+)==", text, re.MULTILINE) == names
    assert ";" not in text
    assert wheels.for_target(LOCK, system, python, {"gamma"}).count("==") == len(names) - 1
    if "alpha" in names:
        assert "--hash=sha256:aa" in text
        assert "--hash=sha256:ab" in text


def test_making_the_locks_without_uv_says_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert main(["lock"]) == 2
    assert "pip install uv" in capsys.readouterr().err


def test_names_are_read_from_a_lock_normalised() -> None:
    assert environment.pinned("Django_Ninja==1.0 \\\n    --hash=sha256:00\n# x==1\n  via y==2\n") == {
        "django-ninja"
    }


@pytest.mark.parametrize(
    ("version", "good"),
    [("v18.20.0", False), ("v20.18.9", False), ("v20.19.0", True), ("v21.7.0", False), ("v22.11.0", False),
     ("v22.12.0", True), ("v24.1.0", True), ("", False)],
)  # fmt: skip
def test_node_is_used_only_where_vite_runs_on_it(version: str, good: bool) -> None:
    assert frontend.new_enough(version) is good


def test_pages_are_built_again_only_when_their_source_changes(tmp_path: Path) -> None:
    (tmp_path / "src").mkdir()
    (tmp_path / "src" / "a.ts").write_text("1")
    before = frontend.source_stamp(tmp_path)
    (tmp_path / "node_modules").mkdir()
    (tmp_path / "node_modules" / "b.js").write_text("x")
    assert frontend.source_stamp(tmp_path) == before
    (tmp_path / "src" / "a.ts").write_text("2")
    assert frontend.source_stamp(tmp_path) != before


PO = 'msgid ""\nmsgstr "Content-Type: text/plain; charset=UTF-8\\n"\n\nmsgid "Grid"\nmsgstr "网格"\n'


def test_translations_compile_once_and_again_after_a_change(tmp_path: Path) -> None:
    folder = tmp_path / "room" / "locale" / "zh_Hans" / "LC_MESSAGES"
    folder.mkdir(parents=True)
    (folder / "django.po").write_text(PO, encoding="utf-8")
    assert messages.compile_below(tmp_path) == [folder / "django.mo"]
    assert messages.compile_below(tmp_path) == []
    import gettext

    with (folder / "django.mo").open("rb") as file:
        assert gettext.GNUTranslations(file).gettext("Grid") == "网格"
    newer = (folder / "django.mo").stat().st_mtime_ns + 10**9
    os.utime(folder / "django.po", ns=(newer, newer))
    assert messages.stale(tmp_path) == [folder / "django.po"]


@pytest.mark.parametrize(
    ("text", "place"),
    [
        (PO + "\nmsgfoo", "django.po: "),
        (PO + '\n#, python-format\nmsgid "%(n)s rows"\nmsgstr "%(m)s 行"\n', "django.po:8: "),
    ],
)
def test_a_broken_translation_names_itself(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], text: str, place: str
) -> None:
    folder = tmp_path / "locale" / "zh_Hans" / "LC_MESSAGES"
    folder.mkdir(parents=True)
    (folder / "django.po").write_text(text, encoding="utf-8")
    assert messages.main([str(tmp_path)]) == 2
    assert place in capsys.readouterr().err
    assert not (folder / "django.mo").exists()


def test_addresses_carry_the_role_and_keep_the_rest() -> None:
    assert embedded_url("a", "b", "/x y/s", "d") == "postgresql://a:b@/d?host=%2Fx%20y%2Fs&port=5432"
    given = "postgres://boss:secret@db.example:6432/wangge?sslmode=require&user=boss&password=secret"
    assert (
        as_role(given, "wangge_app", "p")
        == "postgresql://wangge_app:p@db.example:6432/wangge?sslmode=require"
    )
    with pytest.raises(Stop, match="postgresql://"):
        as_role("mysql://x/y", "wangge_app", "p")


def test_a_private_file_is_private_from_the_first_byte(tmp_path: Path) -> None:
    write_private(tmp_path / "secret", "x")
    write_private(tmp_path / "secret", "y")
    assert (tmp_path / "secret").stat().st_mode & 0o777 == 0o600
    assert stamp_is(tmp_path / "secret", "y")
    assert [p.name for p in tmp_path.iterdir()] == ["secret"]


def test_a_lock_keeps_others_out_and_says_it_waits(tmp_path: Path) -> None:
    program = "import sys; from pathlib import Path; from launcher.places import locked\nwith locked(Path(sys.argv[1])): print('in')"
    with locked(tmp_path / "lock"):
        waiter = subprocess.Popen(
            [sys.executable, "-c", program, str(tmp_path / "lock")],
            cwd=CHECKOUT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        )  # fmt: skip
        assert waiter.stderr is not None
        assert "waiting" in waiter.stderr.readline()
        assert waiter.poll() is None
    out, _ = waiter.communicate(timeout=120)
    assert out == "in\n"


def test_a_quick_stage_says_nothing_and_a_slow_one_says_it_ended(capsys: pytest.CaptureFixture[str]) -> None:
    with Stage("快", "quick"):
        pass
    assert capsys.readouterr().err == ""
    with Stage("慢", "slow", quiet=0.0) as stage:
        while not stage._spoke:  # its thread may be late on a busy machine
            time.sleep(0.01)
    said = capsys.readouterr().err
    assert "slow done in" in said
    assert "慢完成" in said


def test_help_needs_nothing_set_up(tmp_path: Path) -> None:
    done = _wangge("help", WANGGE_HOME=str(tmp_path / "never"))
    assert done.returncode == 0
    assert not (tmp_path / "never").exists()


def test_a_home_that_cannot_be_written_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    done = _wangge("database", "status", WANGGE_HOME=str(tmp_path / "file" / "home"))
    assert done.returncode == 2
    assert "WANGGE_HOME" in done.stderr
    assert done.stderr.count("\n") == 1
