"""What killed processes and ended sessions leave behind is swept away; what is in use stays."""

from __future__ import annotations

import os
import time
from datetime import timedelta
from pathlib import Path

import pytest
from allauth.usersessions.models import UserSession
from django.conf import settings
from django.contrib.sessions.backends.db import SessionStore
from django.contrib.sessions.models import Session
from django.core.files.uploadedfile import TemporaryUploadedFile
from django.utils import timezone

from wangge.access.models import User
from wangge.project.jobs import sweep


@pytest.fixture
def home(tmp_path, settings):
    settings.WANGGE_HOME = tmp_path
    settings.FILE_UPLOAD_TEMP_DIR = tmp_path / "uploads"
    (tmp_path / "uploads").mkdir()
    return tmp_path


def _aged(path: Path, hours: float) -> None:
    at = time.time() - hours * 3600
    os.utime(path, (at, at))


def test_an_upload_lies_where_only_the_house_looks() -> None:
    folder = Path(settings.FILE_UPLOAD_TEMP_DIR)
    assert folder == Path(settings.WANGGE_HOME) / "uploads" and folder.stat().st_mode & 0o077 == 0
    with TemporaryUploadedFile("名单.csv", "text/csv", 1, "utf-8") as upload:
        assert Path(upload.temporary_file_path()).parent == folder


@pytest.mark.django_db
def test_left_overs_go_and_what_is_in_use_stays(home) -> None:
    old, fresh = home / "uploads" / "old.upload.csv", home / "uploads" / "fresh.upload.csv"
    work, running = home / "work" / "link-old", home / "work" / "link-running"
    for folder in (work, running):
        folder.mkdir(parents=True)
        (folder / "persons.parquet").write_bytes(b"x")
    for path in (old, fresh):
        path.write_bytes(b"x")
    for path in (old, work / "persons.parquet", work, running):
        _aged(path, 100)
    assert sweep(0) == 2
    assert not old.exists() and not work.exists()
    assert fresh.exists() and (running / "persons.parquet").exists()


@pytest.mark.django_db
def test_an_ended_session_leaves_no_address_behind(home) -> None:
    user = User.objects.create(username="li")
    for ended in (True, False):
        store = SessionStore()
        store.create()
        if ended:
            Session.objects.filter(session_key=store.session_key).update(
                expire_date=timezone.now() - timedelta(minutes=1)
            )
        UserSession.objects.create(
            user=user,
            session_key=store.session_key,
            ip="10.0.0.1",
            user_agent="x",
            last_seen_at=timezone.now(),
        )
    assert sweep(0) == 1
    assert Session.objects.count() == 1 and UserSession.objects.count() == 1
