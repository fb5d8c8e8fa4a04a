"""Texts read in processes of their own: Python reads on one core, and a city has millions of distinct texts.

A reader is a function of a module, named and not sent, so that the processes are started afresh: they inherit no
thread, no lock and no connection. What cannot be started or dies is made up for here, one batch at a time.
"""

from __future__ import annotations

import importlib
import os
import subprocess
import sys
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from types import TracebackType
from typing import IO, Any, Self

import pyarrow as pa

PROCESSES_AT_MOST = 4  # of some 100 MB each
WORTH_A_PROCESS = 200_000  # texts; fewer are read sooner than a process starts
_LENGTH = 8  # bytes that tell how long a message is
Read = Callable[[str], Sequence[Any]]


def read_batch(texts: pa.Array, read: Read, schema: pa.Schema) -> pa.RecordBatch:
    """The columns that ``read`` makes of each text; an empty text is none."""
    rows = [read(text) for text in texts.to_pylist()]
    parts = zip(*rows, strict=True) if rows else [()] * len(schema)
    columns = []
    for part, field in zip(parts, schema, strict=True):
        told = [None if value == "" else value for value in part]
        columns.append(pa.array(told, field.type))
    return pa.RecordBatch.from_arrays(columns, schema=schema)


class Readers:
    """Processes that read while the block lasts; started with the first batch that is worth one."""

    def __init__(self) -> None:
        self._threads: ThreadPoolExecutor | None = None
        self._own = threading.local()
        self._started: list[subprocess.Popen[bytes]] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._threads is not None:
            self._threads.shutdown(cancel_futures=True)
        for process in self._started:
            process.communicate()  # closes its input, at which it ends

    def submit(self, texts: pa.Array, read: Read, schema: pa.Schema) -> Future[pa.RecordBatch]:
        """Begin to read a batch."""
        if self._threads is None:
            self._threads = ThreadPoolExecutor(min(PROCESSES_AT_MOST, os.cpu_count() or 1))
        return self._threads.submit(self._read, texts, read, schema)

    def _read(self, texts: pa.Array, read: Read, schema: pa.Schema) -> pa.RecordBatch:
        process = self._process()
        if process is not None:
            named = schema.with_metadata({"read": name_of(read)})
            sent = pa.RecordBatch.from_arrays([texts], ["raw"])
            try:
                assert process.stdin is not None
                assert process.stdout is not None
                _send(process.stdin, named.serialize(), sent.serialize())
                return pa.ipc.read_record_batch(pa.py_buffer(_receive(process.stdout)), schema)
            except (OSError, EOFError):
                self._own.process = None
        return read_batch(texts, read, schema)

    def _process(self) -> subprocess.Popen[bytes] | None:
        if not hasattr(self._own, "process"):
            path = os.pathsep.join(filter(None, sys.path))
            try:
                self._own.process = subprocess.Popen(
                    [sys.executable, "-m", __name__],
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                    env={**os.environ, "PYTHONPATH": path},
                )
                self._started.append(self._own.process)
            except OSError:
                self._own.process = None
        found: subprocess.Popen[bytes] | None = self._own.process
        return found


def name_of(read: Read) -> str | None:
    """How another process finds the function; None for one that only this process has."""
    module, name = getattr(read, "__module__", ""), getattr(read, "__name__", "")
    if module == "__main__" or getattr(sys.modules.get(module), name, None) is not read:
        return None
    return f"{module}:{name}"


def _send(pipe: IO[bytes], *messages: Any) -> None:
    for message in messages:
        pipe.write(len(message).to_bytes(_LENGTH, "little"))
        pipe.write(message)
    pipe.flush()


def _receive(pipe: IO[bytes]) -> bytes:
    head = pipe.read(_LENGTH)
    length = int.from_bytes(head, "little")
    body = pipe.read(length) if len(head) == _LENGTH else b""
    if len(head) < _LENGTH or len(body) < length:
        raise EOFError
    return body


def _serve(asked: IO[bytes], answers: IO[bytes]) -> None:
    """Read batch after batch until the other side ends."""
    texts = pa.schema([("raw", pa.string())])
    while True:
        try:
            schema = pa.ipc.read_schema(pa.py_buffer(_receive(asked)))
            batch = pa.ipc.read_record_batch(pa.py_buffer(_receive(asked)), texts)
        except EOFError:
            return
        module, _, name = schema.metadata[b"read"].decode().partition(":")
        read = getattr(importlib.import_module(module), name)
        made = read_batch(batch.column(0), read, schema.remove_metadata())
        _send(answers, made.serialize())


if __name__ == "__main__":
    _serve(sys.stdin.buffer, sys.stdout.buffer)
