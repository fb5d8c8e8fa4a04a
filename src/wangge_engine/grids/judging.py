"""Judging a file of grids against what stands around it on its first day: datum, attributes, topology."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import shapely

from wangge_engine.frame.problems import refuse
from wangge_engine.geometry.measures import Geometry, place_if_any, repaired
from wangge_engine.grids.codes import is_virtual_street
from wangge_engine.grids.gridrows import GridRow
from wangge_engine.grids.naming import embedded_parent
from wangge_engine.topology.checking import Cell, Report, check_topology
from wangge_engine.topology.defects import Defect, defect
from wangge_engine.topology.intake import Intake, judge_datum
from wangge_engine.topology.kinds import DefectKind
from wangge_engine.topology.mending import mend_slivers


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What stands around a file on its first day.

    ``communities`` and ``streets`` are names by 12-digit code, ``borders`` what is known of any level by code.
    ``replaced`` are the standing grids of the communities that the file names, ``beside`` those of the others.
    ``outline`` is ground of no code that the grids should fill and not leave.
    """

    communities: Mapping[str, str] = field(default_factory=dict)
    streets: Mapping[str, str] = field(default_factory=dict)
    borders: Mapping[str, Geometry] = field(default_factory=dict)
    replaced: Sequence[Cell] = ()
    beside: Sequence[Cell] = ()
    outline: Geometry | None = None

    @property
    def formerly(self) -> Geometry | None:
        """The ground that the grids to be replaced cover."""
        return shapely.union_all([cell.geometry for cell in self.replaced]) if self.replaced else None


def street_of(community: str) -> str:
    """The 12-digit code of a community's street."""
    return community[:9] + "000"


def district_of(community: str) -> str:
    """The 12-digit code of a community's district."""
    return community[:6] + "000000"


def datum_defects(intake: Intake, rows: Sequence[GridRow], around: Surroundings) -> list[Defect]:
    """Compares with the finest ground known: communities (border, else standing grids), street, district."""
    raw: dict[str, list[Geometry]] = defaultdict(list)
    for row, shape in zip(rows, intake.layer.geometries, strict=True):
        if row.community and shape is not None and not shape.is_empty:
            raw[row.community].append(repaired(shape))
    given = {code: shapely.union_all(shapes) for code, shapes in raw.items()}
    known = {code: around.borders[code] for code in given if code in around.borders}
    before: dict[str, list[Geometry]] = defaultdict(list)
    for cell in around.replaced:
        before[cell.community].append(cell.geometry)
    known |= {code: shapely.union_all(shapes) for code, shapes in before.items() if code not in known}
    if not known:
        levels: tuple[Callable[[str], str], ...] = (street_of, district_of)
        for above in levels:
            wider: dict[str, list[Geometry]] = defaultdict(list)
            for code, shape in given.items():
                wider[above(code)].append(shape)
            known = {code: around.borders[code] for code in wider if code in around.borders}
            if known:
                given = {code: shapely.union_all(shapes) for code, shapes in wider.items()}
                break
    if not known and around.outline is not None and given:
        known, given = {"": around.outline}, {"": shapely.union_all(list(given.values()))}
    _, defects = judge_datum(intake, known, given)
    return defects


def attribute_defects(rows: Sequence[GridRow], around: Surroundings) -> list[Defect]:
    """Unknown communities, names that carry their parent, one grid under two codes, communities left empty."""
    defects: list[Defect] = []
    numbers: dict[int, list[GridRow]] = defaultdict(list)
    for row in rows:
        place = place_if_any(row.geometry)
        numbers[row.unit_no].append(row)
        community = around.communities.get(row.community)
        if row.community and community is None:
            defects.append(
                defect(
                    DefectKind.UNKNOWN_COMMUNITY, codes=(row.code,), place=place, rows=(row.row,),
                    zh=row.community, en=row.community,
                )
            )  # fmt: skip
        if community is not None:
            parents = (community, around.streets.get(street_of(row.community), ""))
            carried = embedded_parent(row.name, [name for name in parents if name])
            if carried:
                defects.append(
                    defect(
                        DefectKind.NAME_EMBEDS_PARENT, codes=(row.code,), place=place, rows=(row.row,),
                        zh=f"“{row.name}”含“{carried}”", en=f'"{row.name}" carries "{carried}"',
                    )
                )  # fmt: skip
    defects.extend(_respelt(numbers))
    covered = {row.community for row in rows} | {cell.community for cell in around.beside}
    for code, name in around.communities.items():
        if code not in covered and not is_virtual_street(code):
            defects.append(defect(DefectKind.EMPTY_COMMUNITY, codes=(code,), zh=name, en=name))
    return defects


def _respelt(numbers: Mapping[int, Sequence[GridRow]]) -> list[Defect]:
    """Two spellings of one grid; equal spellings are found by the topology."""
    found: list[Defect] = []
    for unit_no, same in numbers.items():
        codes = tuple(dict.fromkeys(row.code for row in same))
        if unit_no and len(codes) > 1:
            found.append(defect(DefectKind.DUPLICATE_CODE, codes=codes, rows=tuple(row.row for row in same)))
    return found


def topology_of(
    rows: Sequence[GridRow], around: Surroundings, *, mend: bool
) -> tuple[list[Geometry], Report, list[Defect]]:
    """Shapes (mended where asked), the report on what remains, and the slivers that were closed.

    Refuses shapes that the geometry engine gives up on.
    """
    cells = [Cell(row.code, row.community, row.geometry, row.row) for row in rows]
    borders = {code: border for code, border in around.borders.items() if code in around.communities}

    def checked(cells: Sequence[Cell]) -> Report:
        return check_topology(cells, borders=borders, formerly=formerly, outline=around.outline)

    formerly = around.formerly
    try:
        report = checked([*cells, *around.beside])
    except shapely.errors.GEOSException as error:
        raise refuse(
            "geometry_unworkable",
            f"图形过于混乱，无法完成拓扑检查（{error}）。请先在制图软件中修复图形后再导入。",
            f"The shapes are too broken to be checked ({error}). Repair them in a drawing program first.",
            "geometry",
        ) from error
    mended: list[Defect] = []
    sound = not any(one.kind is DefectKind.SELF_INTERSECTION for one in report.defects)
    if mend and report.sliver_shapes and sound:
        both, mended = mend_slivers([*cells, *around.beside], report)
        report = checked(both)
        cells = both[: len(cells)]
    return [cell.geometry for cell in cells], report, mended
