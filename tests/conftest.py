"""Fixtures for all tests: a real PostgreSQL, one database a test worker, cloned from a migrated template."""

from __future__ import annotations

import fcntl
import hashlib
import io
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit
from uuid import UUID

import psycopg
import pytest
from hypothesis import HealthCheck, settings
from psycopg import sql

from tests.surroundings import APP_URL, HOME, OWNER_URL, ROOT

# What an example does counts, not how long a busy machine takes over it.
settings.register_profile(
    "wangge",
    settings.get_profile("ci" if os.environ.get("CI") else "default"),
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile("wangge")


def _named(url: str, name: str) -> str:
    return urlunsplit(urlsplit(url)._replace(path=f"/{name}"))


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What a machine lacks is skipped with the reason and the remedy; in CI such a skip is a failure."""
    from tests.needs import missing
    from tests.order import long_first

    for item in items:
        for marker in ("browser", "spark", "shared_data"):
            if item.get_closest_marker(marker) and (reason := missing(marker)):
                if os.environ.get("CI"):
                    item.add_marker(pytest.mark.usefixtures("_lacking_in_ci"))
                else:
                    item.add_marker(pytest.mark.skip(reason=reason))
    items[:] = long_first(items)


@pytest.fixture
def _lacking_in_ci(request: pytest.FixtureRequest) -> None:
    from tests.needs import missing

    reasons = [missing(m) for m in ("browser", "spark", "shared_data") if request.node.get_closest_marker(m)]
    pytest.fail("; ".join(r for r in reasons if r))


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of real data, see tests/needs.py."""
    from tests.needs import shared_data_folder

    return shared_data_folder()


def _migrations_digest() -> str:
    digest = hashlib.sha256()
    for path in sorted((ROOT / "src" / "wangge").rglob("*.py")):
        if "migrations" in path.parts or path.name in ("models.py", "wall.py") or "models" in path.parts:
            digest.update(path.read_bytes())
    digest.update(str(ROOT).encode())
    return digest.hexdigest()[:12]


def _owner(name: str = "postgres") -> psycopg.Connection[Any]:
    return psycopg.connect(_named(OWNER_URL, name), autocommit=True)


def _exists(connection: psycopg.Connection[Any], name: str) -> bool:
    return connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name]).fetchone() is not None


@contextmanager
def _one_at_a_time() -> Iterator[None]:
    HOME.mkdir(parents=True, exist_ok=True)
    with (HOME / "template.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _point_at(name: str) -> None:
    from django.db import connections

    for alias in ("default", "owner"):
        connections[alias].close()
        connections[alias].settings_dict["NAME"] = name
        connections.settings[alias]["NAME"] = name
    os.environ["WANGGE_APP_URL"], os.environ["WANGGE_OWNER_URL"] = (
        _named(APP_URL, name),
        _named(OWNER_URL, name),
    )


def _template() -> str:
    """The migrated template database, made once for each state of the models."""
    from django.core.management import call_command

    name = f"wangge_t_{_migrations_digest()}"
    with _one_at_a_time(), _owner() as owner:
        if not _exists(owner, name):
            making = f"{name}_making"
            owner.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(making)))
            owner.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(making)))
            _point_at(making)
            call_command("migrate", database="owner", verbosity=0)
            call_command("provision_wall", stderr=io.StringIO())
            _point_at("postgres")
            owner.execute(
                sql.SQL("ALTER DATABASE {} RENAME TO {}").format(sql.Identifier(making), sql.Identifier(name))
            )
    return name


def _clone(template: str, name: str) -> None:
    with _one_at_a_time(), _owner() as owner:
        owner.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))
        owner.execute(
            sql.SQL("CREATE DATABASE {} TEMPLATE {} STRATEGY FILE_COPY").format(
                sql.Identifier(name), sql.Identifier(template)
            )
        )


