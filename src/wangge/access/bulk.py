"""Many rows at once through row-level security.

PostgreSQL refuses COPY FROM into a table under row-level security, so rows are copied into a temporary table and
inserted from there: the policy is checked for each row, at about the speed of COPY.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from django.db import connection, models, transaction
from psycopg import sql

from wangge.kernel.ids import new_id


def insert_rows(
    model: type[models.Model],
    columns: Sequence[str],
    rows: Iterable[Sequence[Any]],
    *,
    on_conflict: str = "",
    returning: Sequence[str] = (),
) -> list[tuple[Any, ...]]:
    """Insert `rows` into the table of `model`; returns the `returning` columns of the rows that were inserted.

    `columns` are database columns in the order of the values. `on_conflict` is SQL such as
    "ON CONFLICT (client_id) DO NOTHING". Values are what psycopg can dump to text (UUID, datetime, bytes, Jsonb...).
    """
    table = sql.Identifier(model._meta.db_table)
    aside = sql.Identifier(f"aside_{new_id().hex}")
    names = sql.SQL(", ").join(sql.Identifier(c) for c in columns)
    with transaction.atomic(), connection.cursor() as cursor:
        raw = cursor.cursor  # the psycopg cursor under Django's, which alone knows COPY
        raw.execute(
            sql.SQL("CREATE TEMPORARY TABLE {} ON COMMIT DROP AS SELECT {} FROM {} WITH NO DATA").format(
                aside, names, table
            )
        )
        with raw.copy(sql.SQL("COPY {} ({}) FROM STDIN").format(aside, names)) as copy:
            for row in rows:
                copy.write_row(row)
        statement = sql.SQL("INSERT INTO {} ({}) SELECT {} FROM {} {}").format(
            table, names, names, aside, sql.SQL(on_conflict)
        )
        if returning:
            back = sql.SQL(", ").join(sql.Identifier(c) for c in returning)
            statement += sql.SQL(" RETURNING {}").format(back)
        raw.execute(statement)
        given = list(raw.fetchall()) if returning else []
        raw.execute(sql.SQL("DROP TABLE {}").format(aside))
        return given
