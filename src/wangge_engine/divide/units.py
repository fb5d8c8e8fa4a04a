"""The JSON graph: read and checked. What is safe to mend is mended and said; ``strict`` refuses it."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import orjson

from wangge_engine.divide.territory import KINDS, RESIDENTIAL, Territory
from wangge_engine.frame.problems import Problem, Refused, refuse

NO_ESTATE = (None, "", "-1", -1)
_SHOWN = 20
_OTHER_KINDS = {"school": 1, "hospital": 1, "mall": 1, "government": 1, "park": 2, "green": 2, "": 0}


class Findings:
    """What was mended, each with its place; with ``strict`` the first look at them refuses the input."""

    def __init__(self) -> None:
        self.items: list[Problem] = []

    def add(self, code: str, zh: str, en: str, place: str) -> None:
        self.items.append(Problem(code, zh, en, place))

    def require_none(self) -> None:
        if self.items:
            raise Refused(*self.items[:_SHOWN])


def read_graph(path: Path, found: Findings) -> Territory:
    """Units and borders of ``{"nodes": [...], "edges": [...]}``. Raises Refused for what cannot be understood."""
    try:
        body = orjson.loads(path.read_bytes())
        nodes, edges = body["nodes"], body["edges"]
    except OSError as error:
        raise refuse("no_such_file", "文件打不开", f"cannot be opened: {error}", str(path)) from error
    except (orjson.JSONDecodeError, KeyError, TypeError) as error:
        raise refuse(
            "bad_graph", "不是单元图（缺 nodes 或 edges）", f"not a graph of units: {error}", str(path)
        ) from error
    if not isinstance(nodes, list) or not isinstance(edges, list) or not nodes:
        raise refuse("bad_graph", "单元图里没有单元", "the graph has no units", str(path))
    columns = {
        name: [node.get(name) if isinstance(node, Mapping) else None for node in nodes]
        for name in ("id", "weight", "within", "keep", "kind", "x", "y", "area", "perimeter")
    }
    base = territory_of(columns, path.name, found)
    at = {unit: index for index, unit in enumerate(base.ids)}
    pairs: list[tuple[int, int]] = []
    metres: list[float] = []
    barrier: list[bool] = []
    for row, edge in enumerate(edges):
        place = f"{path.name}, edges[{row}]"
        try:
            a, b, length, crosses = (*edge, False)[:4] if len(edge) == 3 else edge
            one, two, length = at[str(a)], at[str(b)], float(length)
        except (TypeError, ValueError, KeyError) as error:
            raise refuse(
                "bad_edge",
                "边的写法应为 [单元, 单元, 米, 是否跨障碍]",
                f"not a border of two units: {error}",
                place,
            ) from error
        if one == two:
            found.add("edge_to_itself", "单元与自己相邻，已忽略", "a unit borders itself, left out", place)
            continue
        if not math.isfinite(length) or length < 0:
            found.add("bad_length", "共边长度不对，按 0 计", "no length of a border, taken as 0", place)
            length = 0.0
        pairs.append((one, two))
        metres.append(length)
        barrier.append(bool(crosses))
    return with_borders(base, np.array(pairs, dtype=np.int64).reshape(-1, 2), metres, barrier)


def with_borders(base: Territory, pairs: Any, metres: Sequence[float], barrier: Sequence[bool]) -> Territory:
    """The units with their borders."""
    from dataclasses import replace

    return replace(
        base,
        pairs=pairs,
        metres=np.array(metres, dtype=np.float64),
        barrier=np.array(barrier, dtype=bool),
    )


def territory_of(columns: Mapping[str, Sequence[Any]], file: str, found: Findings) -> Territory:
    """Units from columns, without borders. Doubled identifiers refuse; missing weights are mended."""
    ids = [str(value) if value is not None else "" for value in columns["id"]]
    seen: dict[str, int] = {}
    for row, unit in enumerate(ids):
        if not unit or unit in seen:
            raise refuse(
                "bad_unit_id",
                "单元编号缺失或重复",
                f"a unit has no identifier or one twice: {unit!r}",
                f"{file}, row {row + 1}",
            )
        seen[unit] = row
    kind = np.array([_kind(value, ids[row], file, found) for row, value in enumerate(columns["kind"])])
    weight = np.array(
        [_weight(value, ids[row], int(kind[row]), file, found) for row, value in enumerate(columns["weight"])]
    )
    within = ["" if value is None else str(value).strip() for value in columns["within"]]
    for row, name in enumerate(within):
        if not name:
            raise refuse(
                "no_community", "单元没有所属社区", "a unit has no community", f"{file}, unit {ids[row]}"
            )
    keep = ["" if value in NO_ESTATE else str(value) for value in columns["keep"]]
    communities, estates = sorted(set(within)), sorted(set(keep) - {""})
    number = {name: index for index, name in enumerate(communities)}
    estate = {name: index for index, name in enumerate(estates)} | {"": -1}
    x, y, area, perimeter = (_floats(columns.get(name), len(ids)) for name in ("x", "y", "area", "perimeter"))
    return Territory(
        ids, weight.astype(np.float64), np.array([number[name] for name in within], dtype=np.int64), communities,
        np.array([estate[name] for name in keep], dtype=np.int64), estates, kind.astype(np.int64),
        x, y, area, perimeter, np.zeros((0, 2), dtype=np.int64), np.zeros(0), np.zeros(0, dtype=bool),
    )  # fmt: skip


def _kind(value: Any, unit: str, file: str, found: Findings) -> int:
    name = "" if value is None else str(value).strip().lower()
    if name in KINDS:
        return KINDS.index(name)
    if name in _OTHER_KINDS:
        return _OTHER_KINDS[name]
    found.add(
        "bad_kind",
        f"类别 {name!r} 不明，按居住计",
        "an unknown kind, taken as residential",
        f"{file}, unit {unit}",
    )
    return RESIDENTIAL


def _weight(value: Any, unit: str, kind: int, file: str, found: Findings) -> float:
    try:
        number = float(value) if value is not None and value != "" else math.nan
    except (TypeError, ValueError):
        number = math.nan
    if math.isfinite(number) and number >= 0:
        return number
    if kind == RESIDENTIAL or (value is not None and value != ""):
        word = "负数" if math.isfinite(number) else "缺失"
        found.add(
            "bad_weight", f"户数{word}，按 0 计", "no usable weight, taken as 0", f"{file}, unit {unit}"
        )
    return 0.0


def _floats(values: Sequence[Any] | None, count: int) -> Any:
    if values is None:
        return np.full(count, np.nan)
    return np.array([float(v) if isinstance(v, int | float) else np.nan for v in values], dtype=np.float64)
