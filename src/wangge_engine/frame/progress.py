"""Progress on stderr, and where the time went."""

from __future__ import annotations

import resource
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager


class Stages:
    """Seconds per named stage, in order, by the clock and of CPU; each is announced on stderr unless ``quiet``."""

    def __init__(self, *, quiet: bool = False) -> None:
        self.quiet = quiet
        self.seconds: dict[str, float] = {}
        self.cpu: dict[str, float] = {}

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        start, cpu = time.perf_counter(), cpu_seconds()
        try:
            yield
        finally:
            took, worked = time.perf_counter() - start, cpu_seconds() - cpu
            self.seconds[name] = self.seconds.get(name, 0.0) + took
            self.cpu[name] = self.cpu.get(name, 0.0) + worked
            self.say(f"{name}: {took:.1f} s ({worked:.1f} s of CPU)")

    def say(self, text: str) -> None:
        if not self.quiet:
            sys.stderr.write(f"{text}\n")
            sys.stderr.flush()

    def report(self) -> list[dict[str, object]]:
        return [
            {"name": name, "seconds": round(took, 3), "cpu": round(self.cpu[name], 3)}
            for name, took in self.seconds.items()
        ]


def cpu_seconds() -> float:
    """CPU seconds of this process, all its threads, and its children that have ended."""
    return sum(
        usage.ru_utime + usage.ru_stime
        for usage in map(resource.getrusage, (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    )


def peak_memory_mb() -> float:
    """Largest resident size of this process so far, in MiB (Linux counts in KiB, macOS in bytes)."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return round(peak / (1024 * 1024 if sys.platform == "darwin" else 1024), 1)
