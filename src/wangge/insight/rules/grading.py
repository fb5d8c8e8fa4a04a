"""What is told of an area's colour: which pack, which areas are too small, and its facts as everybody may see them."""

from __future__ import annotations

from collections.abc import Mapping

from wangge.kernel.disclosure import SMALL, coarse

TIER_PACK = "five-colour-county"
LEAST_HOUSEHOLDS = 50  # fewer, and a colour would speak of one door; the street's colour counts there
COLOURS = ("red", "orange", "yellow", "blue", "green")


def told_facts(facts: Mapping[str, float | str | None]) -> dict[str, str]:
    """Counts made coarse; a share only where the whole is large enough, in steps of ten per cent; no dates."""
    told: dict[str, str] = {}
    for name, value in facts.items():
        if not isinstance(value, int | float):
            continue
        if name.endswith("_share"):
            if float(facts.get("cumulative") or 0) > SMALL:
                told[name] = f"{round(value * 10) * 10} %"
        else:
            told[name] = coarse(int(value))
    return told
