"""Where the tests keep their keys and which database they use. Loaded with `-p` before Django's settings,

which read both from the environment; a conftest would come too late, because pytest-django reads settings first.
"""

from __future__ import annotations

import os
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
HOME = Path(os.environ.get("WANGGE_TEST_HOME", ROOT / ".wangge" / "test"))
os.environ["WANGGE_HOME"] = str(HOME / os.environ.get("PYTEST_XDIST_WORKER", "main"))


def _database_urls() -> tuple[str, str]:
    """(runtime role, owner) addresses of a running PostgreSQL; the launcher starts one when none is named."""
    if "WANGGE_OWNER_URL" in os.environ:
        return os.environ["WANGGE_APP_URL"], os.environ["WANGGE_OWNER_URL"]
    from launcher import postgres

    urls = postgres.ensure(ROOT / ".wangge")
    return urls.app, urls.owner


APP_URL, OWNER_URL = _database_urls()
os.environ["WANGGE_APP_URL"], os.environ["WANGGE_OWNER_URL"] = APP_URL, OWNER_URL