def _drop(name: str) -> None:
    with _owner() as owner:
        for attempt in range(40):
            try:
                owner.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))
                return
            except psycopg.errors.InsufficientPrivilege:  # an autovacuum worker is in it: it leaves by itself
                if attempt == 39:
                    raise
                time.sleep(0.25)


@pytest.fixture(scope="session")
def wall_template(django_db_blocker: Any) -> str:
    with django_db_blocker.unblock():
        return _template()


@pytest.fixture(scope="session")
def django_db_setup(wall_template: str, django_db_blocker: Any) -> Iterator[None]:
    """Replaces pytest-django's own: the tests run as the runtime role, which may create no database."""
    name = f"wangge_test_{os.getpid()}"
    with django_db_blocker.unblock():
        _clone(wall_template, name)
        _point_at(name)
    yield
    with django_db_blocker.unblock():
        _point_at("postgres")
        _drop(name)


@pytest.fixture
def committed_db(wall_template: str, django_db_setup: None, django_db_blocker: Any) -> Iterator[str]:
    """A database of this test's own, where commits are real: for COPY, sealing, workers, kills. Gives its name."""
    from django.db import connections

    before = connections["default"].settings_dict["NAME"]
    name = f"wangge_own_{os.getpid()}_{os.urandom(3).hex()}"
    _clone(wall_template, name)
    with django_db_blocker.unblock():
        _point_at(name)
        yield name
        for alias in ("default", "owner"):
            connections[alias].close()
        _point_at(before)
    _drop(name)


@pytest.fixture
def system_access() -> Callable[..., Any]:
    """`system_access(purpose="operations", emergency=None, name="test")` -> Access of a background actor."""
    from wangge.access.actions import enter_system

    def make(
        purpose: str = "operations", emergency: UUID | None = None, name: str = "test", **kwargs: Any
    ) -> Any:
        return enter_system(name=name, purpose=purpose, emergency=emergency, **kwargs)

    return make


@pytest.fixture
def access_for() -> Callable[..., Any]:
    """`access_for(role, purpose=None, scope="120110", emergency=None, organisation=None)` -> Access.

    Makes a real account with a real post and enters through the gate. Needs the database.
    """
    from django.utils import timezone

    from wangge.access import actions, queries
    from wangge.access.models import Organisation, Post, User
    from wangge.kernel.units import interval_of

    def make(
        role: str,
        purpose: str | None = None,
        scope: str = "120110",
        emergency: UUID | None = None,
        organisation: UUID | str | None = None,
        username: str | None = None,
        second_factor: bool = False,
    ) -> Any:
        if isinstance(organisation, str):
            organisation = Organisation.objects.get_or_create(
                code=organisation,
                defaults={"name_zh": organisation, "name_en": organisation, "kind": "department"},
            )[0].id
        name = username or f"{role}-{os.urandom(4).hex()}"
        user, _ = User.objects.get_or_create(username=name, defaults={"organisation_id": organisation})
        interval = interval_of(scope)
        post = Post.objects.create(
            user=user,
            role=role,
            organisation_id=organisation,
            division=scope,
            scope_lo=interval.lo,
            scope_hi=interval.hi,
            valid_from=timezone.now(),
        )
        return actions.enter(
            user=user.id,
            post=post.id,
            purpose=purpose or queries.purposes_of(role)[0],
            emergency=emergency,
            second_factor=second_factor,
        )

    return make


@pytest.fixture
def emergency(system_access: Callable[..., Any]) -> Any:
    """An emergency power over the test district, in force for 30 days; gives its id. Needs the database."""
    from datetime import timedelta

    from django.utils import timezone

    from wangge.access import actions
    from wangge.kernel.ids import new_id
    from wangge.kernel.units import interval_of

    id_ = new_id()
    now = timezone.now()
    actions.open_mandate(
        system_access("operations"),
        id=id_,
        scope=interval_of("120110"),
        purposes=("epidemic_response",),
        valid_from=now,
        valid_until=now + timedelta(days=30),
        legal_basis="传染病防治法 第四十二条",
    )
    return id_
