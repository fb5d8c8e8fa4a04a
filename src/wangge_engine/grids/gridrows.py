"""What the columns of a grid file mean: code, name, kind, community, households; each fault with its row."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from wangge_engine.geometry.measures import Geometry, place_if_any
from wangge_engine.grids.codes import CodeFault, normal_code
from wangge_engine.grids.kinds import SUBKINDS, GridKind, GridSubkind
from wangge_engine.grids.schemes import UnitScheme
from wangge_engine.topology.defects import Defect, defect
from wangge_engine.topology.kinds import DefectKind

# our own export first, then the headers that cities use
SYNONYMS: dict[str, tuple[str, ...]] = {
    "code": (
        "code",
        "grid_code",
        "gridcode",
        "unit_code",
        "网格编码",
        "网格代码",
        "单元网格编码",
        "编码",
        "代码",
    ),
    "name": ("name", "grid_name", "gridname", "网格名称", "单元网格名称", "名称"),
    "kind": ("kind", "grid_kind", "网格类型", "网格类别", "类型"),
    "subkind": ("subkind", "use", "网格细类", "专属类型", "用途"),
    "community": (
        "community",
        "comm_code",
        "community_code",
        "所属社区编码",
        "社区编码",
        "社区代码",
        "所属社区代码",
    ),
    "households": ("households", "hh", "户数", "总户数", "住户数"),
}
_KINDS = {
    "base": GridKind.BASE,
    "基础网格": GridKind.BASE,
    "综合网格": GridKind.BASE,
    "基础": GridKind.BASE,
    "exclusive": GridKind.EXCLUSIVE,
    "专属网格": GridKind.EXCLUSIVE,
    "专属": GridKind.EXCLUSIVE,
}
_SUBKINDS = {
    **{subkind.value: subkind for subkind in GridSubkind},
    "residential": GridSubkind.ESTATE,
    "小区": GridSubkind.ESTATE,
    "住宅小区": GridSubkind.ESTATE,
    "住宅": GridSubkind.ESTATE,
    "自然村": GridSubkind.NATURAL_VILLAGE,
    "机关": GridSubkind.GOVERNMENT,
    "政府": GridSubkind.GOVERNMENT,
    "行政办公": GridSubkind.GOVERNMENT,
    "学校": GridSubkind.SCHOOL,
    "医院": GridSubkind.HOSPITAL,
    "商场": GridSubkind.MALL,
    "商圈": GridSubkind.MALL,
    "其他": GridSubkind.OTHER,
}


@dataclass(frozen=True, slots=True)
class GridRow:
    """One row of a grid file, understood. ``unit_no`` is 0 when the code could not be read."""

    row: int
    code: str
    unit_no: int
    name: str
    kind: GridKind
    subkind: GridSubkind
    community: str
    households: int | None
    geometry: Geometry


def match_columns(names: Sequence[str], chosen: Mapping[str, str] | None = None) -> dict[str, str]:
    """Our field -> the file's column. ``chosen`` overrides. Shapefile headers cut after three characters match."""
    matched: dict[str, str] = {}
    plain = {name.strip().casefold(): name for name in names}
    for field, words in SYNONYMS.items():
        if chosen and field in chosen:
            matched[field] = chosen[field]
            continue
        for word in words:
            found = plain.get(word.casefold())
            if found is None and not word.isascii():
                cut = [name for name in names if len(name) >= 3 and word.startswith(name.rstrip("\ufffd"))]
                found = cut[0] if len(cut) == 1 else None
            if found is not None and found not in matched.values():
                matched[field] = found
                break
    return matched


def understand(
    columns: Mapping[str, Sequence[Any]],
    geometries: Sequence[Geometry],
    scheme: UnitScheme,
    matched: Mapping[str, str],
) -> tuple[list[GridRow], list[Defect]]:
    """Rows with their attributes read, and what could not be read. Rows are counted from 1."""
    rows: list[GridRow] = []
    defects: list[Defect] = []
    for index, geometry in enumerate(geometries):
        given = {field: _text(columns[column][index]) for field, column in matched.items()}
        row, faults = _one(index + 1, given, geometry, scheme)
        rows.append(row)
        defects.extend(faults)
    return rows, defects


def _one(
    number: int, given: Mapping[str, str], geometry: Geometry, scheme: UnitScheme
) -> tuple[GridRow, list[Defect]]:
    code = given.get("code", "")
    place = place_if_any(geometry)
    faults: list[Defect] = []

    def fault(kind: DefectKind, zh: str, en: str) -> None:
        faults.append(defect(kind, codes=(code,) if code else (), place=place, rows=(number,), zh=zh, en=en))

    read = scheme.parse(code) if code else CodeFault("grid_code_missing", "没有网格编码", "no grid code")
    if isinstance(read, CodeFault):
        fault(DefectKind.BAD_CODE, f"第 {number} 行，{read.zh}", f"row {number}, {read.en}")
    community = "" if isinstance(read, CodeFault) else read.community
    said = given.get("community", "")
    if said:
        normal = normal_code(said)
        if isinstance(normal, CodeFault):
            fault(DefectKind.BAD_ATTRIBUTE, normal.zh, normal.en)
        elif community and normal != community:
            fault(
                DefectKind.BAD_CODE,
                f"编码属于 {community}，所属社区却写 {normal}",
                f"the code lies in {community}, the community column says {normal}",
            )
        else:
            community = normal
    if not given.get("name"):
        fault(DefectKind.BAD_ATTRIBUTE, "没有网格名称", "no grid name")
    kind, subkind = _kinds(given.get("kind", ""), given.get("subkind", ""), fault)
    return (
        GridRow(
            row=number,
            code=code,
            unit_no=0 if isinstance(read, CodeFault) else read.unit_no,
            name=given.get("name", ""),
            kind=kind,
            subkind=subkind,
            community=community,
            households=_households(given.get("households", ""), fault),
            geometry=geometry,
        ),
        faults,
    )


def _kinds(kind_text: str, subkind_text: str, fault: Any) -> tuple[GridKind, GridSubkind]:
    subkind = _SUBKINDS.get(subkind_text.casefold())
    kind = _KINDS.get(kind_text.casefold())
    if kind_text and kind is None:
        fault(
            DefectKind.BAD_ATTRIBUTE, f"网格类型“{kind_text}”不认识", f'grid kind "{kind_text}" is not known'
        )
    if subkind_text and subkind is None:
        fault(
            DefectKind.BAD_ATTRIBUTE, f"细类“{subkind_text}”不认识", f'subkind "{subkind_text}" is not known'
        )
    if kind is None:
        kind = GridKind.EXCLUSIVE if subkind in SUBKINDS[GridKind.EXCLUSIVE] else GridKind.BASE
    if subkind is None:
        subkind = GridSubkind.OTHER if kind is GridKind.EXCLUSIVE else GridSubkind.ESTATE
    if subkind not in SUBKINDS[kind]:
        fault(
            DefectKind.BAD_ATTRIBUTE,
            f"{kind_text or kind} 不能是“{subkind_text}”",
            f'a {kind} grid cannot be "{subkind_text}"',
        )
    return kind, subkind


def _households(text: str, fault: Any) -> int | None:
    if not text:
        return None
    try:
        number = float(text)
    except ValueError:
        number = -1.0
    if number < 0 or number != int(number):
        fault(
            DefectKind.BAD_ATTRIBUTE,
            f"户数应为非负整数，实为“{text}”",
            f'households must be a count, is "{text}"',
        )
        return None
    return int(number)


def _text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, float) and value == int(value):
        return str(int(value))  # a code that the file keeps as a number
    return str(value).strip()
