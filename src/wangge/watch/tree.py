"""A patient's chain as a drawing: days run to the right, a line joins each person to the one it came through."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from wangge.outbreaks.types import ChainNode

SHOWN = 60  # marks drawn; the lists below it have everybody
ALONE = 3  # so many who met one person on one day, and led nowhere, stand alone; more are one mark
ROW, LEFT, RIGHT, TOP, STEP = 26, 12, 170, 36, 30
MOST_LABELS, LEAST_WIDTH, MOST_WIDTH = 7, 320, 900


@dataclass(frozen=True, slots=True)
class Mark:
    """A person, or `many` of one kind: where, and what the drawing says. `kind` is root, patient, contact, unknown or
    many; `node` is None for the root; `line` is the path to the one it came through, "" for the root and loose ends."""

    kind: str
    node: ChainNode | None
    label: str
    x: float
    y: float
    line: str


@dataclass(frozen=True, slots=True)
class Tree:
    """The drawing's frame, its marks from top to bottom, its days, and how many of the chain are not in it."""

    width: int
    height: int
    marks: tuple[Mark, ...]
    days: tuple[tuple[float, str], ...]
    left_out: int


@dataclass(frozen=True, slots=True)
class _Drawn:
    """What becomes one mark: the first of those it stands for, by place in the chain, and how many they are."""

    at: int
    people: int
    kind: str
    label: str


def tree(
    patient: str,
    began: date | None,
    chain: Sequence[tuple[ChainNode, str]],
    *,
    back: bool,
    classes: Mapping[str, object],
) -> Tree | None:
    """A chain, (node, name) each, the nearest marks of it; None where there is nobody.

    `began` is the patient's onset, the root's place where it stands before (traced back: after) every meeting;
    `classes` are the words of the classes of contact.
    """
    if not chain:
        return None
    days = [node.first_on if back else node.last_on for node, _ in chain]
    whole = _marks(chain, days, classes)
    drawn = whole[:SHOWN]
    edge = max(days) if back else min(days)
    root = edge if began is None else max(edge, began) if back else min(edge, began)
    first, last = min([*days, root]), max([*days, root])
    span = max((last - first).days, 1)
    width = min(max(LEAST_WIDTH, LEFT + RIGHT + span * STEP), MOST_WIDTH)
    scale = (width - LEFT - RIGHT) / span

    def x(day: date) -> float:
        return round(LEFT + (day - first).days * scale, 1)

    rows = _rows(drawn, [node for node, _ in chain], days)
    at: dict[int | None, tuple[float, float]] = {None: (x(root), float(TOP))}
    at |= {one.at: (x(days[one.at]), float(TOP + ROW * rows[one.at])) for one in drawn}
    marks = [Mark("root", None, patient, *at[None], "")]
    for one in sorted(drawn, key=lambda one: rows[one.at]):
        node = chain[one.at][0]
        here, there = at[one.at], at.get(node.through) if node.joined else None
        line = f"M{there[0]} {there[1]}V{here[1]}H{here[0]}" if there else ""
        marks.append(Mark(one.kind, node, one.label, *here, line))
    every = -(-(span + 1) // MOST_LABELS)
    shown = [first + timedelta(days=n) for n in range(0, span + 1, every)]
    ticks = tuple((x(day), f"{day:%m-%d}") for day in shown)
    left_out = sum(one.people for one in whole[SHOWN:])
    return Tree(width, TOP + ROW * (len(drawn) + 1), tuple(marks), ticks, left_out)


def _marks(
    chain: Sequence[tuple[ChainNode, str]], days: Sequence[date], classes: Mapping[str, object]
) -> list[_Drawn]:
    """One mark a person; contacts of one class who met one person on one day and led nowhere are one mark."""
    led = {node.through for node, _ in chain if node.joined}
    like: dict[tuple[object, ...], list[int]] = {}
    for n, (node, _) in enumerate(chain):
        ends = node.patient_id is None and n not in led
        key = (node.joined, node.through, days[n], node.contact_class) if ends else (n,)
        like.setdefault(key, []).append(n)
    found = []
    for same in like.values():
        node = chain[same[0]][0]
        if len(same) > ALONE:
            word = classes.get(node.contact_class, "?")
            found.append(_Drawn(same[0], len(same), "many", f"{len(same)} × {word}"))
            continue
        for n in same:
            node = chain[n][0]
            kind = "patient" if node.patient_id else "contact" if node.contact_id else "unknown"
            found.append(_Drawn(n, 1, kind, chain[n][1]))
    return sorted(found, key=lambda one: one.at)


def _rows(drawn: Sequence[_Drawn], nodes: Sequence[ChainNode], days: Sequence[date]) -> dict[int, int]:
    """The row of each: what came through somebody stands right under them, the earliest first; loose ends last."""
    under: dict[int | None, list[tuple[date, int]]] = {}
    for one in drawn:
        if nodes[one.at].joined:
            under.setdefault(nodes[one.at].through, []).append((days[one.at], one.at))
    rows: dict[int, int] = {}
    waiting = sorted(under.get(None, []), reverse=True)
    while waiting:
        _, here = waiting.pop()
        rows[here] = len(rows) + 1
        waiting += sorted(under.get(here, []), reverse=True)
    for one in drawn:
        rows.setdefault(one.at, len(rows) + 1)
    return rows
