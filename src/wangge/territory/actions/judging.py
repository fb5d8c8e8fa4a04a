"""Judging a file of grids against what stands on its first day: datum, attributes, topology."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import shapely
from django.db.models import Q

from wangge.kernel.problems import BadInput
from wangge.territory.actions.intake import Intake, judge_datum
from wangge.territory.models import Division, GridVersion
from wangge.territory.rules.defects import Defect, defect
from wangge.territory.rules.divisions import is_virtual_street
from wangge.territory.rules.geometry import Geometry, place_if_any, repaired
from wangge.territory.rules.gridrows import GridRow
from wangge.territory.rules.mending import mend_slivers
from wangge.territory.rules.naming import embedded_parent
from wangge.territory.rules.topology import Cell, Report, check_topology
from wangge.territory.standing import divisions_on, grids_on, shapes_of, street_of
from wangge.territory.states import DefectKind, Level


@dataclass(frozen=True, slots=True)
class Scene:
    """What stands around a file on its first day."""

    communities: dict[str, Division]
    streets: dict[str, str]
    borders: dict[str, Geometry]
    replaced: list[GridVersion]
    beside: list[GridVersion]

    @property
    def formerly(self) -> Geometry | None:
        """The ground that the grids to be replaced cover."""
        return shapely.union_all(shapes_of(self.replaced)) if self.replaced else None


def scene_of(rows: Sequence[GridRow], day: date) -> Scene:
    """Reads what stands around the rows of a file."""
    named = {row.community for row in rows if row.community}
    streets = {street_of(code) for code in named}
    divisions = list(
        divisions_on(day).filter(Q(parent__in=streets) | Q(code__in=streets | _districts(named)))
    )
    standing = list(grids_on(day).filter(_in_districts(named)))
    return Scene(
        communities={one.code: one for one in divisions if one.level == Level.COMMUNITY},
        streets={one.code: one.name for one in divisions if one.level == Level.STREET},
        borders={one.code: shapely.from_wkb(bytes(one.border)) for one in divisions if one.border},
        replaced=[grid for grid in standing if grid.community in named],
        beside=[grid for grid in standing if grid.community not in named],
    )


def _districts(communities: set[str]) -> set[str]:
    return {code[:6] + "000000" for code in communities}


def _in_districts(communities: set[str]) -> Q:
    condition = Q(unit_no=-1)
    for code in _districts(communities):
        lo = int(code) * 1000
        condition |= Q(unit_no__range=(lo, lo + 10**9 - 1))
    return condition


def datum_defects(intake: Intake, rows: Sequence[GridRow], scene: Scene) -> list[Defect]:
    """Compares with the finest ground known: communities (border, else standing grids), street, district."""
    raw: dict[str, list[Geometry]] = defaultdict(list)
    for row, shape in zip(rows, intake.layer.geometries, strict=True):
        if row.community and shape is not None and not shape.is_empty:
            raw[row.community].append(repaired(shape))
    given = {code: shapely.union_all(shapes) for code, shapes in raw.items()}
    known = {code: scene.borders[code] for code in given if code in scene.borders}
    before: dict[str, list[GridVersion]] = defaultdict(list)
    for grid in scene.replaced:
        before[grid.community].append(grid)
    known |= {
        code: shapely.union_all(shapes_of(grids)) for code, grids in before.items() if code not in known
    }
    if not known:
        for above in (street_of, lambda code: code[:6] + "000000"):
            wider: dict[str, list[Geometry]] = defaultdict(list)
            for code, shape in given.items():
                wider[above(code)].append(shape)
            known = {code: scene.borders[code] for code in wider if code in scene.borders}
            if known:
                given = {code: shapely.union_all(shapes) for code, shapes in wider.items()}
                break
    _, defects = judge_datum(intake, known, given)
    return defects


def attribute_defects(rows: Sequence[GridRow], scene: Scene) -> list[Defect]:
    """Unknown communities, names that carry their parent, one grid under two codes, communities left empty."""
    defects: list[Defect] = []
    numbers: dict[int, list[GridRow]] = defaultdict(list)
    for row in rows:
        place = place_if_any(row.geometry)
        numbers[row.unit_no].append(row)
        community = scene.communities.get(row.community)
        if row.community and community is None:
            defects.append(
                defect(
                    DefectKind.UNKNOWN_COMMUNITY, codes=(row.code,), place=place, rows=(row.row,),
                    zh=row.community, en=row.community,
                )
            )  # fmt: skip
        if community is not None:
            parents = (community.name, scene.streets.get(community.parent, ""))
            carried = embedded_parent(row.name, [name for name in parents if name])
            if carried:
                defects.append(
                    defect(
                        DefectKind.NAME_EMBEDS_PARENT, codes=(row.code,), place=place, rows=(row.row,),
                        zh=f"“{row.name}”含“{carried}”", en=f'"{row.name}" carries "{carried}"',
                    )
                )  # fmt: skip
    for unit_no, same in numbers.items():
        codes = tuple(dict.fromkeys(row.code for row in same))
        if unit_no and len(codes) > 1:  # two spellings of one grid; equal spellings are found by the topology
            defects.append(
                defect(DefectKind.DUPLICATE_CODE, codes=codes, rows=tuple(row.row for row in same))
            )
    covered = {row.community for row in rows} | {grid.community for grid in scene.beside}
    for code, community in scene.communities.items():
        if code not in covered and not is_virtual_street(code):
            defects.append(
                defect(DefectKind.EMPTY_COMMUNITY, codes=(code,), zh=community.name, en=community.name)
            )
    return defects


def topology_of(
    rows: Sequence[GridRow], scene: Scene, *, mend: bool
) -> tuple[list[Geometry], Report, list[Defect]]:
    """Shapes (mended where asked), the report on what remains, and the slivers that were closed.

    Raises BadInput for shapes that the geometry engine gives up on.
    """
    cells = [Cell(row.code, row.community, row.geometry, row.row) for row in rows]
    beside = [
        Cell(grid.code, grid.community, shape)
        for grid, shape in zip(scene.beside, shapes_of(scene.beside), strict=True)
    ]
    borders = {code: border for code, border in scene.borders.items() if code in scene.communities}
    formerly = scene.formerly
    try:
        report = check_topology([*cells, *beside], borders=borders, formerly=formerly)
    except shapely.errors.GEOSException as error:
        raise BadInput(
            code="geometry_unworkable",
            zh=f"图形过于混乱，无法完成拓扑检查（{error}）。请先在制图软件中修复图形后再导入。",
            en=f"The shapes are too broken to be checked ({error}). Repair them in a drawing program first.",
            place="geometry",
        ) from error
    mended: list[Defect] = []
    sound = not any(one.kind is DefectKind.SELF_INTERSECTION for one in report.defects)
    if mend and report.sliver_shapes and sound:
        both, mended = mend_slivers([*cells, *beside], report)
        report = check_topology(both, borders=borders, formerly=formerly)
        cells = both[: len(cells)]
    return [cell.geometry for cell in cells], report, mended
