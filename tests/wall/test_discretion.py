"""What stands in logs is about the fault, never about the person whose row caused it."""

from __future__ import annotations

import io
import logging

import psycopg
import pytest
from django.conf import settings
from django.db import DatabaseError, connection, transaction
from django.utils.module_loading import import_string

pytestmark = pytest.mark.django_db


@pytest.fixture
def logged():
    """Logs the exception at hand the way the platform does; gives the text."""

    def log() -> str:
        out = io.StringIO()
        handler = logging.StreamHandler(out)
        told = settings.LOGGING["formatters"]["plain"]
        handler.setFormatter(import_string(told.get("class", "logging.Formatter"))(told["format"]))
        logger = logging.Logger("test")
        logger.addHandler(handler)
        logger.exception("it failed")
        return out.getvalue()

    return log


@pytest.mark.parametrize(
    "statement",
    [
        "INSERT INTO people VALUES ('王建国\n二行', '13812345678')",
        "INSERT INTO people VALUES ('李', '13812345678'), ('李', '13812345678')",
    ],
)
def test_a_row_that_the_database_refuses_does_not_reach_the_log(logged, statement: str) -> None:
    with pytest.raises(DatabaseError) as caught, transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            "CREATE TEMPORARY TABLE people (name text PRIMARY KEY CHECK (length(name) < 3), phone text)"
        )
        cursor.execute(statement)
    try:
        raise caught.value
    except DatabaseError:
        text = logged()
    assert not [value for value in ("13812345678", "王建国", "二行", "李") if value in text]
    assert "violates" in text and "Traceback" in text and "test_discretion.py" in text


def test_a_cell_that_cannot_be_copied_does_not_reach_the_log(logged) -> None:
    with pytest.raises(psycopg.Error) as caught, transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("CREATE TEMPORARY TABLE people (name varchar(2))")
        with cursor.copy("COPY people FROM STDIN") as copy:
            copy.write_row(("王建国",))
    try:
        raise caught.value
    except psycopg.Error:
        text = logged()
    assert "王建国" not in text and "too long" in text
