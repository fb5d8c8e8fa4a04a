"""Doors: the declared functions through which a room is read and written.

A declaration is one line above a function. From it come the check, the scope, the masking and the ledger row,
all in one transaction with the work itself; the boolean behind a button; the row of the permission matrix.
"""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any, Concatenate, ParamSpec, Protocol, TypeVar, cast

from wangge.kernel.access import Access
from wangge.kernel.problems import Refused

P = ParamSpec("P")
R = TypeVar("R")


@dataclass(frozen=True, slots=True)
class Declaration:
    """What a door is for. `name` is "room.function", `kind` read or write, `verb` what a policy names."""

    name: str
    kind: str
    noun: str
    act: str
    subject: str | None
    doc: str

    @property
    def room(self) -> str:
        return self.name.partition(".")[0]

    @property
    def verb(self) -> str:
        return f"{self.act}:{self.noun}"

    @property
    def verbs(self) -> tuple[str, ...]:
        """The act itself and the wider read or write it is part of."""
        wide = f"{self.kind}:{self.noun}"
        return (self.verb,) if self.verb == wide else (self.verb, wide)


class Passage(Protocol):
    """One passing of one door."""

    def leave(self, result: Any) -> Any:
        """Mask the result by obligation, write the ledger row, give the result."""


class Gate(Protocol):
    """What stands in every door; the room `access` provides it."""

    def passage(
        self, access: Access, declaration: Declaration, arguments: dict[str, Any]
    ) -> AbstractContextManager[Passage]: ...


class _Hall:
    """The declared doors by name, and the one gate."""

    def __init__(self) -> None:
        self.declarations: dict[str, Declaration] = {}
        self.gate: Gate | None = None


_hall = _Hall()


def install(gate: Gate) -> None:
    """Put the gate in place. Called once at start by the room `access`; without it every door stays shut."""
    _hall.gate = gate


def declarations() -> tuple[Declaration, ...]:
    """All doors declared so far, by name."""
    return tuple(_hall.declarations[name] for name in sorted(_hall.declarations))


def declaration_of(function: Callable[..., Any]) -> Declaration:
    """The declaration of a door; raises AttributeError for a function that is none."""
    return cast(Declaration, function.__declaration__)  # type: ignore[attr-defined]


def door(
    *, reads: str | None = None, writes: str | None = None, act: str | None = None, subject: str | None = None
) -> Callable[[Callable[Concatenate[Access, P], R]], Callable[Concatenate[Access, P], R]]:
    """Declare a door that reads or writes a noun.

    `act` is a finer verb than read or write (accept, verify, seal); `subject` names the argument that holds the
    id of the person concerned, where the result does not say it.
    """
    if (reads is None) == (writes is None):
        raise TypeError("a door reads or writes, one of the two")
    kind = "read" if reads is not None else "write"
    noun = reads if reads is not None else cast(str, writes)

    def declare(function: Callable[Concatenate[Access, P], R]) -> Callable[Concatenate[Access, P], R]:
        parameters = list(inspect.signature(function).parameters.values())
        if not parameters or parameters[0].name != "access":
            raise TypeError(f"{function.__qualname__}: a door takes `access` first")
        if any(p.kind is not inspect.Parameter.KEYWORD_ONLY for p in parameters[1:]):
            raise TypeError(f"{function.__qualname__}: after `access` a door takes keywords only")
        if inspect.isgeneratorfunction(function):
            raise TypeError(
                f"{function.__qualname__}: a door returns a value; a generator would outlive its check"
            )
        room = function.__module__.removeprefix("wangge.").partition(".")[0]
        declaration = Declaration(
            name=f"{room}.{function.__name__}",
            kind=kind,
            noun=noun,
            act=act or kind,
            subject=subject,
            doc=(inspect.getdoc(function) or "").partition("\n")[0],
        )
        _hall.declarations[declaration.name] = declaration

        @functools.wraps(function)
        def pass_door(access: Access, *args: P.args, **kwargs: P.kwargs) -> R:
            if not isinstance(access, Access) or args:
                raise TypeError(f"{declaration.name}: give the access, then keywords")
            if _hall.gate is None:
                raise Refused(
                    code="no_gate",
                    zh="访问控制尚未就绪，拒绝一切访问。",
                    en="The gate is not in place: all refused.",
                )
            with _hall.gate.passage(access, declaration, kwargs) as passage:
                return cast(R, passage.leave(function(access, *args, **kwargs)))

        pass_door.__declaration__ = declaration  # type: ignore[attr-defined]
        return cast(Callable[Concatenate[Access, P], R], pass_door)

    return declare
