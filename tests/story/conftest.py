"""Fixtures of the story: one village made once, a database of its own for each telling, a browser."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser

from launcher.messages import compile_below
from tests.browsing import opened_chromium
from tests.conftest import _clone, _drop, _point_at
from tests.story.ground import ROOT, House, Village, house, settle
from tests.story.stage import Stage


@pytest.fixture(scope="module")
def village(
    wall_template: str,
    django_db_setup: None,
    django_db_blocker: Any,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[tuple[str, Village]]:
    """The village and the name of its database, from which each telling takes a copy."""
    from django.db import connections

    from wangge.console.assets import assets_of

    if not assets_of("src/app.ts").module:
        (pytest.fail if os.environ.get("CI") else pytest.skip)(
            "needs the built front end: npm run build in web/"
        )
    compile_below(ROOT / "src" / "wangge")
    name, before = f"wangge_story_{os.getpid()}", connections["default"].settings_dict["NAME"]
    _clone(wall_template, name)
    with django_db_blocker.unblock():
        _point_at(name)
        made = settle(tmp_path_factory.mktemp("story"))
        _point_at(before)
    yield name, made
    _drop(name)


@pytest.fixture
def settled(village: tuple[str, Village], django_db_blocker: Any, tmp_path: Path) -> Iterator[House]:
    """A running house over a copy of the village."""
    from django.db import connections

    base, made = village
    before = connections["default"].settings_dict["NAME"]
    name = f"wangge_telling_{os.getpid()}_{os.urandom(3).hex()}"
    _clone(base, name)
    with django_db_blocker.unblock():
        _point_at(name)
        try:
            with house(made, tmp_path / "house.log") as running:
                yield running
        finally:
            _point_at(before)
    _drop(name)


@pytest.fixture
def browser(settled: House) -> Iterator[Browser]:
    """After the database is there and gone before it: in a thread where the browser's loop runs, Django asks nothing."""
    with opened_chromium() as shown:
        yield shown


@pytest.fixture(params=["zh", pytest.param("en", marks=pytest.mark.long)])
def stage(request: pytest.FixtureRequest, settled: House, browser: Browser) -> Iterator[Stage]:
    """The people of the story, each with a browser window of their own.

    They act in Chinese; each page that is looked at is looked at in English beside. The telling in which they act in
    English belongs to the long tests (and to the pictures of the README): what forms answer in English is asked for
    page by page in tests/office, tests/duty and tests/canvass.
    """
    made = Stage(browser, settled, request.param, beside=request.param == "zh")
    yield made
    made.close()
