"""The database of a command: the embedded one, or an external PostgreSQL by $DATABASE_URL.

Whoever starts the embedded server ends it: each launcher that needs it holds a shared lock on `pg.use`, and
the last to let go stops a server that a launcher started. One started by a test or by hand stays.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import secrets
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TextIO

from launcher import postgres
from launcher.places import Places, locked, stamp_is, write_private
from launcher.progress import Stage, Stop
from launcher.urls import Urls, as_role

EXTERNAL = "DATABASE_URL"
OLDEST = 15
# never handed on to a program that has not been given it on purpose
PRIVATE = (EXTERNAL, "WANGGE_OWNER_URL", "WANGGE_APP_URL", "WANGGE_SUPERUSER_URL")


def child_environment(places: Places, urls: Urls | None = None, *, owner: bool = False) -> dict[str, str]:
    """The environment of a program of ours: the runtime role's address, the owner's where it must."""
    environment = {key: value for key, value in os.environ.items() if key not in PRIVATE}
    # the last: a server or a test worker would compile every module at each of its many starts
    for key in ("PYTHONHOME", "VIRTUAL_ENV", "PYTHONSTARTUP", "PYTHONDONTWRITEBYTECODE"):
        environment.pop(key, None)
    environment |= {
        "WANGGE_HOME": str(places.home),
        "PYTHONUTF8": "1",
        "PYTHONNOUSERSITE": "1",
        "PYTHONSAFEPATH": "1",  # a random.py in the user's folder is not the standard library's
        "DJANGO_SETTINGS_MODULE": "wangge.project.settings",
    }
    if urls is not None:
        environment["WANGGE_APP_URL"] = urls.app
        if owner:
            environment["WANGGE_OWNER_URL"] = urls.owner
    return environment


def ensure(places: Places) -> Urls:
    """The addresses of a running database with both roles; Stop where there is none to be had."""
    external = os.environ.get(EXTERNAL)
    return _external(places, external) if external else postgres.ensure(places.home)


def _external(places: Places, owner: str) -> Urls:
    """Check the server's version and have the runtime role; its password is kept in the home."""
    path = places.prepare().home / "database-external.json"
    with locked(places.home / "pg.lock"):
        if not path.exists():
            write_private(path, json.dumps({"app": secrets.token_hex(24)}))
    urls = Urls(
        app=as_role(owner, "wangge_app", json.loads(path.read_text(encoding="utf-8"))["app"]), owner=owner
    )
    done = subprocess.run(
        [str(places.python), "-m", "launcher.roles", "external"],
        cwd=places.checkout,
        env=child_environment(places, urls, owner=True),
        capture_output=True,
        text=True,
        check=False,
    )
    said = done.stdout.strip()
    match done.returncode:
        case 0:
            return urls
        case 3:
            raise Stop(
                f"需要 PostgreSQL {OLDEST} 或更高，这是 {said}",
                f"needs PostgreSQL {OLDEST} or later, this is {said}",
            )
        case 4:
            raise Stop(
                f"无权建立角色 wangge_app，请管理员执行后重试：{said}",
                "may not make the role wangge_app: an administrator must run that statement first",
            )
        case 5:
            raise Stop(
                "角色 wangge_app 不得是超级用户，也不得绕过行级安全",
                "the role wangge_app must be neither superuser nor BYPASSRLS",
            )
        case _:
            last = (done.stderr.strip().splitlines() or ["?"])[-1]
            raise Stop(
                f"不能连接 DATABASE_URL 的数据库：{last}", f"cannot use the database of DATABASE_URL: {last}"
            )


@contextmanager
def running(places: Places) -> Iterator[Urls]:
    """The database for as long as the block lasts."""
    if os.environ.get(EXTERNAL):
        yield ensure(places)
        return
    places.prepare()
    with (places.home / "pg.use").open("a+", encoding="utf-8") as use:
        fcntl.flock(use, fcntl.LOCK_SH)
        was_up = postgres.status(places.home).pid is not None
        if not was_up:
            use.truncate(0)
            use.write("launcher")
            use.flush()
        try:
            yield postgres.ensure(places.home)
        finally:
            _leave(places, use)


def _leave(places: Places, use: TextIO) -> None:
    """Stop the server if we are the last to use it and a launcher started it."""
    try:
        fcntl.flock(use, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return
    use.seek(0)
    if use.read().startswith("launcher"):
        postgres.stop(places.home, silent=True)
        use.truncate(0)


def _schema_stamp(places: Places) -> str:
    """One value for what decides the tables: our migrations, the locked packages', the cluster."""
    digest = hashlib.sha256((places.checkout / "requirements.lock").read_bytes())
    source = places.checkout / "src" / "wangge"
    for path in sorted(
        [*source.glob("*/migrations/*.py"), *source.glob("*/models.py"), *source.glob("*/models/*.py")]
    ):
        digest.update(f"{path.relative_to(source)}\0".encode())
        digest.update(path.read_bytes())
    if external := os.environ.get(EXTERNAL):
        digest.update(external.encode())
    else:
        digest.update((places.stamps / "roles").read_bytes())
    return digest.hexdigest()


def migrate(places: Places, urls: Urls, *, only_if_changed: bool = False) -> None:
    """Bring the tables up to date as their owner, then have the wall's rights and policies set."""
    stamp = places.stamps / "schema"
    value = _schema_stamp(places)
    if only_if_changed and stamp_is(stamp, value):
        return
    environment = child_environment(places, urls, owner=True)
    with locked(places.home / "setup-schema.lock"), Stage("更新数据表", "bringing the tables up to date"):
        for arguments in (["migrate", "--database", "owner", "--verbosity", "0"], ["provision_wall"]):
            _manage(places, environment, arguments)
    stamp.write_text(value, encoding="utf-8")


def _manage(places: Places, environment: Mapping[str, str], arguments: list[str]) -> None:
    log = places.logs / "migrate.log"
    done = subprocess.run(
        [str(places.python), "-m", "wangge.project.manage", *arguments],
        cwd=places.checkout,
        env=dict(environment),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    log.write_text(f"{done.stdout}{done.stderr}", encoding="utf-8")
    if done.returncode != 0:
        last = (done.stderr.strip().splitlines() or ["?"])[-1]
        raise Stop(
            f"{arguments[0]} 失败：{last}（详见 {log}）", f"{arguments[0]} failed: {last} (see {log})", 1
        )
