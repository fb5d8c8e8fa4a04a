"""The embedded database: starts, survives kills, stops; its log holds no values."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from launcher import database, places, postgres, postgres_place, postgres_settings, postmaster, roles
from launcher.progress import Stop
from launcher.urls import Urls, as_role


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A home of its own, in a folder that the server's user can enter, as a real checkout's is."""
    made = (
        Path(tempfile.gettempdir()).resolve()
        / f"wangge-test-{os.getpid()}-{tmp_path_factory.getbasetemp().name}"
    )
    made.mkdir(mode=0o755)
    yield made
    postgres.stop(made)
    subprocess.run(["rm", "-rf", str(made)], check=True)


@pytest.fixture
def urls(home: Path) -> Urls:
    return postgres.ensure(home)


def test_ensure_is_idempotent_and_both_roles_get_in(home: Path, urls: Urls) -> None:
    pid = postgres.status(home).pid
    assert pid is not None
    assert postgres.ensure(home) == urls
    assert postgres.status(home).pid == pid
    with psycopg.connect(urls.app) as connection:
        row = connection.execute(
            "SELECT rolsuper, rolbypassrls, rolcreatedb, rolcreaterole FROM pg_roles WHERE rolname = current_user"
        ).fetchone()
    assert row == (False, False, False, False)
    with psycopg.connect(urls.owner) as connection:
        row = connection.execute(
            "SELECT rolsuper, rolcreatedb, (SELECT datdba = pg_roles.oid FROM pg_database WHERE datname = 'wangge')"
            " FROM pg_roles WHERE rolname = current_user"
        ).fetchone()
    assert row == (False, True, True)


def test_a_wrong_password_does_not_get_in(urls: Urls) -> None:
    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        psycopg.connect(urls.app.replace("wangge_app:", "wangge_app:x"))


def test_no_tcp_and_a_private_socket_folder(home: Path, urls: Urls) -> None:
    found = postgres.status(home)
    assert found.sockets.stat().st_mode & 0o077 == 0
    assert (home / "database.json").stat().st_mode & 0o077 == 0
    with psycopg.connect(urls.app) as connection:
        assert connection.execute("SHOW listen_addresses").fetchone() == ("",)
        assert connection.execute("SHOW fsync").fetchone() == ("on",)


def test_chinese_has_trigrams_and_letters(urls: Urls) -> None:
    with psycopg.connect(urls.owner) as connection:
        connection.execute("CREATE EXTENSION IF NOT EXISTS pg_trgm")
        row = connection.execute("SELECT show_trgm('张三丰'), '张三' ~ '^\\w+$'").fetchone()
    assert row is not None
    assert len(row[0]) == 4
    assert row[1] is True


def test_a_killed_server_comes_back_with_every_committed_row(home: Path, urls: Urls) -> None:
    with psycopg.connect(urls.owner) as connection:
        connection.execute("DROP TABLE IF EXISTS kept")
        connection.execute("CREATE TABLE kept AS SELECT generate_series(1, 10000) AS n")
    pid = postgres.status(home).pid
    assert pid is not None
    os.kill(pid, signal.SIGKILL)
    assert postgres.ensure(home) == urls
    assert postgres.status(home).pid not in (None, pid)
    with psycopg.connect(urls.owner) as connection:
        assert connection.execute("SELECT count(*), sum(n) FROM kept").fetchone() == (10000, 50005000)


def test_a_pid_file_that_names_another_living_process_does_not_stop_the_start(home: Path, urls: Urls) -> None:
    cluster = postgres_place.locate(places.places(home))
    lines = (cluster.data / "postmaster.pid").read_text(encoding="utf-8").splitlines()
    assert postgres.stop(home)
    stranger = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
    try:
        text = "\n".join([str(stranger.pid), *lines[1:]])
        for path in (cluster.data / "postmaster.pid", cluster.sockets / f"{postgres_place.SOCKET_NAME}.lock"):
            path.write_text(text, encoding="utf-8")
            cluster.servant.give(path)
        assert postgres.status(home).pid is None
        assert postgres.ensure(home) == urls
        assert stranger.poll() is None
    finally:
        stranger.kill()
        stranger.wait()


