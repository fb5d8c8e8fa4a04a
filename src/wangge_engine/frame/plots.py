"""Pictures of an analysis (``--plot FILE``): small PNG or SVG, in both languages where the machine has Chinese fonts.

matplotlib is imported only here, inside the functions: a command without ``--plot`` never pays for it.
"""

from __future__ import annotations

import io
import logging
from argparse import ArgumentParser
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from wangge_engine.frame.problems import refuse

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

FORMATS = (".png", ".svg")
CJK = (
    "Noto Sans CJK SC", "Noto Sans SC", "Source Han Sans SC", "Noto Sans CJK JP", "PingFang SC", "Heiti SC",
    "WenQuanYi Micro Hei", "Microsoft YaHei", "SimHei",
)  # fmt: skip
INK, SOFT, GRID = "#1f2933", "#7b8794", "#e4e7eb"
BLUE, RED, AMBER, GREEN, PURPLE = "#2f6db5", "#c8372d", "#e0962b", "#3c8d5a", "#7a4fa3"
_COLOURS = 96  # of the palette of a PNG: smooth text, a third of the size


def plot_argument(parser: ArgumentParser, what: str) -> None:
    """The option ``--plot FILE``; ``what`` says what the picture shows."""
    parser.add_argument("--plot", type=Path, metavar="FILE", help=f"{what}: a picture, .png or .svg")


def require_known_picture(path: Path | None) -> None:
    """Refuse a picture of another format before any work is done."""
    if path is not None and path.suffix.lower() not in FORMATS:
        words = "、".join(FORMATS)
        raise refuse(
            "unknown_format", f"图片只能写 {words}", f"a picture is {' or '.join(FORMATS)}", str(path)
        )


@cache
def _cjk() -> str:
    """A font of this machine with Chinese characters, or nothing."""
    logging.getLogger("matplotlib.font_manager").setLevel(logging.ERROR)
    from matplotlib.font_manager import fontManager

    present = {font.name for font in fontManager.ttflist}
    return next((name for name in CJK if name in present), "")


def words(zh: str, en: str) -> str:
    """A label in both languages, or in English where no font of the machine has Chinese characters."""
    return f"{zh} {en}" if _cjk() else en


@contextmanager
def picture(path: Path, *, width: float = 8.0, height: float = 4.0) -> Iterator[Figure]:
    """An empty figure (inches) that is written to ``path`` when the block ends well."""
    import matplotlib as mpl
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    style: Any = {
        "font.family": [*([_cjk()] if _cjk() else []), "DejaVu Sans"],
        "font.size": 9, "text.color": INK, "axes.labelcolor": INK, "axes.edgecolor": SOFT,
        "axes.spines.top": False, "axes.spines.right": False, "axes.linewidth": 0.8,
        "axes.titlesize": 10, "axes.titleweight": "bold", "axes.titlelocation": "left",
        "xtick.color": SOFT, "ytick.color": SOFT, "xtick.labelcolor": INK, "ytick.labelcolor": INK,
        "axes.grid": True, "axes.axisbelow": True, "grid.color": GRID, "grid.linewidth": 0.8,
        "legend.frameon": False, "legend.fontsize": 8, "svg.fonttype": "path", "axes.unicode_minus": False,
    }  # fmt: skip
    with mpl.rc_context(style):
        figure = Figure(figsize=(width, height), dpi=110, layout="constrained")
        FigureCanvasAgg(figure)
        yield figure
        if path.suffix.lower() == ".svg":
            figure.savefig(path, format="svg", metadata={"Date": None})
            return
        _write_png(figure, path)


def _write_png(figure: Figure, path: Path) -> None:
    from PIL import Image

    drawn = io.BytesIO()
    figure.savefig(drawn, format="png")
    with Image.open(drawn) as image:
        few = image.convert("RGB").quantize(_COLOURS, dither=Image.Dither.NONE)
        few.save(path, format="PNG", optimize=True)


def date_axis(axes: Axes) -> None:
    """The x axis counts days since 1970: a few dates under it."""
    from matplotlib import dates

    ticks: Any = dates  # its classes carry no types
    axes.xaxis.set_major_locator(ticks.AutoDateLocator(minticks=3, maxticks=7))
    axes.xaxis.set_major_formatter(ticks.DateFormatter("%Y-%m-%d"))


def shorten(text: str, at_most: int = 28) -> str:
    """A name that fits a legend; a dollar sign is a sign, not mathematics."""
    told = text if len(text) <= at_most else text[: at_most - 1] + "…"
    return told.replace("$", r"\$")
