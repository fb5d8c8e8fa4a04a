"""The map of a crosswalk: ground that stays with its partner pale, what would move in colour, both nets' lines."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import shapely

from wangge_engine.crosswalk.agreement import Agreement
from wangge_engine.crosswalk.nets import Net
from wangge_engine.crosswalk.overlay import OPEN, Overlay
from wangge_engine.frame.plots import AMBER, BLUE, GRID, INK, RED, SOFT, picture, words
from wangge_engine.geometry.measures import LocalFrame, polygons_of


def draw(path: Path, nets: tuple[Net, Net], overlay: Overlay, agreed: Agreement, unit: str) -> None:
    """Writes PNG or SVG."""
    from matplotlib.lines import Line2D
    from matplotlib.patches import Patch

    a, b = nets
    frame = LocalFrame.around([*a.shapes, *b.shapes])
    with picture(path, width=8.0, height=5.4) as figure:
        axes = figure.add_subplot()
        for pair in overlay.pairs:
            if OPEN in (pair.a, pair.b):
                style: dict[str, Any] = {
                    "facecolor": "none",
                    "hatch": "////",
                    "edgecolor": SOFT,
                    "linewidth": 0,
                }
            else:
                stays = agreed.partners.get(pair.a) == pair.b
                style = {
                    "facecolor": GRID if stays else AMBER,
                    "alpha": 0.55 if stays else 0.9,
                    "linewidth": 0,
                }
            _fill(axes, frame.metres(pair.shape), style)
        for net, colour, width, dashes in ((a, BLUE, 2.0, "solid"), (b, RED, 1.1, (0, (4, 2)))):
            for shape in net.shapes:
                for part in polygons_of(frame.metres(shape)):
                    for ring in (part.exterior, *part.interiors):
                        x, y = np.asarray(ring.coords).T
                        axes.plot(
                            x, y, color=colour, linewidth=width, linestyle=dashes, solid_capstyle="round"
                        )
        axes.set_aspect("equal")
        axes.axis("off")
        total = agreed.stays + agreed.moves
        share = agreed.moves / total if total else 0.0
        axes.set_title(
            f"{words('合为一张网最少移动', 'fewest changes to one net')}: {agreed.moves:,.0f} {unit} ({share:.1%})"
        )
        axes.legend(
            handles=[
                Line2D([], [], color=BLUE, linewidth=2.0, label=words("甲网", "net a")),
                Line2D([], [], color=RED, linewidth=1.1, linestyle=(0, (4, 2)), label=words("乙网", "net b")),
                Patch(facecolor=GRID, label=words("两网一致", "agrees")),
                Patch(facecolor=AMBER, label=words("须移动", "would move")),
                Patch(
                    facecolor="none", hatch="////", edgecolor=SOFT, label=words("只有一网", "one net only")
                ),
            ],
            loc="center left",
            bbox_to_anchor=(1.0, 0.5),
            labelcolor=INK,
        )


def _fill(axes: Any, shape: Any, style: dict[str, Any]) -> None:
    from matplotlib.patches import PathPatch
    from matplotlib.path import Path as Outline

    for part in polygons_of(shape):
        rings = [part.exterior, *part.interiors]
        corners = np.concatenate([shapely.get_coordinates(ring) for ring in rings])
        codes = np.concatenate(
            [
                [
                    Outline.MOVETO,
                    *[Outline.LINETO] * (shapely.get_num_coordinates(ring) - 2),
                    Outline.CLOSEPOLY,
                ]
                for ring in rings
            ]
        )
        axes.add_patch(PathPatch(Outline(corners, codes), **style))
