"""Opening what the last linkage kept."""

from __future__ import annotations

import shutil
from pathlib import Path

from django.conf import settings

from wangge.access.files import SealedFiles
from wangge.kernel.access import Access
from wangge.kernel.doors import door
from wangge.kernel.problems import Refused
from wangge.linkage.models import LinkageBase
from wangge.linkage.types import OpenedBase


@door(reads="linkage", act="open")
def open_base(access: Access, *, into: Path) -> OpenedBase | None:
    """Unseal the last base into a folder that only this account enters; the caller removes it after the run.

    None where there is none. One whose files are damaged comes back empty and says so.
    """
    found = LinkageBase.objects.order_by("-made_at").first()
    if found is None:
        return None
    store = SealedFiles(Path(settings.WANGGE_VAULT))
    into.mkdir(mode=0o700, parents=True, exist_ok=True)
    try:
        for name, stored in found.files.items():
            with store.open(stored) as sealed, (into / name).open("wb") as plain:
                shutil.copyfileobj(sealed, plain, 1 << 20)
    except (Refused, FileNotFoundError):
        shutil.rmtree(into, ignore_errors=True)
        return OpenedBase(into, {}, 0, damaged=True)
    return OpenedBase(into, found.told, found.rows_whole, namesakes=found.namesakes)
