"""What a room says when it has destroyed its part of an emergency's data."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class StoreCount:
    """One store (table, folder of files, queue) and how many rows or files of the emergency were destroyed in it."""

    store: str
    count: int
