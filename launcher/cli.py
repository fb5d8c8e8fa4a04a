"""The commands of `./wangge`. Each prepares what it needs, and nothing more, then runs one program."""

from __future__ import annotations

import argparse
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path

from launcher import database, environment, frontend, messages, postgres
from launcher.places import Places, places
from launcher.progress import Stop, say
from launcher.relock import relock
from launcher.serve import serve
from launcher.urls import Urls

HELP = """\
网格 Wangge

  ./wangge demo [--scale village|town|district] [--once] [--json] [--out DIR] [--port N]
                        示范区：准备、生成、走完主线并开放页面 · a running demo district
  ./wangge serve [--host H] [--port N]
                        开放服务 · serve the platform (default http://127.0.0.1:8000/)
  ./wangge test [--long] [pytest 参数 · arguments]
                        测试 · run the tests
  ./wangge check        格式、检查、类型、导入契约、文档、测试 · everything that must hold
  ./wangge fix          改正格式 · put the format right
  ./wangge manage ...   管理命令 · management commands
  ./wangge engine ...   分析，直接用于文件 · analyses on plain files
  ./wangge credential ...  健康凭证 · signed credentials and their verifier
  ./wangge docs [--check]  生成文档 · generate the documents
  ./wangge setup [--dev] [--spark]
                        只做准备 · prepare and do nothing else
  ./wangge lock [--upgrade]
                        重做锁定文件（需要 uv）· make the locks anew (needs uv)
  ./wangge database start|stop|status|reset --yes
                        内嵌数据库 · the embedded database
  ./wangge stop         停止内嵌数据库 · stop the embedded database
  ./wangge help         本页 · this page

WANGGE_HOME   存放一切运行所得，默认 <checkout>/.wangge · where all a run makes is kept
DATABASE_URL  外部 PostgreSQL 15+（所有者连接）· an external PostgreSQL 15+, as the tables' owner
"""

LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})

# management commands that change tables or rights; every other one runs as the platform itself does
OWNER_COMMANDS = frozenset(
    {"migrate", "provision_wall", "makemigrations", "showmigrations", "sqlmigrate", "flush", "dbshell"}
)
# those that need neither the tables nor a database that runs
FREE_COMMANDS = frozenset({"help", "--help", "-h", "version", "--version", "docs"})


def run(command: Sequence[str], environ: dict[str, str], folder: Path | None = None) -> int:
    """Run one program in the foreground; Ctrl-C is its to handle, the result is its exit status.

    `folder` is where it runs; by default where the user stands, so that relative file names mean what they say.
    """
    process = subprocess.Popen(list(command), cwd=folder, env=environ)
    while True:
        try:
            return _status(process.wait())
        except KeyboardInterrupt:  # the terminal sent it to the program too
            with suppress(subprocess.TimeoutExpired):
                return _status(process.wait(timeout=30))
            process.terminate()


def _status(code: int) -> int:
    return 128 - code if code < 0 else code


def _python(where: Places, *arguments: str) -> list[str]:
    return [str(where.python), *arguments]


def prepare(where: Places, *locks: str, web: bool = True) -> None:
    """Environment, messages and pages, as far as they changed."""
    environment.prepare(where, *locks)
    messages.prepare(where)
    if web and not os.environ.get("WANGGE_NO_WEB"):
        frontend.build(where)


def setup(arguments: list[str]) -> int:
    """`setup`: all that the others do by themselves."""
    parser = argparse.ArgumentParser(prog="wangge setup")
    parser.add_argument("--dev", action="store_true")
    parser.add_argument("--spark", action="store_true")
    options = parser.parse_args(arguments)
    where = places()
    wanted = [
        lock for lock, asked in ((environment.DEV, options.dev), (environment.SPARK, options.spark)) if asked
    ]
    prepare(where, *wanted)
    say("准备完毕", "ready")
    return 0


def serve_command(arguments: list[str]) -> int:
    """`serve`."""
    parser = argparse.ArgumentParser(prog="wangge serve")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8000)
    options = parser.parse_args(arguments)
    where = places()
    if options.host not in LOOPBACK and not os.environ.get("WANGGE_HOSTS"):
        say("对外开放须设 WANGGE_HOSTS（见 deploy/README.md）", "set WANGGE_HOSTS too, see deploy/README.md")
    prepare(where)
    with database.running(where) as urls:
        database.migrate(where, urls)
        return serve(where, urls, options.host, options.port, _tell_address)


