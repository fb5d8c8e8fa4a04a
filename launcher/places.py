"""Where things are: the checkout, and the one folder ($WANGGE_HOME) that holds all a run makes."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from launcher.progress import Stop, say

CHECKOUT = Path(__file__).resolve().parent.parent


@dataclass(frozen=True)
class Places:
    """The checkout and the home; every other path follows from the two."""

    checkout: Path
    home: Path

    @property
    def venv(self) -> Path:
        """The virtual environment of the platform."""
        return self.home / "venv"

    @property
    def python(self) -> Path:
        """The interpreter of that environment."""
        return self.venv / "bin" / "python"

    @property
    def stamps(self) -> Path:
        """One small file per finished stage: what it was made from."""
        return self.home / "stamps"

    @property
    def logs(self) -> Path:
        """What the tools said while setting up."""
        return self.home / "logs"

    def prepare(self) -> Places:
        """Make the home and its folders; Stop where that may not be written."""
        try:
            for folder in (self.home, self.stamps, self.logs):
                folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise Stop(
                f"不能写入 {self.home}：请设置 WANGGE_HOME",
                f"cannot write {self.home}: set WANGGE_HOME ({error})",
            ) from error
        return self


def places(home: Path | str | None = None) -> Places:
    """The places of this checkout; the home is the argument, else $WANGGE_HOME, else `.wangge`."""
    chosen = home or os.environ.get("WANGGE_HOME") or CHECKOUT / ".wangge"
    return Places(CHECKOUT, Path(chosen).expanduser().resolve())


@contextmanager
def locked(
    path: Path, zh: str = "另一个 wangge 正在准备，等待", en: str = "another wangge is busy, waiting"
) -> Iterator[int]:
    """Hold an exclusive lock on the file `path`; the kernel frees it however this process ends.

    Gives the descriptor: a child that must not be overtaken (pip, npm) inherits it, so that the lock lasts as
    long as the child, even where we are killed.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say(zh, en)
            fcntl.flock(handle, fcntl.LOCK_EX)
        yield handle.fileno()


def write_private(path: Path, text: str) -> None:
    """Write a file only its owner may read, whole or not at all."""
    aside = path.with_name(f"{path.name}.{os.getpid()}.new")
    with suppress(FileNotFoundError):
        aside.unlink()
    handle = os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    aside.replace(path)


def stamp_is(path: Path, value: str) -> bool:
    """Whether the stamp at `path` says `value`."""
    try:
        return path.read_text(encoding="utf-8") == value
    except FileNotFoundError:
        return False
