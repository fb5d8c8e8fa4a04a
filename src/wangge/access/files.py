"""Files kept sealed on disk, for the rooms that keep some: under one folder, a scope for each key.

A file is sealed in chunks of 1 MiB (AES-256-GCM under the scope's key). Each chunk carries the file's random
mark, its own number and whether it is the last, so that chunks cannot be swapped, dropped or cut off unnoticed.
A file is written aside, synced and renamed: it is there whole or not at all. What stands under a scope stands in a
folder of its own, sealed under the scope's key, so that nothing of it is left when folder and key are gone.
"""

from __future__ import annotations

import io
import os
import shutil
import struct
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from django.db import transaction

from wangge.access.vault import vault
from wangge.kernel.ids import new_id
from wangge.kernel.problems import Problem, Refused
from wangge.kernel.sealing import Sealer

CHUNK = 1 << 20
_MAGIC = b"WGF1"
_FILE_MARK = 16
_HEAD = len(_MAGIC) + _FILE_MARK
_PREFIX = struct.Struct(">16sQB")
_OVERHEAD = 29 + _PREFIX.size  # what Sealer.seal adds, and the prefix
_SUFFIX = ".sealed"


@dataclass(frozen=True, slots=True)
class Stored:
    """A file in the store: its name, its size before sealing in bytes, its SHA-256 in hex."""

    name: str
    size: int
    digest: str


class SealedFiles:
    """The store under one folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def path(self, name: str) -> Path:
        return self.folder / name

    def write(
        self,
        scope: str,
        pieces: Iterable[bytes],
        *,
        limit: Problem | None = None,
        limit_bytes: int = 0,
    ) -> Stored:
        """Seal `pieces` into a new file. Raises `limit` when more than `limit_bytes` come; nothing is left then."""
        name = f"{scope}/{new_id().hex}{_SUFFIX}"
        path = self.path(name)
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        aside = path.with_suffix(".part")
        digest, size = sha256(), 0
        sealer, mark = vault(scope), os.urandom(_FILE_MARK)
        try:
            with aside.open("xb") as file:
                file.write(_MAGIC + mark)
                for number, (data, last) in enumerate(_chunks(pieces)):
                    size += len(data)
                    if limit is not None and size > limit_bytes:
                        raise limit
                    digest.update(data)
                    file.write(sealer.seal(_PREFIX.pack(mark, number, last) + data))
                file.flush()
                os.fsync(file.fileno())
            aside.rename(path)
        except BaseException:
            aside.unlink(missing_ok=True)
            raise
        _sync_folder(path.parent)
        return Stored(name, size, digest.hexdigest())

    def open(self, name: str) -> io.BufferedReader:
        """The file again, seekable. Raises Refused when it is damaged or its key was destroyed."""
        return io.BufferedReader(SealedReader(self.path(name), vault(name.partition("/")[0])), CHUNK)

    def read(self, name: str) -> bytes:
        with self.open(name) as file:
            return file.read()

    def remove(self, names: Iterable[str]) -> int:
        """Remove files; names that are gone already are passed over. Returns how many were there."""
        count = 0
        for name in names:
            try:
                self.path(name).unlink()
            except FileNotFoundError:
                continue
            count += 1
        return count

    def remove_scope(self, scope: str) -> int:
        """Remove everything under a scope, left-overs too. Returns how many files there were."""
        count = self.count_scope(scope)
        shutil.rmtree(self.folder / scope, ignore_errors=True)
        return count

    def count_scope(self, scope: str) -> int:
        """How many files stand under a scope, left-overs too."""
        folder = self.folder / scope
        return sum(1 for path in folder.rglob("*") if path.is_file()) if folder.exists() else 0

    def remove_after_commit(self, names: Iterable[str]) -> None:
        """Remove files once the transaction that stopped pointing to them has committed."""
        gone = [name for name in names if name]
        if gone:
            transaction.on_commit(lambda: self.remove(gone))

    def remove_scope_after_commit(self, scope: str) -> None:
        """Remove a scope's folder once the rows that point to it are gone for good."""
        transaction.on_commit(lambda: self.remove_scope(scope))

    def names(self, scope: str, *, older_than: float) -> Iterator[str]:
        """Names of files, unfinished ones too, that were last written more than `older_than` seconds ago."""
        folder = self.folder / scope
        now = time.time()
        for path in sorted(folder.glob("*")) if folder.exists() else ():
            if now - path.stat().st_mtime > older_than:
                yield f"{folder.name}/{path.name}"


def _chunks(pieces: Iterable[bytes]) -> Iterator[tuple[bytes, int]]:
    """`pieces` cut into chunks of one size; the last, possibly empty, is marked 1."""
    waiting = bytearray()
    for piece in pieces:
        waiting += piece
        while len(waiting) > CHUNK:
            yield bytes(waiting[:CHUNK]), 0
            del waiting[:CHUNK]
    yield bytes(waiting), 1


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


class SealedReader(io.RawIOBase):
    """A sealed file as a seekable stream; one chunk is held open at a time."""

    def __init__(self, path: Path, sealer: Sealer) -> None:
        self._file = path.open("rb")
        self._sealer = sealer
        head = self._file.read(_HEAD)
        length = path.stat().st_size - _HEAD
        full = CHUNK + _OVERHEAD
        self._count = max(1, -(-length // full))
        self._size = length - self._count * _OVERHEAD
        self._mark = head[len(_MAGIC) :]
        self._at = 0
        self._number = -1
        self._chunk = b""
        if head[: len(_MAGIC)] != _MAGIC or self._size < 0:
            raise _damaged()

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._at

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        start = {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self._size}[whence]
        self._at = max(0, start + offset)
        return self._at

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        if self._at >= self._size:
            self._load(self._count - 1)  # so that a file cut at a chunk's end is found out
            return 0
        number, within = divmod(self._at, CHUNK)
        self._load(number)
        data = self._chunk[within : within + len(buffer)]
        buffer[: len(data)] = data
        self._at += len(data)
        return len(data)

    def close(self) -> None:
        self._file.close()
        super().close()

    def _load(self, number: int) -> None:
        if number == self._number:
            return
        self._file.seek(_HEAD + number * (CHUNK + _OVERHEAD))
        plain = self._sealer.unseal_bytes(self._file.read(CHUNK + _OVERHEAD))
        mark, told, last = _PREFIX.unpack_from(plain)
        if mark != self._mark or told != number or bool(last) != (number == self._count - 1):
            raise _damaged()
        self._number, self._chunk = number, plain[_PREFIX.size :]


def _damaged() -> Refused:
    return Refused(
        code="seal_broken",
        zh="保管的文件已损坏或不完整，无法读取。",
        en="The kept file is damaged or incomplete and cannot be read.",
    )
