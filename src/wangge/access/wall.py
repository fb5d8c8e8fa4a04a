"""The second net in the database: privileges of the runtime role, row-level security, append-only tables.

Each model says `SCOPE`: "unit" (column unit_no within the access's territory and, under an emergency, its areas),
"emergency" (column emergency_id is the access's emergency), "unit+emergency" (both, rows without emergency pass), or
"none". No scope set means no rows.
`APPEND_ONLY` takes UPDATE, DELETE and TRUNCATE away. The statements can be run again at any time.
"""

from __future__ import annotations

from collections.abc import Iterator

from django.apps import apps
from django.db import models
from django.db.backends.utils import CursorWrapper
from psycopg import sql

RUNTIME_ROLE = "wangge_app"
ROOMS_PREFIX = "wangge."
MAINTAIN_SINCE = 170000  # PostgreSQL 17; before it autovacuum does this in its own time

# Not wrapped in (SELECT ...): the planner reads the setting while it plans and so knows how many rows pass. Wrapped,
# it guesses 1 in 200 and sorts a whole district for one page (683 ms for 0.1 ms at 100,000 rows; the price is
# 0.3 microseconds more for each row of a full scan).
UNIT = (
    "unit_no BETWEEN nullif(current_setting('wangge.lo', true), '')::bigint"
    " AND nullif(current_setting('wangge.hi', true), '')::bigint"
)
EMERGENCY = "emergency_id = nullif(current_setting('wangge.emergency', true), '')::uuid"
# Under an emergency's power only its areas are open, not what lies between them (`areas`); its own rows may also stand
# where nobody knows their place yet (`own`). Empty: no power is used, the interval alone counts.
AREAS, OWN = (
    f"(coalesce(current_setting('wangge.{name}', true), '') = ''"
    f" OR unit_no <@ nullif(current_setting('wangge.{name}', true), '')::int8multirange)"
    for name in ("areas", "own")
)
CONDITIONS = {
    "unit": f"{UNIT} AND {AREAS}",
    "emergency": EMERGENCY,
    "unit+emergency": f"{UNIT} AND ((emergency_id IS NULL AND {AREAS}) OR ({EMERGENCY} AND {OWN}))",
}

REFUSE_CHANGE = """
CREATE OR REPLACE FUNCTION wangge_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'insufficient_privilege';
END $$
"""


def our_models() -> Iterator[type[models.Model]]:
    """Every model of the house's own rooms."""
    for model in apps.get_models():
        if model.__module__.startswith(ROOMS_PREFIX):
            yield model


def _run(cursor: CursorWrapper, statement: str, **names: str) -> None:
    text = sql.SQL(statement).format(**{key: sql.Identifier(value) for key, value in names.items()})
    cursor.cursor.execute(text)


def build(cursor: CursorWrapper) -> int:
    """Put the wall up on the owner's connection; returns the number of tables under row-level security."""
    app = RUNTIME_ROLE
    database = cursor.db.settings_dict["NAME"]
    _run(cursor, "GRANT CONNECT, TEMPORARY ON DATABASE {database} TO {app}", database=database, app=app)
    _run(cursor, "GRANT USAGE ON SCHEMA public TO {app}", app=app)
    _run(cursor, "REVOKE CREATE ON SCHEMA public FROM PUBLIC")
    _run(cursor, "GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {app}", app=app)
    _run(cursor, "GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO {app}", app=app)
    _run(cursor, "GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA public TO {app}", app=app)
    if (
        cursor.connection.info.server_version >= MAINTAIN_SINCE
    ):  # statistics after bulk loads, vacuum after destruction
        _run(cursor, "GRANT MAINTAIN ON ALL TABLES IN SCHEMA public TO {app}", app=app)
    _run(cursor, REFUSE_CHANGE)
    guarded = 0
    for model in our_models():
        table = model._meta.db_table
        scope = getattr(model, "SCOPE", None)
        if scope in CONDITIONS:
            _guard(cursor, table, CONDITIONS[scope])
            guarded += 1
        elif scope != "none":
            raise ValueError(f"{model._meta.label}: SCOPE must be unit, emergency, unit+emergency or none")
        if getattr(model, "APPEND_ONLY", False):
            _append_only(cursor, table)
    return guarded


def _guard(cursor: CursorWrapper, table: str, condition: str) -> None:
    _run(cursor, "ALTER TABLE {table} ENABLE ROW LEVEL SECURITY", table=table)
    _run(cursor, "ALTER TABLE {table} FORCE ROW LEVEL SECURITY", table=table)
    _run(cursor, "DROP POLICY IF EXISTS wangge_scope ON {table}", table=table)
    _run(
        cursor,
        f"CREATE POLICY wangge_scope ON {{table}} USING ({condition}) WITH CHECK ({condition})",
        table=table,
    )


def _append_only(cursor: CursorWrapper, table: str) -> None:
    _run(cursor, "REVOKE UPDATE, DELETE, TRUNCATE ON {table} FROM {app}", table=table, app=RUNTIME_ROLE)
    _run(cursor, "DROP TRIGGER IF EXISTS wangge_append_only ON {table}", table=table)
    _run(
        cursor,
        "CREATE TRIGGER wangge_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON {table} "
        "FOR EACH STATEMENT EXECUTE FUNCTION wangge_refuse_change()",
        table=table,
    )
