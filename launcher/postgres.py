"""The embedded PostgreSQL: initialise, start, stop, status, reset, and get back up after a kill.

Tests and the project start it with one call, which is idempotent and safe to make from several processes:

    from launcher import postgres
    urls = postgres.ensure()          # or ensure("/path/to/home"); default $WANGGE_HOME or <checkout>/.wangge
    urls.app, urls.owner              # postgresql://wangge_app:...@/wangge?host=SOCKETS&port=5432

`ensure` starts the server where it is not running, makes the roles and the database, and leaves it running;
`postgres.stop()` (or `./wangge stop`) ends it. TCP is off: only processes that can reach the private socket
folder AND know the generated password get in. Durability settings stay on: a killed server loses nothing.
"""

from __future__ import annotations

import json
import locale
import os
import re
import secrets
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from launcher.places import Places, locked, places, stamp_is, write_private
from launcher.postgres_place import Cluster, locate
from launcher.postgres_settings import memory_bytes, settings
from launcher.postmaster import answers, clear_stale, is_alive, is_ready, postmaster
from launcher.progress import Stage, Stop, say
from launcher.urls import Urls, embedded_url

INCLUDE = "include_if_exists = 'wangge.conf'"
ROLES_VERSION = "1"  # raised when `launcher.roles` does something new


@dataclass(frozen=True)
class Status:
    """What `status` found: the postmaster's pid, or None where no server runs."""

    pid: int | None
    folder: Path
    sockets: Path


def _run(cluster: Cluster, program: str, *arguments: str) -> subprocess.Popen[str]:
    """Start one of PostgreSQL's programs as the cluster's user, from a folder that user can enter."""
    environment = {
        key: value for key, value in os.environ.items() if not key.startswith(("PG", "LC_", "LANG"))
    }
    process: subprocess.Popen[str] = subprocess.Popen(
        [str(cluster.programs / program), *arguments],
        cwd=cluster.folder,
        env={**environment, "LC_ALL": "C"},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        **cluster.servant.options(),  # type: ignore[call-overload]
    )
    return process


def passwords(where: Places) -> dict[str, str]:
    """The generated passwords of the three roles, made once and kept readable to their owner only."""
    path = where.home / "database.json"
    if path.exists():
        found: dict[str, str] = json.loads(path.read_text(encoding="utf-8"))
        return found
    made = {role: secrets.token_hex(24) for role in ("superuser", "owner", "app")}
    write_private(path, json.dumps(made))
    return made


def _major(cluster: Cluster) -> int:
    out, _ = _run(cluster, "postgres", "--version").communicate()
    match = re.search(r"(\d+)", out)
    if not match:
        raise Stop(
            f"PostgreSQL 程序不能运行：{out[:200]}", f"the PostgreSQL program does not run: {out[:200]}", 1
        )
    return int(match[1])


def _utf8_locale() -> str:
    """A character type of this system that knows UTF-8; its name differs between systems."""
    before = locale.setlocale(locale.LC_CTYPE)
    try:
        for name in ("C.UTF-8", "C.utf8", "en_US.UTF-8", "zh_CN.UTF-8", "UTF-8"):
            with suppress(locale.Error):
                locale.setlocale(locale.LC_CTYPE, name)
                return name
    finally:
        locale.setlocale(locale.LC_CTYPE, before)
    raise Stop("系统没有 UTF-8 区域设置：请安装 locales", "the system has no UTF-8 locale: install locales")


