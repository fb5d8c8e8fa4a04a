"""The pages' scripts and styles: built by Vite from `web/` when something in it changed.

The machine's own Node.js is used where it is new enough for Vite; otherwise the one that a wheel carries,
in an environment of its own lock. The result is never committed.
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import subprocess
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from launcher import environment
from launcher.places import Places, locked, stamp_is
from launcher.progress import Stage, Stop

IGNORED = {"node_modules", "dist", ".vite", "coverage"}
OUTPUT = Path("src/wangge/console/static/console/dist")
NETWORK = re.compile(r"ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ETIMEDOUT|ECONNRESET|ENETUNREACH")


@dataclass(frozen=True)
class Node:
    """A Node.js: the folder to put first on PATH, or None where the machine's own is used."""

    folder: Path | None

    def environment(self) -> dict[str, str]:
        """The environment for npm."""
        found = {**os.environ, "CI": "1", "NO_COLOR": "1"}
        if self.folder is not None:
            found["PATH"] = f"{self.folder}{os.pathsep}{found.get('PATH', '')}"
        return found


def new_enough(version: str) -> bool:
    """Whether this Node.js runs Vite: 20.19 or later in its line, or 22.12 and later."""
    match = re.match(r"v(\d+)\.(\d+)", version)
    if not match:
        return False
    major, minor = int(match[1]), int(match[2])
    return (major == 20 and minor >= 19) or (major == 22 and minor >= 12) or major > 22


def find_node(places: Places) -> Node:
    """The machine's Node.js, or the wheel's, installed where it is missing."""
    if shutil.which("node") and shutil.which("npm"):
        done = subprocess.run(["node", "--version"], capture_output=True, text=True, check=False)
        if new_enough(done.stdout.strip()):
            return Node(None)
    environment.prepare(places, environment.NODE)
    return Node(places.venv / "bin")


def _files(folder: Path) -> Iterable[Path]:
    for path in sorted(folder.iterdir()):
        if path.is_dir():
            if path.name not in IGNORED:
                yield from _files(path)
        elif not path.name.endswith((".tsbuildinfo", ".log")):
            yield path


def source_stamp(web: Path) -> str:
    """One value for everything the build reads."""
    digest = hashlib.sha256()
    for path in _files(web):
        digest.update(f"{path.relative_to(web)}\0".encode())
        digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()


def _output_stamp(folder: Path) -> str:
    """One value for what the build wrote, so that a deleted or foreign result is noticed."""
    if not folder.is_dir():
        return "none"
    lines = [f"{p.relative_to(folder)} {p.stat().st_size}" for p in sorted(folder.rglob("*")) if p.is_file()]
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()


def build(places: Places) -> None:
    """Build the front end if `web/` changed since the last build, or its result is gone."""
    web, output = places.checkout / "web", places.checkout / OUTPUT
    if not (web / "package.json").exists():
        return
    stamp = places.stamps / "web"
    if stamp_is(stamp, f"{source_stamp(web)} {_output_stamp(output)}"):
        return
    with locked(places.home / "setup-web.lock") as held:
        made_from = source_stamp(web)
        if stamp_is(stamp, f"{made_from} {_output_stamp(output)}"):
            return
        node = find_node(places)
        packages(places, node, held)
        with Stage("构建网页", "building the pages"):
            run(places, node, "run", "build", held=held)
        if _output_stamp(output) == "none":
            raise Stop(f"构建没有写出 {OUTPUT}", f"the build wrote nothing to {OUTPUT}", 1)
        # the static file server sends the .gz beside a file; the map is 1.5 MB without
        compress = [str(places.python), "-m", "whitenoise.compress", "--quiet", str(output)]
        subprocess.run(compress, check=True, stdout=subprocess.DEVNULL)
        stamp.write_text(f"{made_from} {_output_stamp(output)}", encoding="utf-8")


def packages(places: Places, node: Node, held: int) -> None:
    """npm's packages as locked; again only when the lock changed."""
    web = places.checkout / "web"
    kept = web / "node_modules" / ".wangge-lock"
    digest = hashlib.sha256((web / "package-lock.json").read_bytes()).hexdigest()
    if stamp_is(kept, digest):
        return
    with Stage("安装网页所需的 npm 包", "installing the npm packages"):
        run(places, node, "ci", "--no-audit", "--no-fund", held=held)
    kept.write_text(digest, encoding="utf-8")


def run(places: Places, node: Node, *arguments: str, held: int | None = None) -> None:
    """Run npm in `web/`; its words go to a log, and a failure is said in one line."""
    log = places.logs / "npm.log"
    done = subprocess.run(
        ["npm", *arguments],
        cwd=places.checkout / "web",
        env=node.environment(),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        pass_fds=() if held is None else (held,),
        check=False,
    )
    words = done.stdout + done.stderr
    with log.open("a", encoding="utf-8") as file:
        file.write(f"$ npm {' '.join(arguments)}\n{words}\n")
    if done.returncode == 0:
        return
    if NETWORK.search(words):
        raise Stop(
            "没有网络：npm 包下载失败，联网后再运行一次",
            "no network: the npm packages could not be fetched; run again",
        )
    lines = words.strip().splitlines()
    told = [line for line in lines if line.startswith("npm error") and line.removeprefix("npm error").strip()]
    last = "\n".join(told[:4] if arguments[0] == "ci" else lines[-12:])
    raise Stop(
        f"npm {arguments[0]} 失败：\n{last}\n（详见 {log}）", f"npm {arguments[0]} failed, see {log}", 1
    )
