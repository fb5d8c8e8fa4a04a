"""What can be wrong, in both languages. A problem never holds a personal value."""

from __future__ import annotations


class Problem(Exception):
    """One thing wrong: a code for programs, a sentence in Chinese and in English, and where it is."""

    def __init__(self, code: str, zh: str, en: str, place: str = "") -> None:
        super().__init__(code)
        self.code, self.zh, self.en, self.place = code, zh, en, place

    def __str__(self) -> str:
        where = f"[{self.place}] " if self.place else ""
        return f"{where}{self.zh} / {self.en} ({self.code})"


class Unreadable(Problem):
    """The text is no credential of this profile: nothing can be said of it. Exit code 2."""


class Refused(Problem):
    """Input or usage is refused and nothing was written. Exit code 2."""
