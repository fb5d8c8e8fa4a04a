"""In which order the tests run: shuffled by pytest-randomly as ever, but what takes long begins first.

Two workers begin with a half of the list each, and who is done takes from the tail of the other's (`--dist worksteal`).
So the long modules stand at the head of both halves, and short tests are what is left when one runs out of work; a
module stays together, because what it made for itself once would be made again by the other worker.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from typing import TypeVar

import pytest

T = TypeVar("T")
LONGEST = ("tests/story/test_story.py", "tests/endurance/test_kills.py", "tests/demo/test_run.py")


def long_first(items: Sequence[pytest.Item]) -> list[pytest.Item]:
    """The items anew: modules with a test marked `slow`, the longest of them first, shared out over both halves."""
    slow = {_module(item) for item in items if item.get_closest_marker("slow")}
    long = sorted((item for item in items if _module(item) in slow), key=_rank)
    modules = [list(group) for _, group in groupby(long, _module)]
    return halved(modules, [item for item in items if _module(item) not in slow])


def halved(modules: Sequence[list[T]], short: list[T]) -> list[T]:
    """Every second of `modules` at the head, the others at the head of the second half, as far as they fit."""
    total = sum(map(len, modules)) + len(short)
    first = [item for module in modules[::2] for item in module]
    second = [item for module in modules[1::2] for item in module]
    room = min(max(0, total // 2 - len(first)), len(short))
    return first + short[:room] + second + short[room:]


def _module(item: pytest.Item) -> str:
    return item.nodeid.partition("::")[0]


def _rank(item: pytest.Item) -> tuple[int, str]:
    """Known ones in their order, then by name: the shuffled order stays inside a module."""
    module = _module(item)
    return (LONGEST.index(module) if module in LONGEST else len(LONGEST), module)
