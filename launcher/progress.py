"""What the launcher says, and how it stops: on stderr, in both languages, one line a stage."""

from __future__ import annotations

import sys
import threading
import time
from types import TracebackType


class Stop(Exception):
    """The launcher cannot go on; shown as one line in both languages.

    `code` is the exit status: 2 where the machine or the user's input lacks something, 1 where we failed.
    """

    def __init__(self, zh: str, en: str, code: int = 2) -> None:
        super().__init__(f"{zh} · {en}")
        self.code = code


def say(zh: str, en: str) -> None:
    """One line on stderr."""
    sys.stderr.write(f"wangge: {zh} · {en}\n")
    sys.stderr.flush()


class Stage:
    """A named stage: said when it starts to take long, every `every` seconds, and when it ends.

    A stage that ends within `quiet` seconds says nothing, so that a second start stays silent.
    """

    def __init__(self, zh: str, en: str, *, quiet: float = 1.0, every: float = 10.0) -> None:
        self.zh, self.en, self.quiet, self.every = zh, en, quiet, every
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._tell, daemon=True)
        self._spoke = False

    def _tell(self) -> None:
        if self._done.wait(self.quiet):
            return
        self._spoke = True
        say(f"{self.zh}……", f"{self.en} ...")
        while not self._done.wait(self.every):
            say(f"{self.zh}，已 {self.elapsed:.0f} 秒", f"{self.en}, {self.elapsed:.0f} s so far")

    @property
    def elapsed(self) -> float:
        """Seconds since the stage began."""
        return time.monotonic() - self._began

    def __enter__(self) -> Stage:
        self._began = time.monotonic()
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._done.set()
        self._thread.join()
        if self._spoke and kind is None:
            say(f"{self.zh}完成，{self.elapsed:.1f} 秒", f"{self.en} done in {self.elapsed:.1f} s")
