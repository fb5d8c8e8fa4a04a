"""Keys as files: made once, read by the process, destroyed for good.

Keys never stand in the database, so a database backup without this folder is unreadable where it is sealed, and
what was sealed under a destroyed key stays unreadable in every backup ever made. Keep the folder out of the
database's backups; an institution mounts its key service here.
"""

from __future__ import annotations

import os
import re
import secrets
from dataclasses import dataclass
from pathlib import Path

from wangge.kernel.problems import Refused

KEY_BYTES = 32
_SCOPE = re.compile(r"[a-z0-9][a-z0-9_-]{0,63}")


@dataclass(eq=False)
class KeyDestroyed(Refused):
    """The key of this scope was destroyed; what it sealed cannot be read again."""


class KeyStore:
    """A folder of keys, one file for each scope (a room's name or an emergency's id)."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._cache: dict[str, bytes] = {}

    def _path(self, scope: str) -> Path:
        if not _SCOPE.fullmatch(scope):
            raise ValueError(f"not a key scope: {scope!r}")
        return self._folder / f"{scope}.key"

    def _tombstone(self, scope: str) -> Path:
        return self._path(scope).with_suffix(".destroyed")

    def destroyed(self, scope: str) -> bool:
        return self._tombstone(scope).exists()

    def key(self, scope: str) -> bytes:
        """The key of `scope`, made on first use. Raises KeyDestroyed once it was destroyed.

        The file is looked at every time, so that a key destroyed by another process is gone here too.
        """
        path = self._path(scope)
        # asked first: a key file that a crash or a restored folder left beside its tombstone stays destroyed
        if self.destroyed(scope):
            self._cache.pop(scope, None)
            raise _destroyed()
        if path.exists():
            known = self._cache.get(scope)
            if known is None:
                known = self._cache[scope] = bytes.fromhex(path.read_text("ascii"))
            return known
        self._cache.pop(scope, None)
        return self._make(scope, path)

    def _make(self, scope: str, path: Path) -> bytes:
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        fresh = path.with_name(f".{path.name}.{os.getpid()}.{secrets.token_hex(4)}")
        descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w", encoding="ascii") as file:
            file.write(secrets.token_hex(KEY_BYTES))
            file.flush()
            os.fsync(file.fileno())
        try:
            os.link(fresh, path)  # fails when another process was first: then its key is the key
        except FileExistsError:
            pass
        finally:
            fresh.unlink()
        if self.destroyed(scope):  # between our look and our making
            path.unlink(missing_ok=True)
            raise _destroyed()
        self._cache[scope] = bytes.fromhex(path.read_text("ascii"))
        return self._cache[scope]

    def destroy(self, scope: str) -> bool:
        """Overwrite and remove the key; a tombstone keeps it from being made anew. True if there was one."""
        path = self._path(scope)
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._tombstone(scope).touch(mode=0o600)
        self._cache.pop(scope, None)
        if not path.exists():
            return False
        with path.open("r+", encoding="ascii") as file:
            file.write(secrets.token_hex(KEY_BYTES))
            file.flush()
            os.fsync(file.fileno())
        path.unlink()
        folder = os.open(self._folder, os.O_RDONLY)
        try:
            os.fsync(folder)  # a power cut must not take the tombstone and leave what it stands for
        finally:
            os.close(folder)
        return True


def _destroyed() -> KeyDestroyed:
    return KeyDestroyed(
        code="key_destroyed",
        zh="密钥已销毁，相关数据不可再读取。",
        en="The key was destroyed; what it sealed cannot be read again.",
    )
