"""Lines that part the ground come in by file, and go by file."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

import shapely
from django.utils import timezone

from wangge.kernel.access import Access
from wangge.kernel.doors import door
from wangge.kernel.problems import BadInput, NotFound, Refused
from wangge.kernel.units import interval_of, significant
from wangge.landscape.analysis import Datum, lines_of
from wangge.landscape.models import Barrier, BarrierFile
from wangge.landscape.states import BarrierKind, kind_of
from wangge.landscape.types import BarrierFileRow
from wangge.landscape.views import file_row

_KIND = (
    "kind",
    "type",
    "类型",
    "类别",
    "fclass",
    "highway",
    "waterway",
    "railway",
    "barrier",
    "name",
    "名称",
)
_NAME = ("name", "名称", "道路名称", "河流名称", "路名", "ref")


@door(writes="landscape")
def import_barriers(
    access: Access,
    *,
    file_name: str,
    body: bytes,
    division: str,
    kind: BarrierKind | None = None,
    declared_datum: Datum = Datum.WGS84,
) -> BarrierFileRow:
    """Take in a file of roads, rivers, rails or walls of a division; the same name again takes the former's place.

    ``kind``: what all lines are; without it each row's own words tell, and a row that tells nothing is a road. Outlines
    of areas count as lines. Raises BadInput for a file that cannot be read or holds no line, Refused outside one's
    territory.
    """
    within = interval_of(division)
    if not access.scope.covers(within):
        raise Refused(
            code="outside_territory",
            zh=f"{division} 不在您的管辖范围内，不能改动。",
            en=f"{division} lies outside your territory; you cannot change it.",
            place="division",
        )
    found = lines_of(file_name, body, declared_datum)
    if not found.rows:
        raise BadInput(
            code="file_without_lines",
            zh="文件中没有线：道路、河流、铁路应为线（或面的边界）。",
            en="The file holds no lines: roads, rivers and rails are lines (or outlines of areas).",
            place=file_name,
        )
    BarrierFile.objects.filter(division=significant(division), name=file_name[:255]).delete()
    kept = BarrierFile.objects.create(
        name=file_name[:255],
        division=significant(division),
        lo=within.lo,
        hi=within.hi,
        sha256=found.sha256,
        lines=len(found.rows),
        metres=sum(found.metres),
        left_out=found.left_out,
        at=timezone.now(),
        actor=access.actor,
    )
    rows = [
        Barrier(
            file=kept,
            kind=kind or _kind(found.columns, row),
            name=_name(found.columns, row),
            shape=shapely.to_wkb(shape),
            **dict(zip(("west", "south", "east", "north"), shapely.bounds(shape).tolist(), strict=True)),
        )
        for row, shape in zip(found.rows, found.shapes, strict=True)
    ]
    Barrier.objects.bulk_create(rows, batch_size=1_000)
    return file_row(kept, Counter(BarrierKind(row.kind) for row in rows))


def _told(columns: Mapping[str, Sequence[Any]], row: int, names: Sequence[str]) -> list[str]:
    known = {header.strip().lower(): values for header, values in columns.items()}
    return [text for name in names if name in known and (text := str(known[name][row] or "").strip())]


def _kind(columns: Mapping[str, Sequence[Any]], row: int) -> BarrierKind:
    kinds = (kind_of(text) for text in _told(columns, row, _KIND))
    return next((kind for kind in kinds if kind is not None), BarrierKind.ROAD)


def _name(columns: Mapping[str, Sequence[Any]], row: int) -> str:
    return next(iter(_told(columns, row, _NAME)), "")[:120]


@door(writes="landscape")
def remove_barriers(access: Access, *, file: UUID) -> int:
    """Let go of the lines of a file; gives how many. Plans drawn with them stay as they are."""
    found = BarrierFile.objects.filter(id=file, lo__gte=access.scope.lo, hi__lte=access.scope.hi).first()
    if found is None:
        raise NotFound(code="barriers_unknown", zh="没有此隔线文件。", en="There is no such file of lines.")
    lines = found.lines
    found.delete()
    return lines
