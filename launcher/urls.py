"""Connection addresses: one for the runtime role, one for the role that owns the tables."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import parse_qsl, quote, urlencode, urlsplit, urlunsplit

from launcher.progress import Stop


@dataclass(frozen=True)
class Urls:
    """`app`: what web and worker get (no ownership, no bypass). `owner`: for migrations, tests, set-up."""

    app: str
    owner: str

    def named(self, database: str) -> Urls:
        """The same server and roles, another database."""
        return Urls(
            *(urlunsplit(urlsplit(url)._replace(path=f"/{database}")) for url in (self.app, self.owner))
        )


def embedded_url(role: str, password: str, sockets: str, database: str, port: int = 5432) -> str:
    """The address of a database behind a unix socket folder."""
    where = urlencode({"host": sockets, "port": port}, quote_via=quote)
    return f"postgresql://{quote(role)}:{quote(password)}@/{quote(database)}?{where}"


def as_role(url: str, role: str, password: str) -> str:
    """The same server and database as `url`, for another role; Stop where `url` is not PostgreSQL's."""
    parts = urlsplit(url)
    if parts.scheme not in ("postgresql", "postgres"):
        raise Stop(
            "DATABASE_URL 须以 postgresql:// 开头（只支持 PostgreSQL）",
            "DATABASE_URL must start with postgresql:// (PostgreSQL only)",
        )
    hosts = parts.netloc.rpartition("@")[2]
    query = [(k, v) for k, v in parse_qsl(parts.query) if k not in ("user", "password")]
    netloc = f"{quote(role)}:{quote(password)}@{hosts}"
    return urlunsplit(("postgresql", netloc, parts.path, urlencode(query, quote_via=quote), ""))
