"""Problems said in both languages, with a code a program can read and a place a person can find."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(eq=False)
class Problem(Exception):
    """Something went wrong that the user can act on.

    `code` is stable snake_case; `zh` and `en` are whole sentences that say what happened and what to do next;
    `place` says where (file, sheet, row, field), `status` is the HTTP status an entrance answers with.
    """

    code: str
    zh: str
    en: str
    place: str = ""
    status: int = 400
    details: dict[str, object] = field(default_factory=dict)

    def __str__(self) -> str:
        where = f" [{self.place}]" if self.place else ""
        return f"{self.code}{where}: {self.zh} / {self.en}"

    def text(self, language: str) -> str:
        """The sentence in `language` (a code such as "zh-hans" or "en")."""
        return self.zh if language.startswith("zh") else self.en


class BadInput(Problem):
    """What came in cannot stand; nothing was changed."""


@dataclass(eq=False)
class Refused(Problem):
    """The wall said no. The refusal itself is on the ledger."""

    status: int = 403


@dataclass(eq=False)
class NotFound(Problem):
    """There is no such thing, or not for this access: the two are not told apart."""

    status: int = 404


@dataclass(eq=False)
class Conflict(Problem):
    """The thing is no longer in the state the caller saw."""

    status: int = 409
