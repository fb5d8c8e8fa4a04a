"""The same SQL on Spark: a session (Java), or Sail where Java is missing, and the translation of what DuckDB runs.

Files are exchanged in a folder that the workers must see under the same name.
"""

from __future__ import annotations

import os
import shutil
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

from wangge_engine.frame.problems import refuse

SAIL = "sail"


@contextmanager
def session(master: str, folder: Path, *, memory: str = "4g") -> Iterator[Any]:
    """A Spark session in UTC; ``master`` is a URL, or ``sail``. Without Java, Sail is taken if it is installed.

    Raises: Refused when neither is there.
    """
    java = shutil.which("java") is not None or "JAVA_HOME" in os.environ
    try:
        from pyspark.sql import SparkSession
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
                    "sail_refused", f"Sail 不接受：{told}", f"Sail refused: {told}", "--engine spark"
                ) from error
            try:
                yield made
            finally:
                made.stop()
        return
    builder: Any = SparkSession.builder.master(master).appName("wangge")
    chosen = {
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

    return str(sqlglot.transpile(statement, read="duckdb", write="spark")[0])
