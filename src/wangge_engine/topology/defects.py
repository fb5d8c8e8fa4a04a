"""What a check of grids reports: one defect, with its place and its size, in both languages."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from wangge_engine.topology.kinds import DefectKind, Severity, severity_of

_TEXT: dict[DefectKind, tuple[str, str]] = {
    DefectKind.MISSING_GEOMETRY: ("没有图形", "has no geometry"),
    DefectKind.NOT_POLYGON: ("图形不是面", "is not a polygon"),
    DefectKind.SELF_INTERSECTION: ("边界自相交", "the boundary crosses itself"),
    DefectKind.GAP: ("网格之间有空白", "ground covered by no grid"),
    DefectKind.OVERLAP: ("网格重叠", "grids overlap"),
    DefectKind.SLIVER_GAP: ("网格之间有细缝", "a thin gap between grids"),
    DefectKind.SLIVER_OVERLAP: ("网格边缘细条重叠", "a thin overlap of grids"),
    DefectKind.SLIVER_GRID: ("网格本身过细", "the grid itself is a sliver"),
    DefectKind.MULTIPART: ("网格由互不相连的多块组成", "the grid is in several pieces"),
    DefectKind.DUPLICATE_CODE: ("网格编码重复", "the grid code occurs more than once"),
    DefectKind.BAD_CODE: ("网格编码无效", "the grid code is not valid"),
    DefectKind.BAD_ATTRIBUTE: ("属性值无效", "an attribute is not valid"),
    DefectKind.UNKNOWN_COMMUNITY: ("所属社区（村）当日不存在", "its community does not exist on that day"),
    DefectKind.OUTSIDE_COMMUNITY: ("超出所属社区（村）边界", "lies outside its community"),
    DefectKind.DETACHED: ("与本社区其他网格不相邻", "touches no other grid of its community"),
    DefectKind.EMPTY_COMMUNITY: ("社区（村）没有任何网格", "the community has no grid"),
    DefectKind.NAME_EMBEDS_PARENT: ("网格名称含有上级名称", "the grid's name carries the name of its parent"),
    DefectKind.COORDINATES_MISSING: ("坐标缺失或为零", "coordinates missing or zero"),
    DefectKind.COORDINATES_SWAPPED: ("经纬度顺序颠倒", "longitude and latitude are exchanged"),
    DefectKind.COORDINATES_PROJECTED: (
        "坐标为投影米制，文件未说明坐标系",
        "coordinates are projected metres, and the file names no coordinate system",
    ),
    DefectKind.COORDINATES_OUTSIDE: ("坐标超出范围", "coordinates out of range"),
    DefectKind.WRONG_DATUM: ("坐标基准与申报不符", "the datum is not the declared one"),
    DefectKind.DATUM_UNVERIFIED: (
        "没有可比对的已知图形，坐标基准未经核实",
        "nothing known to compare with: the datum is unverified",
    ),
}


@dataclass(frozen=True, slots=True)
class Defect:
    """One thing wrong: kind, the grids it concerns, where (degrees) and how large (m2).

    ``rows`` are positions in the file, from 1. ``lon``/``lat`` are None only where nothing can be pointed
    at. ``mended`` marks a sliver that was closed on request.
    """

    kind: DefectKind
    severity: Severity
    codes: tuple[str, ...]
    lon: float | None
    lat: float | None
    area_m2: float
    width_m: float | None
    rows: tuple[int, ...]
    zh: str
    en: str
    mended: bool = False

    def after_mending(self) -> Defect:
        """The same defect, closed: it no longer blocks."""
        return replace(self, mended=True, severity=Severity.WARNING)

    def as_warning(self) -> Defect:
        """The same defect where it is only to be said."""
        return replace(self, severity=Severity.WARNING)


def defect(
    kind: DefectKind,
    *,
    codes: tuple[str, ...] = (),
    place: tuple[float, float] | None = None,
    area_m2: float = 0.0,
    width_m: float | None = None,
    rows: tuple[int, ...] = (),
    zh: str = "",
    en: str = "",
) -> Defect:
    """Builds a defect; its message names the grids, the place, the size and the detail given."""
    head_zh, head_en = _TEXT[kind]
    names_zh = "、".join(codes)
    names_en = ", ".join(codes)
    where_zh = f"，位于 {place[0]:.6f}, {place[1]:.6f}" if place else ""
    where_en = f", at {place[0]:.6f}, {place[1]:.6f}" if place else ""
    size_zh = f"，面积 {area_m2:.2f} 平方米" if area_m2 else ""
    size_en = f", {area_m2:.2f} m2" if area_m2 else ""
    return Defect(
        kind=kind,
        severity=severity_of(kind),
        codes=codes,
        lon=place[0] if place else None,
        lat=place[1] if place else None,
        area_m2=area_m2,
        width_m=width_m,
        rows=rows,
        zh=(f"{names_zh}：" if codes else "") + head_zh + (f"（{zh}）" if zh else "") + where_zh + size_zh,
        en=(f"{names_en}: " if codes else "") + head_en + (f" ({en})" if en else "") + where_en + size_en,
    )


def in_order(defects: Sequence[Defect]) -> list[Defect]:
    """Blocking first, then the larger."""
    return sorted(defects, key=lambda one: (one.severity is not Severity.BLOCKING, one.kind, -one.area_m2))
