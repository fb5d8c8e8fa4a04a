"""The picture of tiers: how many areas had each colour on each day of the last five weeks."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from pathlib import Path

from wangge_engine.frame.plots import date_axis, picture, words
from wangge_engine.tiers.grading import Case, facts_on
from wangge_engine.tiers.rules import Pack

DAYS = 35
PAINT = {"red": "#c8372d", "orange": "#e8833a", "yellow": "#f2c744", "blue": "#5b8fc7", "green": "#6aa56f"}
ZH = {"red": "红", "orange": "橙", "yellow": "黄", "blue": "蓝", "green": "绿"}


def draw_tiers(path: Path, cases: Mapping[str, Sequence[Case]], pack: Pack, as_of: date) -> None:
    """Stacked days up to the date; the pack is applied to every day as if it had been in force."""
    days = [as_of - timedelta(days=back) for back in range(DAYS - 1, -1, -1)]
    told = [
        Counter(pack.decide(facts_on(known, pack, day)).colour for known in cases.values()) for day in days
    ]
    order = list(dict.fromkeys([*PAINT, *(rule.colour for rule in pack.rules)]))
    with picture(path, width=8, height=3.0) as figure:
        axes = figure.subplots()
        under = [0] * DAYS
        places = [day.toordinal() - 719_163 for day in days]
        for colour in reversed(order):
            heights = [counts[colour] for counts in told]
            if any(heights):
                axes.bar(
                    places, heights, bottom=under, width=0.92, color=PAINT.get(colour, "#9aa5b1"),
                    label=words(ZH.get(colour, colour), colour),
                )  # fmt: skip
                under = [low + height for low, height in zip(under, heights, strict=True)]
        date_axis(axes)
        axes.set_title(f"{pack.id} · {as_of.isoformat()}")
        axes.set_ylabel(words("地区数", "areas"))
        axes.grid(visible=False, axis="x")
        axes.legend(loc="upper left", bbox_to_anchor=(1.0, 1.0))
