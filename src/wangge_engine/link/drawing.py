"""The picture of a linkage: the weights of all pairs, what a link is made of, and whom it serves how well."""

from __future__ import annotations

import math
from pathlib import Path
from typing import TYPE_CHECKING, Any

import duckdb

from wangge_engine.frame.plots import AMBER, BLUE, GREEN, GRID, RED, SOFT, picture, words

if TYPE_CHECKING:
    from matplotlib.axes import Axes

LOWEST, HIGHEST = -8, 60  # bits; what lies beyond stands at the edge
FATES = (
    ("joined", BLUE, "同一人", "joined"),
    ("apart", AMBER, "够重但被拒", "good, but refused"),
    ("below", "#c3cbd3", "不够重", "too light"),
)
FIELDS = {
    "name": ("姓名", "name"),
    "id_no": ("号码", "number"),
    "birth": ("出生", "birth"),
    "sex": ("性别", "sex"),
    "home": ("住处电话", "home"),
}
# Pairs by weight and by what became of them: in one entity, good enough and yet apart, or too light.
_WEIGHTS = """
SELECT CASE WHEN x.entity = y.entity THEN 'joined'
            WHEN p.probability >= $threshold THEN 'apart' ELSE 'below' END AS fate,
       CAST(floor(least(greatest(p.weight, $lowest), $highest)) AS INTEGER) AS bits, count(*) AS n
FROM pairs p JOIN entity_of x ON x.uid = p.a JOIN entity_of y ON y.uid = p.b GROUP BY ALL
"""
# The joined pair in the middle of all, and the lightest.
_LINKS = """
SELECT {columns} FROM pairs p JOIN entity_of x ON x.uid = p.a JOIN entity_of y ON y.uid = p.b
WHERE x.entity = y.entity AND p.probability >= $threshold ORDER BY p.weight, p.a, p.b
"""


def draw_linkage(
    path: Path, con: duckdb.DuckDBPyConnection, report: dict[str, Any], threshold: float
) -> None:
    """Draw it from tables ``pairs`` and ``entity_of``, and from the report's ``groups`` where truth was given."""
    groups = report.get("groups")
    with picture(path, width=9.5, height=6.4 if groups else 3.8) as figure:
        panes = figure.subplot_mosaic("WL;GG" if groups else "WL")
        _weights(panes["W"], con, threshold)
        _links(panes["L"], con, threshold)
        if groups:
            _groups(panes["G"], groups)


def _weights(axes: Axes, con: duckdb.DuckDBPyConnection, threshold: float) -> None:
    asked = {"threshold": threshold, "lowest": LOWEST, "highest": HIGHEST}
    counted = {(fate, bits): n for fate, bits, n in con.execute(_WEIGHTS, asked).fetchall()}
    span = range(LOWEST, HIGHEST + 1)
    for fate, colour, zh, en in FATES:
        heights = [counted.get((fate, bits), 0) for bits in span]
        axes.step([*span], heights, where="post", color=colour, lw=1.2)
        axes.fill_between([*span], heights, step="post", color=colour, alpha=0.35, label=words(zh, en))
    line = math.log2(threshold / (1 - threshold))
    axes.axvline(line, color=RED, lw=1.2, ls="--", label=words("阈值", "threshold"))
    axes.set_yscale("symlog", linthresh=1)
    axes.set_ylim(0, 30 * max([1, *counted.values()]))  # room for the legend
    axes.set_title(words("比对的记录对", "pairs by weight"))
    axes.set_xlabel(words("权重（比特）", "weight, bits"))
    axes.legend(loc="upper center", ncols=2)


def _links(axes: Axes, con: duckdb.DuckDBPyConnection, threshold: float) -> None:
    """Waterfalls of two links: from the prior over each comparison to the weight."""
    axes.set_title(words("一条链接的证据", "what a link is made of"))
    fields = [row[0] for row in con.execute("DESCRIBE pairs").fetchall() if row[0].startswith("w_")]
    columns = ", ".join(["p.weight", *(f"coalesce(p.{field}, 0)" for field in fields)])
    query = _LINKS.format(columns=columns)
    asked = {"threshold": threshold}
    count = con.execute(f"SELECT count(*) FROM ({query})", asked).fetchall()[0][0]
    if not count:
        axes.set_axis_off()
        return
    names = [words(*FIELDS.get(field[2:], (field[2:], field[2:]))) for field in fields]
    labels = [words("先验", "prior"), *names, words("合计", "in all")]
    shown = (
        (count // 2, BLUE, "居中的链接", "a link in the middle"),
        (0, AMBER, "最轻的链接", "the lightest link"),
    )
    for place, (rank, colour, zh, en) in enumerate(shown):
        weight, *bits = con.execute(f"{query} LIMIT 1 OFFSET {rank}", asked).fetchall()[0]
        steps = [weight - sum(bits), *bits]
        base, offset = 0.0, 0.2 - 0.4 * place
        for row, step in enumerate(steps):
            axes.barh(row - offset, step, 0.36, left=base, color=colour, alpha=0.9 if step >= 0 else 0.45)
            base += step
        axes.barh(len(steps) - offset, weight, 0.36, color=colour, label=words(zh, en))
    axes.axvline(0, color=SOFT, lw=0.8)
    axes.set_yticks(range(len(labels)), labels)
    axes.invert_yaxis()
    axes.grid(visible=False, axis="y")
    axes.set_xlabel(words("比特", "bits"))
    axes.legend(loc="upper right")


def _groups(axes: Axes, groups: dict[str, dict[str, dict[str, Any]]]) -> None:
    rows = [(name, row) for kind in groups.values() for name, row in kind.items() if row["true_pairs"]]
    for place, (_, row) in enumerate(rows):
        axes.plot([place, place], [min(row["recall"], row["ceiling"]), 1], color=GRID, lw=6, zorder=1)
    places = range(len(rows))
    for key, marker, colour, zh, en in (
        ("precision", "o", GREEN, "查准", "precision"),
        ("recall", "o", BLUE, "查全", "recall"),
        ("ceiling", "_", RED, "数据所限的查全", "recall that the data allow"),
    ):
        axes.scatter(
            places,
            [row[key] for _, row in rows],
            marker=marker,
            color=colour,
            s=34,
            label=words(zh, en),
            zorder=3,
        )
    axes.set_xticks([*places], [name for name, _ in rows], rotation=30, ha="right")
    axes.set_title(words("各类人的质量", "whom it serves how well"))
    axes.grid(visible=False, axis="x")
    axes.legend(loc="lower left", ncols=3)
