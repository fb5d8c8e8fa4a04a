"""The same SQL on Spark: a session (Java), or Sail where Java is missing, and the translation of what DuckDB runs.

Files are exchanged in a folder that the workers must see under the same name.
"""

from __future__ import annotations

import os
import shutil
import warnings
from argparse import ArgumentParser
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

import duckdb

from wangge_engine.frame.problems import refuse
from wangge_engine.frame.tables import literal, quote

SAIL = "sail"


def engine_arguments(parser: ArgumentParser) -> None:
    """Where a command that runs on both engines is computed, and with how much."""
    parser.add_argument(
        "--engine", choices=("duckdb", "spark"), default="duckdb", help="where it is computed"
    )
    parser.add_argument(
        "--master", default="local[*]", metavar="URL", help="with --engine spark: of the cluster, or sail"
    )
    parser.add_argument("--threads", type=int, default=0, metavar="N", help="of the database (default: all)")
    parser.add_argument("--memory", default="4GB", help="limit for the database; it spills to disk beyond it")


@contextmanager
def session(master: str, folder: Path, *, memory: str = "4g") -> Iterator[Any]:
    """A Spark session in UTC; ``master`` is a URL, or ``sail``. Without Java, Sail is taken if it is installed.

    Raises: Refused when neither is there.
    """
    java = shutil.which("java") is not None or "JAVA_HOME" in os.environ
    try:
        from pyspark.sql import SparkSession
        from splink.backends.spark import similarity_jar_location
    except ImportError as error:
        raise refuse(
            "no_spark",
            "没有安装 Spark：请运行 ./wangge setup --spark",
            "Spark is not installed: run ./wangge setup --spark",
            "--engine spark",
        ) from error
    if master == SAIL or not java:
        with _sail() as address:
            try:
                made = SparkSession.builder.remote(address).getOrCreate()
                made.conf.set("spark.sql.session.timeZone", "UTC")
            except (
                Exception
            ) as error:  # whatever pyspark raises: Sail serves some versions of it and not others
                told = str(error).splitlines()[0][:200]
                raise refuse(
                    "sail_refused",
                    f"Sail 不接受（它的 0.7.2 支持 pyspark 4.0、4.1）：{told}",
                    f"Sail refused (its 0.7.2 serves pyspark 4.0 and 4.1): {told}",
                    "--engine spark",
                ) from error
            try:
                yield made
            finally:
                made.stop()
        return
    builder: Any = SparkSession.builder.master(master).appName("wangge")
    chosen = {
        # One process has one Java machine, and its first session decides which jars it knows: a linkage may follow.
        "spark.jars": similarity_jar_location(),
        "spark.driver.memory": memory,
        "spark.sql.session.timeZone": "UTC",
        "spark.sql.shuffle.partitions": str(2 * (os.cpu_count() or 1)),
        "spark.ui.enabled": "false",
        "spark.ui.showConsoleProgress": "false",
        "spark.log.level": "ERROR",
        "spark.sql.warehouse.dir": str(folder / "warehouse"),
    }
    if master.startswith("local"):
        os.environ.setdefault("SPARK_LOCAL_IP", "127.0.0.1")
        chosen |= {
            "spark.driver.host": "127.0.0.1",
            "spark.driver.bindAddress": "127.0.0.1",
            "spark.local.dir": str(folder / "local"),
        }
    for name, value in chosen.items():
        builder = builder.config(name, value)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        made = builder.getOrCreate()
    try:
        yield made
    finally:
        made.stop()


@contextmanager
def _sail() -> Iterator[str]:
    try:
        from pysail.spark import SparkConnectServer
    except ImportError as error:
        raise refuse(
            "no_java",
            "Spark 需要 Java 17，或安装 Sail（pysail）",
            "Spark needs Java 17, or Sail (pysail)",
            "--engine spark",
        ) from error
    server = SparkConnectServer()
    server.start(background=True)
    try:
        _, port = server.listening_address
        yield f"sc://localhost:{port}"
    finally:
        server.stop()


@cache
def translated(statement: str) -> str:
    """A statement in DuckDB's SQL as Spark has it."""
    import sqlglot
    from sqlglot import expressions as exp

    tree = sqlglot.parse_one(statement, read="duckdb")
    for call in list(tree.find_all(exp.Anonymous)):
        if call.name.lower() == "epoch_us":  # of a time without zone, too: the session's zone is UTC
            call.replace(exp.func("unix_micros", exp.cast(call.expressions[0], "timestamptz")))
    return str(tree.sql(dialect="spark"))


_TYPES = {"bigint": "BIGINT", "int": "INTEGER", "string": "VARCHAR", "boolean": "BOOLEAN"}


class Exchange:
    """Tables to and from Spark as Parquet files in ``folder``. ``source``: the large table's name in statements."""

    def __init__(self, con: duckdb.DuckDBPyConnection, spark: Any, folder: Path, source: str) -> None:
        self.con, self.spark, self.folder, self.source = con, spark, folder, source

    def send(self, table: str, name: str | None = None) -> None:
        """A table of the database as a view there."""
        name = name or table
        path = self.folder / f"{name}.parquet"
        self.con.execute(f"COPY (FROM {table}) TO {literal(str(path))} (FORMAT parquet)")
        self.spark.read.parquet(str(path)).createOrReplaceTempView(name)

    def offer(self, parquet: Path | None) -> None:
        """The large table: a file read where it is, or the rows the database has made of another format."""
        if parquet is None:
            self.send(self.source, _ROWS)
        else:
            self.spark.read.parquet(str(parquet)).createOrReplaceTempView(_ROWS)

    def keep(self, name: str, statement: str) -> None:
        """Run a statement there and name its rows, so that who asks for them twice does not run it twice."""
        path = str(self.folder / f"{name}_kept")
        self.spark.sql(self._told(statement)).write.parquet(path)
        self.spark.read.parquet(path).createOrReplaceTempView(name)

    def fetch(self, table: str, statement: str) -> None:
        """Run a statement there and keep its rows as a table here."""
        path = self.folder / f"{table}_out"
        made = self.spark.sql(self._told(statement))
        made.write.parquet(str(path))
        files = [str(file) for file in sorted(path.glob("*.parquet"))]
        rows = f"SELECT * FROM read_parquet({files})"
        if not files:
            empty = ", ".join(
                f"CAST(NULL AS {_TYPES.get(one.dataType.simpleString(), 'VARCHAR')}) AS {quote(one.name)}"
                for one in made.schema.fields
            )
            rows = f"SELECT {empty} LIMIT 0"
        self.con.execute(f"CREATE OR REPLACE TABLE {quote(table)} AS {rows}")

    def _told(self, statement: str) -> str:
        return translated(statement.replace(self.source, _ROWS))


_ROWS = "rows_of_the_file"
