"""The map of a plan: grids coloured by how far they are from the target, light where they are on it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import shapely
from PIL import Image, ImageDraw, ImageFont

from wangge_engine.divide.territory import EXCLUSIVE, RESIDENTIAL, Ints, Rule, Territory
from wangge_engine.geometry.measures import LocalFrame, polygons_of

_WIDE, _MARGIN, _FINER = 1600, 40, 2
_LESS, _MIDDLE, _MORE = (33, 102, 172), (247, 247, 242), (178, 24, 43)
_EXCLUSIVE, _OPEN, _PAPER, _INK = (214, 210, 222), (218, 232, 208), (255, 255, 255), (60, 60, 60)


def draw_map(path: Path, land: Territory, grid: Ints, kinds: Ints, weight: Any, rule: Rule) -> None:  # noqa: PLR0917 -- one thing each, of its own type
    """Writes a PNG. Polygons where the units have them, else a dot for each unit."""
    colours = [_colour(int(kinds[one]), float(weight[one]), rule) for one in range(len(kinds))]
    places = _places(land)
    low, high = places[:, :2].min(axis=0), places[:, :2].max(axis=0)
    span = np.maximum(high - low, 1e-9)
    wide = _WIDE * _FINER
    scale = (wide - 2 * _MARGIN * _FINER) / max(float(span[0]), float(span[1]) * 0.4)
    tall = int(float(span[1]) * scale) + (2 * _MARGIN + 90) * _FINER
    image = Image.new("RGB", (wide, tall), _PAPER)
    pen = ImageDraw.Draw(image)

    def pixels(xy: Any) -> list[tuple[float, float]]:
        moved = (np.asarray(xy) - [low[0], high[1]]) * [scale, -scale] + _MARGIN * _FINER
        return [(float(x), float(y)) for x, y in moved]

    if land.shapes is not None:
        frame = LocalFrame.around(land.shapes)
        flat = np.array([frame.metres(shape) for shape in land.shapes], dtype=object)
        for unit, shape in enumerate(flat):
            for part in polygons_of(shape):
                pen.polygon(
                    pixels(part.exterior.coords), fill=colours[int(grid[unit])], outline=(226, 226, 222)
                )
        _outlines(pen, flat, grid, pixels, (70, 70, 70), 2)
        _outlines(pen, flat, land.community, pixels, (20, 20, 20), 4)
    else:
        radius = max(2.0, 0.35 * (float(span[0] * span[1]) / max(len(places), 1)) ** 0.5 * scale)
        for a, b in land.pairs.tolist():
            if grid[a] == grid[b]:
                pen.line(pixels(places[[a, b]]), fill=(150, 150, 150), width=_FINER)
        for unit, (x, y) in enumerate(pixels(places)):
            box = (x - radius, y - radius, x + radius, y + radius)
            pen.ellipse(box, fill=colours[int(grid[unit])], outline=(120, 120, 120))
    _legend(pen, wide, tall, rule)
    image.resize((wide // _FINER, tall // _FINER), Image.Resampling.LANCZOS).save(path, "PNG", optimize=True)


def _places(land: Territory) -> Any:
    if land.shapes is not None:
        frame = LocalFrame.around(land.shapes)
        return shapely.get_coordinates([frame.metres(shape) for shape in land.shapes])
    known = np.isfinite(land.x) & np.isfinite(land.y)
    if known.all() and len(land.ids):
        return np.column_stack([land.x, land.y])
    side = int(np.ceil(len(land.ids) ** 0.5))  # no places: a square of dots, community by community
    spot = np.empty(len(land.ids), dtype=np.int64)
    spot[np.lexsort((np.arange(len(land.ids)), land.community))] = np.arange(len(land.ids))
    return np.column_stack([spot % side, -(spot // side)]).astype(np.float64)


def _outlines(  # noqa: PLR0917 -- one thing each, of its own type
    pen: Any, flat: Any, label: Ints, pixels: Any, colour: tuple[int, int, int], width: int
) -> None:
    order = np.argsort(label, kind="stable")
    starts = np.flatnonzero(np.diff(label[order], prepend=-1))
    for start, end in zip(starts.tolist(), [*starts[1:].tolist(), len(order)], strict=True):
        for part in polygons_of(shapely.union_all(flat[order[start:end]])):
            for ring in (part.exterior, *part.interiors):
                pen.line(pixels(ring.coords), fill=colour, width=width, joint="curve")


def _colour(kind: int, weight: float, rule: Rule) -> tuple[int, int, int]:
    if kind != RESIDENTIAL:
        return _EXCLUSIVE if kind == EXCLUSIVE else _OPEN
    off = (weight / rule.target - 1.0) / max(rule.slack * 1.6, 0.01)
    return _shade(max(-1.0, min(1.0, off)))


def _shade(off: float) -> tuple[int, int, int]:
    end = _MORE if off > 0 else _LESS
    share = abs(off) ** 0.8
    red, green, blue = (round(a + (b - a) * share) for a, b in zip(_MIDDLE, end, strict=True))
    return red, green, blue


def _legend(pen: Any, wide: int, tall: int, rule: Rule) -> None:
    font = ImageFont.load_default(size=15 * _FINER)
    top, left, long = tall - 62 * _FINER, _MARGIN * _FINER, 380 * _FINER
    for step in range(long):
        off = 2.0 * step / long - 1.0
        pen.line([(left + step, top), (left + step, top + 16 * _FINER)], fill=_shade(off))
    most = rule.slack * 1.6
    for off in (-rule.slack, -rule.tolerance, 0.0, rule.tolerance, rule.slack):
        x = left + long * (off / most + 1.0) / 2.0
        pen.line([(x, top), (x, top + 20 * _FINER)], fill=_INK, width=_FINER)
        pen.text(
            (x, top + 22 * _FINER),
            f"{off:+.0%}" if off else f"{rule.target:g}",
            font=font,
            fill=_INK,
            anchor="ma",
        )
    for at, (colour, word) in enumerate(((_EXCLUSIVE, "exclusive"), (_OPEN, "open"))):
        x = left + long + (60 + 150 * at) * _FINER
        pen.rectangle((x, top, x + 24 * _FINER, top + 16 * _FINER), fill=colour, outline=(150, 150, 150))
        pen.text((x + 32 * _FINER, top), word, font=font, fill=_INK)
