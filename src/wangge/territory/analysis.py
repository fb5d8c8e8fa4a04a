"""The room's port to the engine: files of the ground read, judged and written; places and addresses found.

The engine knows nothing of the house and refuses in its own words; here they become the house's.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from wangge.kernel.problems import BadInput
from wangge_engine.datums.coordinates import Datum, RangeVerdict, range_verdicts, to_wgs84
from wangge_engine.datums.verdicts import DatumState, DatumVerdict, judge_membership, judge_points
from wangge_engine.frame.problems import Refused
from wangge_engine.geofiles.layers import GeoFormat
from wangge_engine.geofiles.writing import write_layer
from wangge_engine.geometry.locating import GridIndex, Points
from wangge_engine.geometry.measures import (
    METRES_PER_DEGREE,
    Floats,
    Geometry,
    area_m2,
    place_if_any,
    repaired,
)
from wangge_engine.grids import judging
from wangge_engine.grids.addressbook import AddressBook, Found, KnownBuilding, KnownDivision
from wangge_engine.grids.addresskeys import key_of_building, key_of_estate
from wangge_engine.grids.borders import find_code_column
from wangge_engine.grids.codes import CodeFault, level_of, normal_code, parent_of
from wangge_engine.grids.gridrows import GridRow, match_columns, understand
from wangge_engine.grids.judging import (
    Surroundings,
    attribute_defects,
    datum_defects,
    district_of,
    street_of,
)
from wangge_engine.grids.kinds import SUBKINDS, GridKind, GridSubkind, Level, Precision
from wangge_engine.grids.naming import embedded_parent
from wangge_engine.grids.schemes import UnitScheme, load_schemes
from wangge_engine.text.addresses import Address, parse
from wangge_engine.topology import intake
from wangge_engine.topology.checking import Cell, Report, check_topology
from wangge_engine.topology.defects import Defect, defect, in_order
from wangge_engine.topology.intake import Intake, judge_datum
from wangge_engine.topology.kinds import WARNINGS, DefectKind, Severity, severity_of


@contextmanager
def house_words() -> Iterator[None]:
    """What the engine refuses inside becomes BadInput with the same code, words and place."""
    try:
        yield
    except Refused as refused:
        told = refused.problems[0]
        raise BadInput(code=told.code, zh=told.zh, en=told.en, place=told.place) from refused


def take_in(file_name: str, body: bytes, declared: Datum) -> Intake:
    """Reads a file. Raises BadInput when it cannot be read or contradicts the declared datum by itself."""
    with house_words():
        return intake.take_in(file_name, body, declared)


def topology_of(
    rows: Sequence[GridRow], around: Surroundings, *, mend: bool
) -> tuple[list[Geometry], Report, list[Defect]]:
    """Shapes (mended where asked), the report on what remains, and the slivers that were closed.

    Raises BadInput for shapes that the geometry engine gives up on.
    """
    with house_words():
        return judging.topology_of(rows, around, mend=mend)


def read_address(text: str) -> Address:
    """Street, community, road, estate, building, unit, room of an address as people write it."""
    return parse(text)


__all__ = [
    "METRES_PER_DEGREE", "SUBKINDS", "WARNINGS", "Address", "AddressBook", "Cell", "CodeFault",
    "Datum", "DatumState", "DatumVerdict", "Defect", "DefectKind", "Floats", "Found", "GeoFormat",
    "Geometry", "GridIndex", "GridKind", "GridRow", "GridSubkind", "Intake", "KnownBuilding",
    "KnownDivision", "Level", "Points", "Precision", "RangeVerdict", "Severity", "Surroundings",
    "UnitScheme", "area_m2", "attribute_defects", "check_topology", "datum_defects", "defect",
    "district_of", "embedded_parent", "find_code_column", "house_words", "in_order", "judge_datum",
    "judge_membership", "judge_points", "key_of_building", "key_of_estate", "level_of", "load_schemes",
    "match_columns", "normal_code", "parent_of", "place_if_any", "range_verdicts", "read_address",
    "repaired", "severity_of", "street_of", "take_in", "to_wgs84", "topology_of", "understand",
    "write_layer",
]  # fmt: skip
