"""A database and a folder of the demo's own: never those of a real district."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

ROOT = Path(__file__).resolve().parents[1]


@dataclass(frozen=True)
class Place:
    """Where a demo lives: `home` for keys, vault and work files, `database` on the embedded or external server."""

    home: Path
    database: str
    app_url: str
    owner_url: str

    @property
    def stamp(self) -> Path:
        """Holds the summary of a finished main job; its absence means that there is none."""
        return self.home / "main-job.json"


def named(url: str, database: str) -> str:
    """The same server and role, another database."""
    return urlunsplit(urlsplit(url)._replace(path=f"/{database}"))


def _urls() -> tuple[str, str]:
    if "WANGGE_OWNER_URL" in os.environ:
        return os.environ["WANGGE_APP_URL"], os.environ["WANGGE_OWNER_URL"]
    from launcher import postgres

    urls = postgres.ensure(Path(os.environ.get("WANGGE_HOME", ROOT / ".wangge")))
    return urls.app, urls.owner


def place_of(name: str) -> Place:
    """The place called `name`, which need not exist yet."""
    app, owner = _urls()
    name += os.environ.get("WANGGE_DEMO_SUFFIX", "")  # tests run beside each other on one server
    home = Path(os.environ.get("WANGGE_HOME", ROOT / ".wangge")) / name
    database = "wangge_" + "".join(c if c.isalnum() else "_" for c in name)
    return Place(home, database, named(app, database), named(owner, database))


def clear(place: Place) -> None:
    """Empty the place: the database is dropped and made anew, keys and files go with it."""
    import psycopg
    from psycopg import sql

    shutil.rmtree(place.home, ignore_errors=True)
    place.home.mkdir(parents=True, mode=0o700)
    with psycopg.connect(named(place.owner_url, "postgres"), autocommit=True) as connection:
        name = sql.Identifier(place.database)
        connection.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(name))
        connection.execute(sql.SQL("CREATE DATABASE {}").format(name))


def migrate(place: Place) -> None:
    """Tables and the wall, as the owner, in processes of their own: this one never holds the owner's address."""
    environment = os.environ | {
        "WANGGE_HOME": str(place.home),
        "WANGGE_APP_URL": place.app_url,
        "WANGGE_OWNER_URL": place.owner_url,
        "DJANGO_SETTINGS_MODULE": "wangge.project.settings",
        "PYTHONPATH": os.pathsep.join([str(ROOT / "src"), str(ROOT)]),
    }
    for command in (["migrate", "--database", "owner", "-v", "0"], ["provision_wall"]):
        subprocess.run(
            [sys.executable, "-m", "wangge.project.manage", *command],
            env=environment,
            cwd=ROOT,
            check=True,
            stdout=sys.stderr,
        )


def enter(place: Place) -> None:
    """Make this process the platform at that place, as the runtime role."""
    os.environ |= {
        "WANGGE_HOME": str(place.home),
        "WANGGE_APP_URL": place.app_url,
        "DJANGO_SETTINGS_MODULE": "wangge.project.settings",
    }
    os.environ.pop("WANGGE_OWNER_URL", None)
    import django

    django.setup()
    from wangge.project.handbook import load_all_doors

    load_all_doors()
