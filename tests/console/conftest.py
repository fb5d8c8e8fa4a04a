"""Fixtures of the console's tests."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.utils import translation

from launcher.messages import compile_below
from tests.console.district import District, make
from tests.console.messages import SOURCE


@pytest.fixture(scope="session", autouse=True)
def compiled_messages() -> None:
    """The pages speak Chinese only when the messages are compiled, as the set-up does."""
    if compile_below(SOURCE):
        import gettext

        from django.utils.translation import trans_real

        gettext._translations.clear()  # type: ignore[attr-defined]  # Python keeps what it read before
        trans_real._translations.clear()  # type: ignore[attr-defined]


@pytest.fixture
def tmp_path_in_source(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[Path, Path]:
    """A template and a module in a source tree of the test's own."""
    monkeypatch.setattr("tests.console.messages.SOURCE", tmp_path)
    return tmp_path / "page.html", tmp_path / "module.py"


@pytest.fixture(params=["zh-hans", "en"])
def language(request: pytest.FixtureRequest) -> Iterator[str]:
    with translation.override(request.param):
        yield request.param


@pytest.fixture
def guide(settings: object, language: str) -> Client:
    """A visitor of the style guide, in one language."""
    settings.ROOT_URLCONF = "tests.console.urls"  # type: ignore[attr-defined]
    client = Client()
    client.cookies["django_language"] = language
    return client


@pytest.fixture
def district(db: None, access_for: Callable[..., Any], settings: Any, tmp_path: Path) -> District:
    """Ground, staff, matters and tasks for the pages; a ledger whose witness is this test's own."""
    settings.WANGGE_WITNESS = tmp_path / "witness.jsonl"
    return make(access_for)
