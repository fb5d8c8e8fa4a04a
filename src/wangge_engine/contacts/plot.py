"""The picture: when contacts of each class first met an index person, and where most of them did."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import duckdb

from wangge_engine.contacts.tracing import Tracing, offsets_of
from wangge_engine.frame.instants import DAY, offset_sql
from wangge_engine.frame.plots import AMBER, RED, SOFT, picture, shorten, words

PLACES = 12


def draw(con: duckdb.DuckDBPyConnection, run: Tracing, path: Path) -> None:
    """A bar a day, stacked by class, beside the places with most contacts."""
    shift = offset_sql("f.s", offsets_of(run))
    joined = (
        "found f JOIN spots o ON o.spot = f.spot JOIN variants v ON v.kind = o.place_kind AND v.rank = f.rank"
    )
    days = con.execute(
        f"SELECT CAST(floor((f.s + {shift}) / {DAY}) AS BIGINT) AS day, v.class, count(*) FROM {joined} GROUP BY ALL"
    ).fetchall()
    places = con.execute(
        f"SELECT CAST(o.place_id AS VARCHAR), o.place_kind, count(*) FILTER (v.class = 'close_contact'), count(*)"
        f" FROM {joined} GROUP BY ALL ORDER BY 4 DESC, 1 LIMIT {PLACES}"
    ).fetchall()
    with picture(path, width=8.4, height=3.4) as figure:
        left, right = figure.subplots(1, 2, width_ratios=(3, 2))
        names = {
            "close_contact": (words("密切接触者", "close"), RED),
            "general_contact": (words("一般接触者", "general"), AMBER),
        }
        base: dict[int, int] = {}
        for told, (label, colour) in names.items():
            own = {day: number for day, one, number in days if one == told}
            at = sorted(own)
            left.bar(
                [date(1970, 1, 1) + timedelta(days=day) for day in at],
                [own[day] for day in at],
                bottom=[base.get(day, 0) for day in at],
                color=colour,
                label=label,
                width=0.9,
            )
            base |= {day: base.get(day, 0) + number for day, number in own.items()}
        left.set_title(words("接触者，按首次相遇日期", "Contacts by day of first meeting"))
        left.tick_params(axis="x", rotation=40)
        left.legend()
        shown = list(reversed(places))
        labels = [f"{shorten(name, 18)} ({kind})" for name, kind, _, _ in shown]
        right.barh(labels, [every for *_, every in shown], color=AMBER)
        right.barh(labels, [close for _, _, close, _ in shown], color=RED)
        right.set_title(words("场所", "Places"))
        right.grid(axis="y", visible=False)
        if not places:
            left.text(0.5, 0.5, words("没有接触者", "no contacts"), transform=left.transAxes, color=SOFT)
