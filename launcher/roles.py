"""Makes the two roles and the database. Runs inside the virtual environment, which has the driver.

    python -m launcher.roles embedded    # as the cluster's superuser: owner, app, database
    python -m launcher.roles external    # as the owner of $WANGGE_OWNER_URL: version check, app role

Passwords reach the server only as SCRAM verifiers, so that neither its log nor our printed SQL holds one.
Exit codes: 0 done; 3 the server is too old; 4 may not make the role (the SQL to run is on stdout);
5 the app role has rights it must not have; 1 anything else.
"""

from __future__ import annotations

import os
import sys

import psycopg
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict

OLDEST = 150000  # PostgreSQL 15, as server_version_num
APP = "wangge_app"
RIGHTS = "LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOBYPASSRLS NOREPLICATION"


def _verifier(connection: psycopg.Connection, role: str, password: str) -> str:
    made = connection.pgconn.encrypt_password(password.encode(), role.encode(), b"scram-sha-256")
    return made.decode()


def _role_sql(connection: psycopg.Connection, role: str, rights: str, password: str, exists: bool) -> str:
    """The statement that makes the role, or brings it to the wanted rights and password."""
    statement = sql.SQL("{verb} ROLE {role} {rights} PASSWORD {password}").format(
        verb=sql.SQL("ALTER" if exists else "CREATE"),
        role=sql.Identifier(role),
        rights=sql.SQL(rights),
        password=sql.Literal(_verifier(connection, role, password)),
    )
    return statement.as_string(connection)


def _exists(connection: psycopg.Connection, role: str) -> bool:
    return connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [role]).fetchone() is not None


def _password(url: str) -> str:
    return str(conninfo_to_dict(url)["password"])


def embedded(superuser: str, owner: str, app: str) -> int:
    """All of it, as the superuser of a cluster that is ours."""
    with psycopg.connect(superuser, autocommit=True) as connection:
        for role, rights, url in (
            ("wangge_owner", RIGHTS.replace("NOCREATEDB", "CREATEDB"), owner),
            (APP, RIGHTS, app),
        ):
            connection.execute(_role_sql(connection, role, rights, _password(url), _exists(connection, role)))
        name = str(conninfo_to_dict(owner)["dbname"])
        if connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name]).fetchone() is None:
            make = sql.SQL("CREATE DATABASE {} OWNER wangge_owner").format(sql.Identifier(name))
            connection.execute(make)
    return 0


def _works(url: str) -> bool:
    try:
        psycopg.connect(url, connect_timeout=10).close()
    except psycopg.OperationalError:
        return False
    return True


def external(owner: str, app: str) -> int:
    """The app role on a server that is someone else's; prints the SQL where we may not run it."""
    with psycopg.connect(owner, autocommit=True, connect_timeout=10) as connection:
        version = connection.info.server_version
        if version < OLDEST:
            sys.stdout.write(f"{version // 10000}\n")
            return 3
        row = connection.execute(
            "SELECT rolsuper OR rolbypassrls FROM pg_roles WHERE rolname = %s", [APP]
        ).fetchone()
        if row is not None and row[0]:
            return 5
        if row is not None and _works(app):
            return 0
        statement = _role_sql(connection, APP, RIGHTS, _password(app), row is not None)
        try:
            connection.execute(statement)
        except psycopg.errors.InsufficientPrivilege:
            sys.stdout.write(f"{statement};\n")
            return 4
    return 0


def main(arguments: list[str]) -> int:
    """Entry; the addresses come by environment so that no process list shows them."""
    try:
        if arguments == ["embedded"]:
            read = os.environ
            return embedded(read["WANGGE_SUPERUSER_URL"], read["WANGGE_OWNER_URL"], read["WANGGE_APP_URL"])
        return external(os.environ["WANGGE_OWNER_URL"], os.environ["WANGGE_APP_URL"])
    except psycopg.Error as error:
        sys.stderr.write(f"{error}\n")
        return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
