"""A geographic file on its way in: read, its coordinates looked at, brought to WGS-84, its datum compared."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import shapely

from wangge_engine.datums.coordinates import Datum, RangeVerdict, range_verdicts
from wangge_engine.datums.verdicts import DatumState, DatumVerdict, judge_areas, moved
from wangge_engine.frame.problems import refuse
from wangge_engine.geofiles.layers import Layer
from wangge_engine.geofiles.reading import read_layer
from wangge_engine.geometry.measures import Geometry
from wangge_engine.topology.defects import Defect, defect
from wangge_engine.topology.kinds import DefectKind

_RANGE_DEFECTS = {
    RangeVerdict.SWAPPED: DefectKind.COORDINATES_SWAPPED,
    RangeVerdict.PROJECTED: DefectKind.COORDINATES_PROJECTED,
    RangeVerdict.OUTSIDE: DefectKind.COORDINATES_OUTSIDE,
    RangeVerdict.MISSING: DefectKind.COORDINATES_MISSING,
}


@dataclass(frozen=True, slots=True)
class Intake:
    """A file read: its layer, the geometries in WGS-84, and what is wrong with the coordinates."""

    file_name: str
    sha256: str
    layer: Layer
    declared: Datum
    geometries: Sequence[Geometry]
    defects: tuple[Defect, ...]

    @property
    def usable(self) -> bool:
        """False when coordinates are such that looking further would only confuse."""
        return not self.defects


def take_in(file_name: str, body: bytes, declared: Datum) -> Intake:
    """Reads a file. Raises Refused when it cannot be read or contradicts the declared datum by itself."""
    layer = read_layer(file_name, body)
    if declared in (Datum.GCJ02, Datum.BD09) and (not layer.degrees or layer.datum is Datum.CGCS2000):
        raise refuse(
            "datum_contradicts_file",
            f"申报为 {declared}，但文件自身的坐标系是 {layer.crs}，请核对后重新申报。",
            f"Declared {declared}, but the file says {layer.crs}; check and declare again.",
            file_name,
        )
    defects = tuple(_range_defects(layer.geometries))
    shapes = list(layer.geometries)
    if not defects:
        shapes = [None if shape is None else moved(shape, declared) for shape in shapes]
    return Intake(file_name, hashlib.sha256(body).hexdigest(), layer, declared, shapes, defects)


def _range_defects(geometries: Sequence[Geometry]) -> list[Defect]:
    """One defect for each kind of wrong coordinate, with its rows and the first such point."""
    present = [(row, shape) for row, shape in enumerate(geometries, start=1) if shape is not None]
    if not present:
        return []
    points, owner = shapely.get_coordinates([shape for _, shape in present], return_index=True)
    verdicts = range_verdicts(points[:, 0], points[:, 1])
    found: list[Defect] = []
    for verdict, kind in _RANGE_DEFECTS.items():
        bad = np.flatnonzero(verdicts == verdict.value)
        if not len(bad):
            continue
        rows = tuple(present[index][0] for index in np.unique(owner[bad]).tolist())
        x, y = points[bad[0]].tolist()
        found.append(
            defect(
                kind,
                rows=rows,
                place=(x, y) if np.isfinite(x) and np.isfinite(y) else None,
                zh=f"{len(rows)} 行，首见于第 {rows[0]} 行",
                en=f"{len(rows)} rows, first row {rows[0]}",
            )
        )
    return found


def judge_datum(
    intake: Intake, known: Mapping[str, Geometry], given: Mapping[str, Geometry]
) -> tuple[DatumVerdict, list[Defect]]:
    """Compares the raw geometries with known ground under each hypothesis.

    `given` are areas in the file's own degrees, by the same names as `known`, which are WGS-84.
    """
    verdict = judge_areas(intake.declared, known, given)
    if verdict.state is DatumState.CONTRADICTED:
        said, best = verdict.fits[_own(intake.declared)], verdict.fits[verdict.best]
        middle = shapely.point_on_surface(next(iter(given.values())))
        return verdict, [
            defect(
                DefectKind.WRONG_DATUM,
                place=(float(middle.x), float(middle.y)),
                zh=(
                    f"申报 {intake.declared}，与已知边界吻合度 {said:.0%}；按 {verdict.best} 换算则为 {best:.0%}，"
                    f"偏移约 {verdict.offset_m:.0f} 米。请按 {verdict.best} 重新申报后导入"
                ),
                en=(
                    f"declared {intake.declared}, which fits the known borders to {said:.0%}; as {verdict.best} "
                    f"it fits to {best:.0%}, about {verdict.offset_m:.0f} m away: "
                    f"declare {verdict.best} and import again"
                ),
            )
        ]
    if verdict.state is DatumState.UNVERIFIED:
        return verdict, [defect(DefectKind.DATUM_UNVERIFIED)]
    return verdict, []


def _own(declared: Datum) -> Datum:
    return Datum.WGS84 if declared is Datum.CGCS2000 else declared