def _tell_address(address: str) -> None:
    say(f"已就绪：{address}（Ctrl-C 停止）", f"ready: {address} (Ctrl-C stops)")


def demo(arguments: list[str]) -> int:
    """`demo`: the demo's own program, in a database and a home of its own, then the pages unless `--once`."""
    parser = argparse.ArgumentParser(prog="wangge demo", add_help=False)
    parser.add_argument("--once", action="store_true")
    parser.add_argument("--scale", default="town")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8000)
    options, rest = parser.parse_known_args(arguments)
    where = places()
    prepare(where, web=not options.once)
    passed = [*rest, "--scale", options.scale, *(["--once"] if options.once else [])]
    name = f"demo-{options.scale}"  # demo/place.py names the home and the database in the same way
    with database.running(where) as urls:
        code = run(_python(where, "-m", "demo.run", *passed), _with_owner(where, urls))
        if code or options.once or "--help" in rest or "-h" in rest:
            return code
        home, own = where.home / name, urls.named(f"wangge_{name.replace('-', '_')}")
        return serve(
            where, own, options.host, options.port, lambda address: _tell_demo(home, address), home=home
        )


def _tell_demo(home: Path, address: str) -> None:
    """The address and how to sign in; the demo wrote the sign-ins where only its owner reads them."""
    _tell_address(address)
    with suppress(FileNotFoundError):
        sys.stderr.write((home / "sign-ins.txt").read_text(encoding="utf-8"))


def _with_owner(where: Places, urls: Urls) -> dict[str, str]:
    return database.child_environment(where, urls, owner=True)


def manage(arguments: list[str]) -> int:
    """`manage`: one management command, with the database on."""
    where = places()
    prepare(where, web=False)
    command = _python(where, "-m", "wangge.project.manage", *arguments)
    if not arguments or arguments[0] in FREE_COMMANDS:
        return run(command, database.child_environment(where))
    owner = arguments[0] in OWNER_COMMANDS
    with database.running(where) as urls:
        if not owner:
            database.migrate(where, urls, only_if_changed=True)
        return run(command, database.child_environment(where, urls, owner=owner))


def plain(module: str) -> Callable[[list[str]], int]:
    """A command on plain files: needs the environment only, neither database nor pages."""

    def command(arguments: list[str]) -> int:
        where = places()
        environment.prepare(where)
        return run(_python(where, "-m", module, *arguments), database.child_environment(where))

    return command


def _test_locks() -> list[str]:
    """The development lock, and Spark's where the distributed engine is to be tested (in CI always)."""
    spark = os.environ.get("CI") or environment.SPARK in environment.installed(places())
    return [environment.DEV, *([environment.SPARK] if spark else [])]


def test(arguments: list[str]) -> int:
    """`test`: pytest on two workers. Nothing is said after its closing line."""
    where = places()
    prepare(where, *_test_locks())
    chosen = [argument for argument in arguments if argument != "--long"]
    if "--long" in arguments:
        chosen = ["-m", "long or not long", *chosen]
    if os.environ.get("CI"):
        chosen = ["-v", "-p", "no:cacheprovider", *chosen]  # -q and -v cancel: the full closing line
    if not any(argument in ("-n", "--numprocesses", "--pdb") for argument in chosen):
        chosen = ["-n", "2", "--dist", "worksteal", *chosen]  # see tests/order.py
    with database.running(where) as urls:
        return run(_python(where, "-m", "pytest", *chosen), _with_owner(where, urls), where.checkout)


def fix(arguments: list[str]) -> int:
    """`fix`: what the linter can put right by itself."""
    where = places()
    environment.prepare(where, environment.DEV)
    environ = database.child_environment(where)
    ruff = _python(where, "-m", "ruff")
    folder = where.checkout
    return run([*ruff, "check", "--fix", "."], environ, folder) or run(
        [*ruff, "format", "."], environ, folder
    )


def docs(arguments: list[str]) -> int:
    """`docs`: generate them, or with `--check` say whether they are as generated."""
    return plain("wangge_engine.frame.manual")(arguments) or manage(["docs", *arguments])


def check(arguments: list[str]) -> int:
    """`check`: all that must hold, in order, each step timed; the tests last, so that their line closes."""
    if arguments:
        raise Stop("check 不接受参数", "check takes no arguments")
    where = places()
    prepare(where, *_test_locks())
    environ = database.child_environment(where)
    for zh, en, command in _check_steps(where):
        began = time.monotonic()
        code = (
            _check_pages(where, command[1:]) if command[0] == "npm" else run(command, environ, where.checkout)
        )
        if code:
            say(f"{zh}未通过（{code}）", f"{en} failed ({code})")
            return code
        say(f"{zh}通过，{time.monotonic() - began:.1f} 秒", f"{en} passed, {time.monotonic() - began:.1f} s")
    return test([])


