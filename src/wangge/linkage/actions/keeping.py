"""Keeping what a linkage leaves for the next one: people's records, so sealed like the originals."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

from django.conf import settings
from django.utils import timezone

from wangge.access.files import CHUNK, SealedFiles
from wangge.kernel.access import Access
from wangge.kernel.doors import door
from wangge.linkage.models import LinkageBase

SCOPE = "linkage"


@door(writes="linkage", act="keep")
def keep_base(
    access: Access,
    *,
    folder: Path,
    told: Mapping[str, list[list[object]]],
    rows: int,
    rows_whole: int,
    namesakes: bool = True,
) -> None:
    """Seal the files of a folder in place of what was kept before; `told` says which batches each source told."""
    store = SealedFiles(Path(settings.WANGGE_VAULT))
    files: dict[str, str] = {}
    try:
        for path in sorted(folder.iterdir()):
            files[path.name] = store.write(SCOPE, _pieces(path)).name
        old = list(LinkageBase.objects.all())
        LinkageBase.objects.create(
            made_at=timezone.now(),
            rows=rows,
            rows_whole=rows_whole,
            told=dict(told),
            files=files,
            namesakes=namesakes,
        )
        LinkageBase.objects.filter(id__in=[base.id for base in old]).delete()
    except BaseException:
        store.remove(files.values())
        raise
    store.remove_after_commit(name for base in old for name in base.files.values())


def _pieces(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while piece := file.read(CHUNK):
            yield piece