def test_a_zombie_does_not_count_as_running() -> None:
    child = subprocess.Popen([sys.executable, "-c", "pass"])
    deadline = time.monotonic() + 60
    while Path(f"/proc/{child.pid}/stat").exists() and time.monotonic() < deadline:
        if postmaster.process_state(child.pid, reap=False) == "Z":
            break
        time.sleep(0.01)
    assert not postmaster.is_alive(child.pid)
    child.wait()


def test_an_interrupted_initialisation_is_made_again(home: Path, urls: Urls) -> None:
    postgres.reset(home)
    cluster = postgres_place.locate(places.places(home))
    (cluster.folder / "data.new-1" / "half").mkdir(parents=True)
    assert postgres.ensure(home) == urls
    assert list(cluster.folder.glob("data.new*")) == []


def test_the_log_holds_no_values_of_failed_statements(home: Path, urls: Urls) -> None:
    marker = "秘密张三"
    with psycopg.connect(urls.owner, autocommit=True) as connection:
        connection.execute("CREATE TABLE IF NOT EXISTS named (name text PRIMARY KEY)")
        for _ in range(2):
            try:
                connection.execute("INSERT INTO named VALUES (%s)", [marker])
            except psycopg.errors.UniqueViolation as error:
                assert marker in str(error)
        with pytest.raises(psycopg.errors.InvalidTextRepresentation):
            connection.execute(f"SELECT '{marker}'::int")
    log = postgres_place.locate(places.places(home)).log.read_text(encoding="utf-8")
    assert "ready to accept connections" in log
    assert marker not in log


def test_stop_says_whether_there_was_something_to_stop(home: Path, urls: Urls) -> None:
    assert postgres.stop(home) is True
    assert postgres.stop(home) is False


def test_a_long_path_gets_a_short_socket_folder(tmp_path: Path) -> None:
    deep = tmp_path / ("x" * 90)
    deep.mkdir()
    folder = postgres_place.socket_folder(deep, postgres_place.Servant(None, None))
    try:
        assert len(os.fsencode(folder / postgres_place.SOCKET_NAME)) <= postgres_place.LONGEST_SOCKET
        assert folder.stat().st_mode & 0o077 == 0
    finally:
        folder.rmdir()


def test_a_folder_open_to_others_is_refused(tmp_path: Path) -> None:
    (tmp_path / "open").mkdir(mode=0o777)
    (tmp_path / "open").chmod(0o777)
    with pytest.raises(Stop, match="open to others"):
        postgres_place.own_folder(tmp_path / "open", postgres_place.Servant(None, None))


@pytest.mark.skipif(os.geteuid() != 0, reason="only root drops to another user; run as root to see it")
def test_under_root_a_closed_home_keeps_its_mode_and_the_data_go_outside(tmp_path: Path) -> None:
    home = tmp_path / "closed"
    home.mkdir(mode=0o700)
    place = None
    try:
        urls = postgres.ensure(home)
        place = postgres.status(home).folder
        assert home not in place.parents
        assert place.stat().st_mode & 0o777 == 0o700
        assert home.stat().st_mode & 0o777 == 0o700
        with psycopg.connect(urls.app) as connection:
            assert connection.execute("SELECT 1").fetchone() == (1,)
        assert postgres.ensure(home) == urls
    finally:
        postgres.stop(home)
        if place is not None:
            subprocess.run(["rm", "-rf", str(place)], check=True)


@pytest.mark.parametrize(
    ("gigabytes", "shared"), [(0.5, "64MB"), (2, "256MB"), (8, "512MB"), (256, "512MB"), (0.1, "32MB")]
)
def test_shared_memory_follows_the_machine(gigabytes: float, shared: str) -> None:
    text = postgres_settings.settings(Path("/s"), int(gigabytes * 1024**3))
    assert f"shared_buffers = {shared}\n" in text


def _superuser(home: Path, urls: Urls) -> str:
    word = postgres.passwords(places.places(home))["superuser"]
    return as_role(urls.owner, "postgres", word)


def test_an_external_server_gets_the_runtime_role_from_an_owner_who_may_make_it(
    home: Path, urls: Urls, capsys: pytest.CaptureFixture[str]
) -> None:
    superuser = _superuser(home, urls)
    app = as_role(urls.app, "wangge_app", "another-password")
    assert roles.external(superuser, app) == 0
    assert roles.external(superuser, app) == 0  # it works already: nothing to do
    with psycopg.connect(app) as connection:
        assert connection.execute("SELECT current_user").fetchone() == ("wangge_app",)
    assert roles.external(superuser, urls.app) == 0  # back to the password the others use
    assert capsys.readouterr().out == ""


