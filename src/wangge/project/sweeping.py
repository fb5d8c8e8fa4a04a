"""What processes that were killed, and sessions that ended, leave behind."""

from __future__ import annotations

import shutil
import time
from pathlib import Path

from allauth.usersessions.models import UserSession
from django.contrib.sessions.models import Session
from django.utils import timezone

UPLOADS_KEPT = 6 * 3600.0  # seconds; no upload takes that long
WORK_KEPT = 48 * 3600.0  # seconds; nor any linkage of a district


def sweep_folder(folder: Path, older_than: float) -> int:
    """Remove what stands in `folder` unchanged for `older_than` seconds; returns how many files and folders."""
    removed = 0
    for path in sorted(folder.glob("*")) if folder.is_dir() else ():
        inside = [path, *path.rglob("*")] if path.is_dir() and not path.is_symlink() else [path]
        try:
            newest = max(p.lstat().st_mtime for p in inside)
        except FileNotFoundError:  # being removed by its owner
            continue
        if time.time() - newest <= older_than:
            continue
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path, ignore_errors=True)
        else:
            path.unlink(missing_ok=True)
        removed += 1
    return removed


def sweep_sessions() -> int:
    """Remove ended sessions, and the notes of where they were used (address, browser) with them."""
    removed, _ = Session.objects.filter(expire_date__lt=timezone.now()).delete()
    UserSession.objects.exclude(session_key__in=Session.objects.values("session_key")).delete()
    return removed
