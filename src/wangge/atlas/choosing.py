"""A move by hand that would leave a grid off target: what the reader is asked before it happens."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from wangge.atlas.words import Off, deviation_of
from wangge.planning.types import MoveChoice, MoveChoices, PlotMove


@dataclass(frozen=True, slots=True)
class After:
    """A grid that a choice changes: its name, households before and after, how far from the target then."""

    name: str
    before: int
    after: int
    off: Off


@dataclass(frozen=True, slots=True)
class Way:
    """One answer: what else moves (with the names of both grids), and what becomes of the grids."""

    choice: MoveChoice
    moves: tuple[tuple[PlotMove, str, str], ...]
    grids: tuple[After, ...]


@dataclass(frozen=True, slots=True)
class Question:
    """The building, from where to where, and the ways to do it."""

    choices: MoveChoices
    source: str
    to: str
    alone: Way
    balanced: Way | None


def asked(choices: MoveChoices, names: Mapping[str, str], tolerance: float) -> Question:
    """The question as the page puts it."""

    def called(code: str) -> str:
        return names.get(code, code)

    def way(choice: MoveChoice) -> Way:
        moves = tuple((move, called(move.before), called(move.after)) for move in choice.moves)
        grids = tuple(
            After(called(grid.code), grid.before, grid.after, deviation_of(grid.deviation, tolerance))
            for grid in choice.grids
        )
        return Way(choice, moves, grids)

    return Question(
        choices,
        called(choices.source),
        called(choices.to),
        way(choices.alone),
        None if choices.balanced is None else way(choices.balanced),
    )