def _check_steps(where: Places) -> list[tuple[str, str, list[str]]]:
    ruff = _python(where, "-m", "ruff")
    steps = [
        ("格式", "format", [*ruff, "format", "--check", "."]),
        ("检查", "lint", [*ruff, "check", "."]),
        ("类型", "types", _python(where, "-m", "mypy")),
        ("导入契约", "import contracts", [str(where.venv / "bin" / "lint-imports"), "--no-cache"]),
    ]
    if any((where.checkout / "src/wangge").glob("*/management/commands/docs.py")):
        steps.append(("文档", "documents", _python(where, "-m", "wangge.project.manage", "docs", "--check")))
    manuals = _python(where, "-m", "wangge_engine.frame.manual", "--check")
    steps.append(("引擎手册", "engine manuals", manuals))
    if (where.checkout / "web" / "package.json").exists():
        steps.append(("网页类型", "page types", ["npm", "run", "check"]))
        steps.append(("网页测试", "page tests", ["npm", "test"]))
    return steps


def _check_pages(where: Places, arguments: list[str]) -> int:
    try:
        frontend.run(where, frontend.find_node(where), *arguments)
    except Stop as stop:
        sys.stderr.write(f"{stop}\n")
        return stop.code
    return 0


def stop(arguments: list[str]) -> int:
    """`stop`: end the embedded database."""
    if postgres.stop():
        say("数据库已停止", "the database has stopped")
    else:
        say("数据库没有运行", "the database is not running")
    return 0


def database_command(arguments: list[str]) -> int:
    """`database start|stop|status|reset --yes`."""
    parser = argparse.ArgumentParser(prog="wangge database")
    parser.add_argument("deed", choices=("start", "stop", "status", "reset"))
    parser.add_argument("--yes", action="store_true")
    options = parser.parse_args(arguments)
    where = places()
    if options.deed == "stop":
        return stop([])
    environment.prepare(where)
    if options.deed == "start":
        postgres.ensure(where.home)
    elif options.deed == "reset":
        if not options.yes:
            raise Stop("将删除全部数据：请加 --yes", "this deletes all data: add --yes")
        postgres.reset(where.home)
        (where.stamps / "schema").unlink(missing_ok=True)
    found = postgres.status(where.home)
    state = ("运行中", f"running, pid {found.pid}") if found.pid else ("未运行", "not running")
    say(f"数据库{state[0]}：{found.folder}", f"the database is {state[1]}")
    return 0


def lock_command(arguments: list[str]) -> int:
    """`lock`: the requirements files from pyproject.toml."""
    parser = argparse.ArgumentParser(prog="wangge lock")
    parser.add_argument("--upgrade", action="store_true")
    relock(places(), parser.parse_args(arguments).upgrade)
    return 0


COMMANDS: dict[str, Callable[[list[str]], int]] = {
    "demo": demo,
    "serve": serve_command,
    "test": test,
    "check": check,
    "fix": fix,
    "manage": manage,
    "engine": plain("wangge_engine"),
    "credential": plain("wangge_credential"),
    "docs": docs,
    "setup": setup,
    "lock": lock_command,
    "database": database_command,
    "stop": stop,
}


def main(arguments: list[str]) -> int:
    """Entry; returns the exit status."""
    if sys.platform not in ("linux", "darwin"):
        say("只支持 Linux 和 macOS", "Linux and macOS only (on Windows: WSL)")
        return 2
    name, rest = (arguments[0], arguments[1:]) if arguments else ("help", [])
    if name in ("help", "-h", "--help"):
        sys.stdout.write(HELP)
        return 0
    if name not in COMMANDS:
        say(f"没有命令 {name}，见 ./wangge help", f"no command {name}, see ./wangge help")
        return 2
    before = signal.signal(signal.SIGTERM, _terminated)
    try:
        return COMMANDS[name](rest)
    except Stop as stopped:
        sys.stderr.write(f"wangge: {stopped}\n")
        return stopped.code
    except KeyboardInterrupt:
        say("已中断", "interrupted")
        return 130
    finally:
        signal.signal(signal.SIGTERM, before)


def _terminated(number: int, frame: object) -> None:
    raise KeyboardInterrupt