def _initialise(cluster: Cluster, password: str) -> None:
    """initdb aside, then rename: an interrupted one is simply made again."""
    for left in cluster.folder.glob("data.new-*"):
        shutil.rmtree(left, ignore_errors=True)
    aside = cluster.folder / f"data.new-{os.getpid()}"
    secret = cluster.folder / "initial-password"
    write_private(secret, password)
    cluster.servant.give(secret)
    # The character type must know Chinese too, or pg_trgm sees no letters in it.
    kinds = ["--locale=C", f"--lc-ctype={_utf8_locale()}"]
    if _major(cluster) >= 17:
        kinds += ["--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
    try:
        with Stage("建立数据库", "initialising the database"):
            process = _run(
                cluster, "initdb", "-k", "-E", "UTF8", *kinds, "-U", "postgres", "-A", "scram-sha-256",
                f"--pwfile={secret}", "--no-instructions", "-D", str(aside),
            )  # fmt: skip
            said, _ = process.communicate()
    finally:
        secret.unlink(missing_ok=True)
    if process.returncode != 0:
        raise Stop(f"initdb 失败：{said[-300:]}", f"initdb failed: {said[-300:]}", 1)
    with (aside / "postgresql.conf").open("a", encoding="utf-8") as file:
        file.write(f"\n{INCLUDE}\n")
    aside.rename(cluster.data)


def _start(cluster: Cluster) -> None:
    clear_stale(cluster)
    kept = (cluster.data / "PG_VERSION").read_text(encoding="ascii").strip()
    if kept != str(_major(cluster)):
        raise Stop(
            f"数据由 PostgreSQL {kept} 建立：请用 pg_dump 转移，或 ./wangge database reset --yes",
            f"the data were made by PostgreSQL {kept}: pg_dump them, or ./wangge database reset --yes",
        )
    conf = cluster.data / "wangge.conf"
    conf.write_text(settings(cluster.sockets, memory_bytes()), encoding="utf-8")
    cluster.servant.give(conf)
    with Stage("启动数据库", "starting the database"):
        # -t: after a kill it replays its log, however long that takes; we say so every ten seconds
        process = _run(
            cluster, "pg_ctl", "-D", str(cluster.data), "-l", str(cluster.log), "-w", "-t", "86400", "start"
        )
        said, _ = process.communicate()
    if process.returncode != 0 or not is_ready(cluster):
        tail = "\n".join(cluster.log.read_text(encoding="utf-8", errors="replace").splitlines()[-5:])
        raise Stop(f"数据库不能启动：{tail or said}", f"the database does not start; log: {cluster.log}", 1)


def _provide_roles(where: Places, cluster: Cluster, urls: Urls, superuser: str) -> None:
    """Run `launcher.roles` in the environment that has the driver, unless this very cluster has had it."""
    control = (cluster.data / "global" / "pg_control").read_bytes()
    identity = control[:8].hex()  # the cluster's own number, made by initdb
    value = f"{ROLES_VERSION} {identity} {cluster.folder}"
    stamp = where.stamps / "roles"
    if stamp_is(stamp, value):
        return
    python = where.python if where.python.exists() else Path(sys.executable)
    with Stage("建立数据库角色", "making the database roles"):
        done = subprocess.run(
            [str(python), "-m", "launcher.roles", "embedded"],
            cwd=where.checkout,
            env={**os.environ, "WANGGE_SUPERUSER_URL": superuser, "WANGGE_OWNER_URL": urls.owner,
                 "WANGGE_APP_URL": urls.app},
            capture_output=True, text=True, check=False,
        )  # fmt: skip
    if done.returncode != 0:
        tail = done.stderr.strip()[-400:]
        raise Stop(f"不能建立数据库角色：{tail}", f"cannot make the database roles: {tail}", 1)
    stamp.write_text(value, encoding="utf-8")


def ensure(home: Path | str | None = None) -> Urls:
    """Have the embedded server running with its roles and database; the connection addresses of both roles.

    Raises Stop, whose text is bilingual, where it cannot be. Costs a few milliseconds when it runs already.
    """
    where = places(home).prepare()
    with locked(where.home / "pg.lock"):
        cluster = locate(where)
        words = passwords(where)
        if not (cluster.data / "PG_VERSION").exists():
            _initialise(cluster, words["superuser"])
        _await_or_start(cluster)
        sockets = str(cluster.sockets)
        urls = Urls(
            app=embedded_url("wangge_app", words["app"], sockets, "wangge"),
            owner=embedded_url("wangge_owner", words["owner"], sockets, "wangge"),
        )
        _provide_roles(
            where, cluster, urls, embedded_url("postgres", words["superuser"], sockets, "postgres")
        )
    return urls


def watcher(home: Path | str | None = None) -> Callable[[], None]:
    """A cheap check for a supervisor to call every second: starts the server again where it has gone."""
    where = places(home)
    cluster = locate(where.prepare())

    def care() -> None:
        if postmaster(cluster) is None:
            say("数据库已停止，重新启动", "the database has stopped, starting it again")
            ensure(where.home)

    return care


def _await_or_start(cluster: Cluster) -> None:
    """A postmaster that someone else started and that still replays its log is waited for, not doubled."""
    with Stage("等待数据库恢复", "waiting for the database to recover"):
        while postmaster(cluster) is not None:
            if is_ready(cluster) and answers(cluster):
                return
            time.sleep(0.05)
    _start(cluster)


def status(home: Path | str | None = None) -> Status:
    """Whether the server of this home runs, and where it lies."""
    cluster = locate(places(home).prepare())
    return Status(postmaster(cluster), cluster.folder, cluster.sockets)


def stop(home: Path | str | None = None, *, silent: bool = False) -> bool:
    """End the server in order (open transactions are rolled back); False where none ran.

    `silent` says nothing however long it takes: after the tests the runner's line is to be the last.
    """
    where = places(home).prepare()
    if not (where.home / "pg.lock").exists():
        return False
    with locked(where.home / "pg.lock"):
        return _stop(locate(where), silent)


def _stop(cluster: Cluster, silent: bool = False) -> bool:
    pid = postmaster(cluster)
    if pid is None:
        return False
    with Stage("停止数据库", "stopping the database", quiet=3600.0 if silent else 1.0):
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGINT)  # "fast": rolls back, checkpoints, ends
        deadline = time.monotonic() + 600
        while is_alive(pid):
            if time.monotonic() > deadline:
                raise Stop(
                    f"数据库进程 {pid} 十分钟未停止",
                    f"database process {pid} has not ended in ten minutes",
                    1,
                )
            time.sleep(0.05)
    return True


def reset(home: Path | str | None = None) -> None:
    """Stop the server and delete its data. Nothing asks again here; the command line does."""
    where = places(home).prepare()
    with locked(where.home / "pg.lock"):
        cluster = locate(where)
        _stop(cluster)
        shutil.rmtree(cluster.data, ignore_errors=True)
        (where.stamps / "roles").unlink(missing_ok=True)