def test_an_owner_who_may_not_is_given_the_exact_sql_without_a_password(
    home: Path, urls: Urls, capsys: pytest.CaptureFixture[str]
) -> None:
    app = as_role(urls.app, "wangge_app", "a-third-password")
    assert roles.external(urls.owner, app) == 4
    statement = capsys.readouterr().out
    assert statement.startswith('ALTER ROLE "wangge_app" LOGIN NOSUPERUSER')
    assert "SCRAM-SHA-256$" in statement
    assert "a-third-password" not in statement
    with psycopg.connect(_superuser(home, urls), autocommit=True) as connection:
        connection.execute(statement.strip().encode())
    try:
        assert roles.external(urls.owner, app) == 0
    finally:
        assert roles.external(_superuser(home, urls), urls.app) == 0


def test_a_runtime_role_that_would_bypass_the_wall_is_refused(home: Path, urls: Urls) -> None:
    superuser = _superuser(home, urls)
    with psycopg.connect(superuser, autocommit=True) as connection:
        connection.execute("ALTER ROLE wangge_app BYPASSRLS")
        try:
            assert roles.external(superuser, urls.app) == 5
        finally:
            connection.execute("ALTER ROLE wangge_app NOBYPASSRLS")


def test_a_server_too_old_is_named(
    home: Path, urls: Urls, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(roles, "OLDEST", 990000)
    assert roles.external(urls.owner, urls.app) == 3
    assert capsys.readouterr().out == "18\n"


def test_an_external_database_is_used_as_it_is(
    home: Path, urls: Urls, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Through the launcher, with a home of its own that has no embedded server."""
    monkeypatch.setenv(database.EXTERNAL, _superuser(home, urls))
    monkeypatch.setattr(places.Places, "python", Path(sys.executable))
    where = places.places(tmp_path)
    try:
        with database.running(where) as found:
            assert found.owner == _superuser(home, urls)
            with psycopg.connect(found.app) as connection:
                assert connection.execute("SELECT current_user").fetchone() == ("wangge_app",)
            child = database.child_environment(where, found)
        assert not (tmp_path / "pg").exists()
        assert database.EXTERNAL not in child
        assert "WANGGE_OWNER_URL" not in child
        assert child["WANGGE_APP_URL"] == found.app
    finally:
        assert roles.external(_superuser(home, urls), urls.app) == 0


def test_an_external_database_that_cannot_be_reached_is_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(database.EXTERNAL, "postgresql://boss:secret@127.0.0.1:1/x")
    monkeypatch.setattr(places.Places, "python", Path(sys.executable))
    with pytest.raises(Stop, match="cannot use the database of DATABASE_URL") as caught:
        database.ensure(places.places(tmp_path))
    assert "secret" not in str(caught.value)


def test_the_last_user_stops_a_server_that_a_launcher_started(home: Path, urls: Urls) -> None:
    where = places.places(home)
    postgres.stop(home)
    with database.running(where):
        with database.running(where):
            assert postgres.status(home).pid is not None
        assert postgres.status(home).pid is not None
    assert postgres.status(home).pid is None


def test_a_server_started_by_hand_is_left_running(home: Path, urls: Urls) -> None:
    where = places.places(home)
    pid = postgres.status(home).pid
    with database.running(where):
        pass
    assert pid is not None
    assert postgres.status(home).pid == pid


def test_a_server_that_looks_alive_but_does_not_speak_is_not_taken_for_running(
    home: Path, urls: Urls
) -> None:
    """A killed postmaster keeps its pid until the system ends it; returning then would leave no database."""
    cluster = postgres_place.locate(places.places(home))
    pid = postgres.status(home).pid
    assert pid is not None
    assert postmaster.answers(cluster)
    os.kill(pid, signal.SIGSTOP)
    try:
        assert postmaster.postmaster(cluster) == pid
        assert not postmaster.answers(cluster, seconds=0.2)
        os.kill(pid, signal.SIGKILL)
    finally:
        os.kill(pid, signal.SIGCONT)
    assert postgres.ensure(home) == urls
    assert postgres.status(home).pid not in (None, pid)
    assert postmaster.answers(cluster)
