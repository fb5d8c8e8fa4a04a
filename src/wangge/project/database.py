"""Database connections from addresses such as postgresql://user:password@/name?host=/socket/folder&port=5432."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit


def connection_settings(url: str, *, application: str) -> dict[str, Any]:
    """Django's settings for one connection. Raises ValueError for anything but a PostgreSQL address."""
    parts = urlsplit(url)
    if parts.scheme not in ("postgresql", "postgres"):
        raise ValueError("the database address must begin with postgresql://")
    query = {key: values[-1] for key, values in parse_qs(parts.query).items()}
    options = {"application_name": application}
    if "sslmode" in query:
        options["sslmode"] = query["sslmode"]
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(parts.path.lstrip("/")) or "wangge",
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": unquote(parts.hostname or "") or query.get("host", ""),
        "PORT": str(parts.port or query.get("port", "")),
        "CONN_MAX_AGE": 600,
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": options,
    }
