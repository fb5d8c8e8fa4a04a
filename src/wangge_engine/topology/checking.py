"""Do the grids tile the territory? Every gap, overlap, sliver, self-intersection and stray grid.

All kinds of grid tile together: an exclusive grid (school, hospital) is cut out of the base grids around it.
Incoming grids are checked among themselves and against the standing grids that stay in force beside them;
only defects that touch an incoming grid are reported, because the others are not this file's.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import shapely

from wangge_engine.geometry.measures import (
    Geometry,
    LocalFrame,
    area_m2,
    crossings,
    place_of,
    polygons_of,
    repaired,
    uncovered,
)
from wangge_engine.topology.defects import Defect, defect
from wangge_engine.topology.kinds import DefectKind


@dataclass(frozen=True, slots=True)
class Tolerances:
    """Widths in metres. Narrower than ``ignore_m`` is drawing noise; narrower than ``sliver_m`` a sliver."""

    ignore_m: float = 0.05
    sliver_m: float = 1.0


@dataclass(frozen=True, slots=True)
class Cell:
    """A grid as the check sees it. ``row`` is its position in the file (0 for a standing grid)."""

    code: str
    community: str
    geometry: Geometry
    row: int = 0

    @property
    def standing(self) -> bool:
        """True for a grid already in force that this file does not touch."""
        return self.row == 0


@dataclass(frozen=True, slots=True)
class Report:
    """All defects, the area covered in m2, and what was too thin to report."""

    defects: tuple[Defect, ...]
    covered_m2: float
    ignored: int
    ignored_m2: float
    sliver_shapes: tuple[tuple[Defect, Geometry], ...] = ()


class _Findings:
    """Collects defects of one check and counts what lies below the tolerance."""

    def __init__(self, frame: LocalFrame, tolerances: Tolerances) -> None:
        self.frame = frame
        self.tolerances = tolerances
        self.defects: list[Defect] = []
        self.sliver_shapes: list[tuple[Defect, Geometry]] = []
        self.ignored = 0
        self.ignored_m2 = 0.0

    def area(self, wide: DefectKind, thin: DefectKind | None, shape: Geometry, cells: Sequence[Cell]) -> None:
        """Files one polygon as defect, sliver or noise by its width."""
        size = area_m2(shape)
        if self.frame.narrower_than(shape, self.tolerances.ignore_m):
            self.ignored += 1
            self.ignored_m2 += size
            return
        is_thin = thin is not None and self.frame.narrower_than(shape, self.tolerances.sliver_m)
        kind = thin if is_thin and thin is not None else wide
        found = defect(
            kind,
            codes=tuple(dict.fromkeys(cell.code for cell in cells)),
            place=place_of(shape),
            area_m2=size,
            width_m=self.frame.mean_width_m(shape),
            rows=tuple(cell.row for cell in cells if cell.row),
        )
        self.defects.append(found)
        if is_thin:
            self.sliver_shapes.append((found, shape))


def check_topology(
    cells: Sequence[Cell],
    *,
    borders: Mapping[str, Geometry] | None = None,
    formerly: Geometry | None = None,
    outline: Geometry | None = None,
    tolerances: Tolerances | None = None,
) -> Report:
    """Checks a set of grids.

    ``borders`` are known borders by community code: a grid must stay inside, and the border must be filled.
    ``formerly`` is the ground the replaced grids covered: what of it is covered by nobody now is a gap, too.
    ``outline`` is ground of no code: all of it must be filled, and a grid without a border of its own must stay inside.
    """
    tolerances = tolerances or Tolerances()
    usable, broken = _usable(cells)
    frame = LocalFrame.around(cell.geometry for cell in usable)
    findings = _Findings(frame, tolerances)
    findings.defects.extend(broken)
    findings.defects.extend(_duplicates(cells))
    _shape_defects(usable, findings)
    _overlaps(usable, findings)
    union = shapely.union_all([cell.geometry for cell in usable])
    _gaps(usable, union, _asked(usable, borders or {}, formerly, outline), outline, findings)
    _slits(usable, union, findings)
    _outside(usable, borders or {}, outline, findings)
    _detached(usable, findings)
    return Report(
        defects=tuple(findings.defects),
        covered_m2=area_m2(union),
        ignored=findings.ignored,
        ignored_m2=findings.ignored_m2,
        sliver_shapes=tuple(findings.sliver_shapes),
    )


def _usable(cells: Iterable[Cell]) -> tuple[list[Cell], list[Defect]]:
    """Cells with a polygon that overlays can work on, and the defects of those that have none."""
    usable: list[Cell] = []
    defects: list[Defect] = []
    for cell in cells:
        codes, rows = (cell.code,), (cell.row,) if cell.row else ()
        shape = cell.geometry
        if shape is None or shape.is_empty:
            defects.append(defect(DefectKind.MISSING_GEOMETRY, codes=codes, rows=rows))
        elif shape.geom_type not in ("Polygon", "MultiPolygon"):
            what = shape.geom_type
            defects.append(
                defect(
                    DefectKind.NOT_POLYGON, codes=codes, rows=rows, place=place_of(shape), zh=what, en=what
                )
            )
        elif shape.is_valid:
            usable.append(cell)
        else:
            defects.extend(_self_intersections(shape, codes, rows))
            mended = repaired(shape)
            if not mended.is_empty:
                usable.append(replace(cell, geometry=mended))
    return usable, defects


def _self_intersections(shape: Geometry, codes: tuple[str, ...], rows: tuple[int, ...]) -> Iterator[Defect]:
    places = crossings(shape)
    for point, size in places:
        yield defect(
            DefectKind.SELF_INTERSECTION, codes=codes, rows=rows, place=(point.x, point.y), area_m2=size
        )
    if not places:  # nested or outlying rings: no two lines cross, the geometry engine says what it is
        reason = str(shapely.is_valid_reason(shape))
        yield defect(
            DefectKind.SELF_INTERSECTION, codes=codes, rows=rows, place=place_of(shape), zh=reason, en=reason
        )


def _duplicates(cells: Sequence[Cell]) -> list[Defect]:
    by_code: dict[str, list[Cell]] = defaultdict(list)
    for cell in cells:
        if cell.code:
            by_code[cell.code].append(cell)
    found: list[Defect] = []
    for code, same in by_code.items():
        if len(same) < 2:
            continue
        shapes = [cell.geometry for cell in same if cell.geometry is not None and not cell.geometry.is_empty]
        found.append(
            defect(
                DefectKind.DUPLICATE_CODE,
                codes=(code,),
                place=place_of(shapes[-1]) if shapes else None,
                rows=tuple(cell.row for cell in same if cell.row),
                zh=f"共 {len(same)} 次",
                en=f"{len(same)} times",
            )
        )
    return found


def _shape_defects(cells: Sequence[Cell], findings: _Findings) -> None:
    for cell in cells:
        if cell.standing:
            continue
        parts = sorted(polygons_of(cell.geometry), key=lambda part: -float(part.area))
        for piece in parts[1:]:
            findings.area(DefectKind.MULTIPART, None, piece, [cell])
        if parts and findings.frame.narrower_than(parts[0], findings.tolerances.sliver_m):
            findings.defects.append(
                defect(
                    DefectKind.SLIVER_GRID,
                    codes=(cell.code,),
                    place=place_of(parts[0]),
                    area_m2=area_m2(parts[0]),
                    width_m=findings.frame.mean_width_m(parts[0]),
                    rows=(cell.row,),
                )
            )


def _overlaps(cells: Sequence[Cell], findings: _Findings) -> None:
    shapes = np.array([cell.geometry for cell in cells], dtype=object)
    if not len(shapes):
        return
    tree = shapely.STRtree(shapes)
    left, right = tree.query(shapes, predicate="intersects")
    for i, j in zip(left.tolist(), right.tolist(), strict=True):
        if i >= j or (cells[i].standing and cells[j].standing):
            continue
        for part in polygons_of(shapely.intersection(shapes[i], shapes[j])):
            findings.area(DefectKind.OVERLAP, DefectKind.SLIVER_OVERLAP, part, [cells[i], cells[j]])


def _asked(
    cells: Sequence[Cell],
    borders: Mapping[str, Geometry],
    formerly: Geometry | None,
    outline: Geometry | None,
) -> list[Geometry]:
    """Ground to be filled: borders of the communities that come in, the former ground, the outline."""
    named = {cell.community for cell in cells if not cell.standing}
    known = [borders[code] for code in sorted(named & borders.keys())]
    return [*known, *(shape for shape in (formerly, outline) if shape is not None)]


def _gaps(
    cells: Sequence[Cell],
    union: Geometry,
    asked: Sequence[Geometry],
    outline: Geometry | None,
    findings: _Findings,
) -> None:
    """Holes in the covered ground, plus what of the ground asked for is left blank.

    Blank ground that no incoming grid touches is not this file's, unless it lies within its outline.
    """
    blanks = [shapely.polygons(ring) for part in polygons_of(union) for ring in part.interiors]
    shapes = [cell.geometry for cell in cells]
    tree = shapely.STRtree(shapes)
    for known in asked:
        blanks.extend(polygons_of(uncovered(known, union, shapes, tree)))
    if not blanks:
        return
    for blank in polygons_of(shapely.union_all(blanks)):
        around = _touching(cells, tree, blank, findings)
        inside = outline is not None and not around
        if inside or any(not cell.standing for cell in around):
            findings.area(DefectKind.GAP, DefectKind.SLIVER_GAP, blank, around)


def _slits(cells: Sequence[Cell], union: Geometry, findings: _Findings) -> None:
    """Thin gaps that open to the outside, which leave no hole: closing the outline by a sliver shows them.

    Mitred joins give back every corner exactly, so only channels narrower than a sliver are filled. A notch
    is called a slit when it runs between two grids and is ten times as long as wide.
    """
    if union.is_empty:
        return
    half = findings.tolerances.sliver_m / 2.0
    flat = findings.frame.metres(union)
    filled = [shapely.polygons(part.exterior) for part in polygons_of(flat)]
    outline = shapely.union_all(filled)
    with np.errstate(invalid="ignore"):  # parts without area
        closed = outline.buffer(half, join_style="mitre", mitre_limit=50.0).buffer(
            -half, join_style="mitre", mitre_limit=50.0
        )
    tree = shapely.STRtree([cell.geometry for cell in cells])
    for channel in polygons_of(shapely.difference(closed, outline)):
        width = 2.0 * channel.area / channel.length
        if channel.length / 2.0 < 10.0 * width or width < findings.tolerances.ignore_m / 2.0:
            continue
        shape = findings.frame.degrees(channel)
        around = _touching(cells, tree, shape, findings)
        if len(around) > 1 and any(not cell.standing for cell in around):
            findings.area(DefectKind.SLIVER_GAP, DefectKind.SLIVER_GAP, shape, around)


def _touching(
    cells: Sequence[Cell], tree: shapely.STRtree, shape: Geometry, findings: _Findings
) -> list[Cell]:
    reach = findings.tolerances.ignore_m / findings.frame.metres_per_lat
    hits = tree.query(shape, predicate="dwithin", distance=reach)
    return [cells[index] for index in sorted(hits.tolist())]


def _outside(
    cells: Sequence[Cell],
    borders: Mapping[str, Geometry],
    outline: Geometry | None,
    findings: _Findings,
) -> None:
    for cell in cells:
        border = borders.get(cell.community, outline)
        if border is None or cell.standing:
            continue
        for part in polygons_of(shapely.difference(cell.geometry, border)):
            findings.area(DefectKind.OUTSIDE_COMMUNITY, None, part, [cell])


def _detached(cells: Sequence[Cell], findings: _Findings) -> None:
    """Grids that touch no sister while they do touch grids of other communities: likely a wrong code."""
    sisters: dict[str, list[int]] = defaultdict(list)
    for index, cell in enumerate(cells):
        sisters[cell.community].append(index)
    if not cells:
        return
    shapes = [cell.geometry for cell in cells]
    tree = shapely.STRtree(shapes)
    reach = findings.tolerances.sliver_m / findings.frame.metres_per_lat
    for index, cell in enumerate(cells):
        own = sisters[cell.community]
        if cell.standing or len(own) < 2:
            continue
        near = set(tree.query(cell.geometry, predicate="dwithin", distance=reach).tolist()) - {index}
        if near and not near & set(own):
            nearest = min(
                findings.frame.metres(cell.geometry).distance(findings.frame.metres(shapes[other]))
                for other in own
                if other != index
            )
            findings.defects.append(
                defect(
                    DefectKind.DETACHED,
                    codes=(cell.code,),
                    place=place_of(cell.geometry),
                    rows=(cell.row,),
                    zh=f"最近的同社区网格相距 {nearest:.0f} 米",
                    en=f"the nearest grid of its community is {nearest:.0f} m away",
                )
            )
