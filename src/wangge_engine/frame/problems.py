"""What went wrong, in both languages, with its place."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Problem:
    """One thing wrong with the input. ``place`` names file, row or column; never a personal value."""

    code: str
    zh: str
    en: str
    place: str = ""

    def __str__(self) -> str:
        where = f"[{self.place}] " if self.place else ""
        return f"{where}{self.zh} / {self.en} ({self.code})"


class Refused(Exception):
    """The input or the usage is refused: exit code 2, and no output exists."""

    def __init__(self, *problems: Problem) -> None:
        super().__init__("\n".join(str(problem) for problem in problems))
        self.problems = problems


def refuse(code: str, zh: str, en: str, place: str = "") -> Refused:
    """A refusal with one problem."""
    return Refused(Problem(code, zh, en, place))
