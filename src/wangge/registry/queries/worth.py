"""What each source is worth, as the last linkage found."""

from __future__ import annotations

from wangge.kernel.access import Access
from wangge.kernel.doors import door
from wangge.registry.models import SourceDependence, SourceReliability
from wangge.registry.types import SourcePair, SourceRecordOf


@door(reads="registry", act="trust")
def source_records(access: Access) -> tuple[SourceRecordOf, ...]:
    """How often each source is believed right about each field, as the last linkage found."""
    rows = SourceReliability.objects.order_by("source", "field")
    return tuple(SourceRecordOf(r.source, r.field, r.judged, r.share) for r in rows)


@door(reads="registry", act="trust")
def source_pairs(access: Access) -> tuple[SourcePair, ...]:
    """Pairs of sources that share their errors; together they count for little more than one."""
    rows = SourceDependence.objects.filter().order_by("-share", "source", "other")
    return tuple(SourcePair(r.source, r.other, r.share) for r in rows if r.source < r.other)
