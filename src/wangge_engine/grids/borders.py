"""Files of borders: which column holds the division code, and what the borders say of grids to be judged."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import shapely

from wangge_engine.frame.problems import refuse
from wangge_engine.geometry.measures import Geometry, repaired
from wangge_engine.grids.codes import CodeFault, level_of, normal_code
from wangge_engine.grids.judging import Surroundings
from wangge_engine.grids.kinds import Level

CODE_HEADERS = (
    "code",
    "code12",
    "adcode",
    "区划代码",
    "行政区划代码",
    "社区编码",
    "社区代码",
    "街道代码",
    "代码",
    "编码",
)
NAME_HEADERS = ("name", "名称", "区划名称", "社区名称", "街道名称")


def find_code_column(names: Sequence[str]) -> str | None:
    """The file's column of division codes; None when no header is recognised."""
    return _first(names, CODE_HEADERS)


def _first(names: Sequence[str], words: Sequence[str]) -> str | None:
    plain = {name.strip().casefold(): name for name in names}
    return next((plain[word] for word in words if word in plain), None)


def surroundings_of(
    columns: Mapping[str, Sequence[Any]],
    geometries: Sequence[Geometry],
    named: Sequence[str],
    file_name: str,
) -> Surroundings:
    """What a file of borders says of grids that lie in the communities ``named``.

    With codes of communities, only those stand; without codes the file is one outline. All of its ground is to be
    filled either way. Refuses a row whose code is none, and a file without any area.
    """
    column, name_column = find_code_column(list(columns)), _first(list(columns), NAME_HEADERS)
    borders: dict[str, Geometry] = {}
    names: dict[str, str] = {}
    for row, shape in enumerate(geometries if column else (), start=1):
        text = str(columns[column or ""][row - 1] or "")
        code = normal_code(text)
        if isinstance(code, CodeFault):
            raise refuse(code.code, code.zh, code.en, f"{file_name}, row {row}")
        ground = [repaired(shape)] if shape is not None else []
        borders[code] = shapely.union_all([*ground, *([borders[code]] if code in borders else [])])
        names[code] = str(columns[name_column][row - 1] or "") if name_column else ""
    outline = shapely.union_all([repaired(shape) for shape in geometries if shape is not None])
    if outline.is_empty:
        raise refuse(
            "borders_empty", "边界文件中没有任何面。", "The file of borders holds no area.", file_name
        )
    communities = {code: name for code, name in names.items() if level_of(code) is Level.COMMUNITY}
    return Surroundings(
        communities=communities or dict.fromkeys(named, ""),
        streets={code: name for code, name in names.items() if level_of(code) is Level.STREET},
        borders=borders,
        outline=outline,
    )
