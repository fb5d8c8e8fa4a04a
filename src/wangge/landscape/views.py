"""Rows of the room's tables as they leave it; private to it."""

from __future__ import annotations

from collections.abc import Mapping

from wangge.landscape.models import BarrierFile, CityAsset
from wangge.landscape.states import BarrierKind
from wangge.landscape.types import AssetView, BarrierFileRow


def file_row(file: BarrierFile, kinds: Mapping[BarrierKind, int]) -> BarrierFileRow:
    """A file of lines with how many of each kind it holds."""
    return BarrierFileRow(
        id=file.id,
        name=file.name,
        division=file.division,
        lines=file.lines,
        metres=file.metres,
        left_out=file.left_out,
        at=file.at,
        actor=file.actor,
        kinds=tuple(sorted(kinds.items())),
    )


def asset_view(one: CityAsset) -> AssetView:
    """A fixture; its record is told apart from the list it came in."""
    source, _, record = one.record_ref.partition("/")
    return AssetView(
        id=one.id,
        source=source,
        record=record,
        category=one.category,
        kind=one.kind,
        owner=one.owner,
        keeper=one.keeper,
        address=one.address,
        lon=one.lon,
        lat=one.lat,
        condition=one.condition,
        recorded_on=one.recorded_on,
        unit_no=one.unit_no,
    )
