"""The evidence of a link as steps, the strongest first."""

from __future__ import annotations

from collections.abc import Mapping

from wangge.registry.types import EvidenceStep

PREFIX = "w_"
NOTHING = 0.05  # bits; what adds less says nothing


def steps_of(bits: Mapping[str, float | None]) -> tuple[EvidenceStep, ...]:
    """Comparisons with what each added or took, by size."""
    steps = [
        EvidenceStep(name.removeprefix(PREFIX), float(value))
        for name, value in bits.items()
        if name.startswith(PREFIX) and value is not None and abs(value) >= NOTHING
    ]
    return tuple(sorted(steps, key=lambda s: (-abs(s.bits), s.comparison)))
