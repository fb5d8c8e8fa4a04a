"""The virtual environment: made once from the hashed locks, brought up to date when a lock changes.

Plain pip, so that the user's own pip settings (mirror, proxy, certificate) hold. What a stage was made from
is stamped after it, never before; a marker inside the environment tells an interrupted installation, which
is then made afresh, because pip does not promise that a half-installed package can be installed over.
"""

from __future__ import annotations

import hashlib
import importlib.util
import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

from launcher.places import Places, locked, stamp_is
from launcher.progress import Stage, Stop

BASE, DEV, SPARK, NODE = (
    "requirements.lock",
    "requirements-dev.lock",
    "requirements-spark.lock",
    "requirements-node.lock",
)
PEERS = "requirements-peers.lock"  # installed by hand, into an environment of its own: benchmarks only
ORDER = (BASE, DEV, SPARK, NODE)
PIN = re.compile(r"^([A-Za-z0-9][A-Za-z0-9._-]*)==")
NETWORK = re.compile(
    r"NewConnectionError|NameResolutionError|ConnectTimeout|ReadTimeout|ProxyError|Connection refused"
    r"|Network is unreachable|Temporary failure in name resolution|nodename nor servname"
)
KEPT = {"pip", "setuptools", "wheel"}


def python_tag() -> str:
    """What the environment depends on besides the locks: the interpreter's version and place."""
    return f"{sys.version_info.major}.{sys.version_info.minor}.{sys.version_info.micro} {sys.base_prefix}"


def lock_stamp(places: Places, locks: tuple[str, ...]) -> str:
    """One value for these locks under this interpreter."""
    digest = hashlib.sha256(python_tag().encode())
    for lock in locks:
        digest.update((places.checkout / lock).read_bytes())
    return digest.hexdigest()


def pinned(text: str) -> set[str]:
    """The normalised names that a lock pins."""
    found = (PIN.match(line) for line in text.splitlines())
    return {re.sub(r"[-_.]+", "-", match[1]).lower() for match in found if match}


def installed(places: Places) -> tuple[str, ...]:
    """The locks whose packages stand in the environment, from their stamps' names."""
    return tuple(lock for lock in ORDER if (places.stamps / lock).exists())


def prepare(places: Places, *locks: str) -> None:
    """Have the environment with the packages of `locks`, the base lock always; quick where none changed."""
    places.prepare()
    wanted = tuple(lock for lock in ORDER if lock == BASE or lock in locks)
    if _current(places, wanted):
        return
    with locked(places.home / "setup.lock") as lock:
        if _current(places, wanted):  # another launcher did it while we waited
            return
        _make(places)
        _install(places, wanted, lock)
        _link(places)


def _current(places: Places, wanted: tuple[str, ...]) -> bool:
    return (
        places.python.exists()
        and not _marker(places).exists()
        and _link_file(places) is not None
        and all(stamp_is(places.stamps / lock, lock_stamp(places, (lock,))) for lock in wanted)
    )


def _marker(places: Places) -> Path:
    return places.venv / "installing"


def _make(places: Places) -> None:
    """A virtual environment that has pip; an interrupted or foreign one is removed first."""
    tag = places.stamps / "python"
    sound = places.python.exists() and not _marker(places).exists() and stamp_is(tag, python_tag())
    if sound:
        sound = (
            subprocess.run(
                [places.python, "-m", "pip", "--version"], capture_output=True, check=False
            ).returncode
            == 0
        )
    if sound:
        return
    for module in ("venv", "ensurepip"):
        if importlib.util.find_spec(module) is None:
            raise Stop(
                f"这个 Python 缺少 {module}：apt install python3-venv",
                f"this Python has no {module}: apt install python3-venv",
            )
    with Stage("建立虚拟环境", "making the virtual environment"):
        for lock in ORDER:
            (places.stamps / lock).unlink(missing_ok=True)
        shutil.rmtree(places.venv, ignore_errors=True)
        done = subprocess.run(
            [sys.executable, "-m", "venv", str(places.venv)], capture_output=True, text=True, check=False
        )
        if done.returncode != 0:
            said = (done.stdout + done.stderr).strip()[-300:]
            hint = "apt install python3-venv" if "ensurepip" in said else said
            raise Stop(f"不能建立虚拟环境：{hint}", f"cannot make the virtual environment: {hint}")
        tag.write_text(python_tag(), encoding="utf-8")


def _install(places: Places, wanted: tuple[str, ...], held: int) -> None:
    """Install the locks that changed, in order; then drop what no installed lock names any more."""
    changed = [lock for lock in wanted if not stamp_is(places.stamps / lock, lock_stamp(places, (lock,)))]
    for lock in changed:
        count = len(pinned((places.checkout / lock).read_text(encoding="utf-8")))
        _marker(places).touch()
        (places.stamps / lock).unlink(missing_ok=True)
        with Stage(f"安装 {lock}（{count} 个包）", f"installing {lock} ({count} packages)"):
            _pip(
                places, held, "install", "--no-compile", "--require-hashes", "-r", str(places.checkout / lock)
            )
        _marker(places).unlink()
        (places.stamps / lock).write_text(lock_stamp(places, (lock,)), encoding="utf-8")
    if not changed:
        return
    names: set[str] = set(KEPT)
    for lock in {*installed(places), *wanted}:
        names |= pinned((places.checkout / lock).read_text(encoding="utf-8"))
    listed = json.loads(_pip(places, held, "list", "--format=json"))
    stale = [entry["name"] for entry in listed if re.sub(r"[-_.]+", "-", entry["name"]).lower() not in names]
    if stale:
        _pip(places, held, "uninstall", "-y", *stale)
    with Stage("编译字节码", "compiling the packages"):
        # pip would do it on one core; all of them, and no failure of ours if some package's test file is odd
        subprocess.run(
            [places.python, "-m", "compileall", "-q", "-j", "0", str(_site(places))],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            check=False,
        )


def _pip(places: Places, held: int, *arguments: str) -> str:
    """Run pip; its words go to a log, and a failure is said in one line."""
    log = places.logs / "pip.log"
    done = subprocess.run(
        [str(places.python), "-m", "pip", "--no-input", "--disable-pip-version-check", *arguments],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONNOUSERSITE": "1", "PYTHONUTF8": "1"},
        pass_fds=(held,),
        check=False,
    )
    with log.open("a", encoding="utf-8") as file:
        file.write(f"$ pip {' '.join(arguments)}\n{done.stdout}{done.stderr}\n")
    if done.returncode == 0:
        return done.stdout
    words = done.stdout + done.stderr
    if NETWORK.search(words):
        raise Stop(
            "没有网络：下载软件包失败，联网后再运行一次即可继续",
            "no network: the packages could not be fetched; run again when connected, it goes on from here",
        )
    errors = [line for line in words.splitlines() if line.startswith("ERROR")]
    last = errors[-1][:200] if errors else words.strip()[-200:]
    raise Stop(f"安装失败：{last}（详见 {log}）", f"installation failed: {last} (see {log})")


def _site(places: Places) -> Path:
    return next(places.venv.glob("lib/python3*/site-packages"))


def _link_file(places: Places) -> Path | None:
    """The file that puts our own packages on the path, if it says what it should."""
    for found in places.venv.glob("lib/python3*/site-packages/wangge.pth"):
        if found.read_text(encoding="utf-8") == _link_text(places):
            return found
    return None


def _link_text(places: Places) -> str:
    return f"{places.checkout / 'src'}\n{places.checkout}\n"


def _link(places: Places) -> None:
    (_site(places) / "wangge.pth").write_text(_link_text(places), encoding="utf-8")
