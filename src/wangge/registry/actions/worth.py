"""Taking in what linkage learnt of the sources: how often each is right, and who shares whose errors."""

from __future__ import annotations

from pathlib import Path

from wangge.kernel.access import Access
from wangge.kernel.doors import door
from wangge.registry.actions.importing import rows_of
from wangge.registry.models import SourceDependence, SourceReliability


@door(writes="registry", act="import")
def import_worth(access: Access, *, sources: Path, copies: Path) -> None:
    """Import the tables `sources` and `copies` of the engine's `golden`: over all ages of a source's rows."""
    seen: dict[tuple[str, str], tuple[int, float]] = {}
    for row in rows_of(sources):
        judged, right = seen.get((row["source"], row["field"]), (0, 0.0))
        n = int(row["judged"])
        seen[row["source"], row["field"]] = (judged + n, right + n * row["share"])
    SourceReliability.objects.all().delete()
    SourceReliability.objects.bulk_create(
        SourceReliability(source=s, field=f, judged=n, share=right / n)
        for (s, f), (n, right) in seen.items()
        if n
    )
    SourceDependence.objects.all().delete()
    SourceDependence.objects.bulk_create(
        SourceDependence(source=row["source"], other=row["other"], share=row["share"])
        for row in rows_of(copies)
    )
