"""Tables in and out by extension: CSV (UTF-8, empty = missing), Parquet, xlsx (input only)."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from wangge_engine.frame.problems import refuse

ROW = "__row"  # data row number of the file, from 1


def quote(name: str) -> str:
    """A name as an SQL identifier."""
    return '"' + name.replace('"', '""') + '"'


def literal(text: str) -> str:
    """A text as an SQL literal."""
    return "'" + text.replace("'", "''") + "'"


def day_of(expression: str) -> str:
    """SQL for the calendar day that an ISO text names as it is written, whatever time and offset follow it."""
    return (
        f"try_cast(regexp_extract({expression}, '^([0-9]{{4}}-[0-9]{{2}}-[0-9]{{2}})([T ].*)?$', 1) AS DATE)"
    )


def connect(
    *, memory_limit: str = "3GB", threads: int = 2, temp: Path | None = None
) -> duckdb.DuckDBPyConnection:
    """An in-memory database that spills to ``temp`` when large and never reaches for the network."""
    config: dict[str, Any] = {
        "memory_limit": memory_limit,
        "threads": threads,
        "autoinstall_known_extensions": False,
        "autoload_known_extensions": False,
    }
    if temp is not None:
        config["temp_directory"] = str(temp)
        config["max_temp_directory_size"] = "20GB"
    con = duckdb.connect(":memory:", config=config)
    con.execute("SET enable_progress_bar = false")
    return con


def load_text(con: duckdb.DuckDBPyConnection, path: Path, table: str) -> list[str]:
    """Load a file as a table of text columns plus ``__row``; returns the column names of the file.

    Text only, because an identity number read as a number is already lost.
    """
    if not path.exists():
        raise refuse("no_such_file", "文件不存在", "the file does not exist", str(path))
    suffix = path.suffix.lower()
    if suffix == ".csv":
        source = (
            f"read_csv({literal(str(path))}, all_varchar=true, header=true, delim=',', "
            "quote='\"', escape='\"', null_padding=true, strict_mode=false, sample_size=-1, nullstr='', parallel=false)"
        )
    elif suffix == ".parquet":
        source = f"read_parquet({literal(str(path))})"
    elif suffix == ".xlsx":
        con.register("__sheet", _read_sheet(path))
        source = "__sheet"
    else:
        raise refuse(
            "unknown_format",
            "只能读 .csv、.parquet、.xlsx",
            "only .csv, .parquet and .xlsx can be read",
            str(path),
        )
    try:
        columns = [row[0] for row in con.execute(f"DESCRIBE SELECT * FROM {source}").fetchall()]
        chosen = ", ".join(f"nullif(trim(CAST({quote(c)} AS VARCHAR)), '') AS {quote(c)}" for c in columns)
        con.execute(
            f"CREATE OR REPLACE TABLE {quote(table)} AS"
            f" SELECT {chosen}, row_number() OVER () AS {ROW} FROM {source}"
        )
    except duckdb.Error as error:
        hint = str(error).splitlines()[0][:200]
        if suffix == ".csv" and not _is_utf8(path):
            raise refuse("not_utf8", "CSV 不是 UTF-8 编码", "the CSV is not UTF-8", str(path)) from error
        raise refuse("unreadable", "文件读不出来", f"the file cannot be read: {hint}", str(path)) from error
    finally:
        if suffix == ".xlsx":
            con.unregister("__sheet")
    return columns


def _is_utf8(path: Path) -> bool:
    try:
        with path.open(encoding="utf-8") as handle:
            for _ in handle:
                pass
    except UnicodeDecodeError:
        return False
    return True


def _read_sheet(path: Path) -> pa.Table:
    """First sheet of a workbook; the first row that is not empty is the header."""
    from python_calamine import CalamineError, load_workbook

    try:
        rows = load_workbook(str(path)).get_sheet_by_index(0).to_python(skip_empty_area=True)
    except (CalamineError, OSError, ValueError) as error:
        raise refuse("unreadable", "工作簿读不出来", "the workbook cannot be read", str(path)) from error
    if not rows:
        raise refuse("empty_sheet", "第一张工作表是空的", "the first sheet is empty", str(path))
    header = [_cell(value) or f"column_{index + 1}" for index, value in enumerate(rows[0])]
    if len(set(header)) != len(header):
        raise refuse("duplicate_header", "表头有重复的列名", "two columns have one name", str(path))
    columns = {name: [_cell(row[i]) for row in rows[1:]] for i, name in enumerate(header)}
    return pa.table({name: pa.array(values, pa.string()) for name, values in columns.items()})


def _cell(value: Any) -> str | None:
    """A cell as text; a whole number keeps no decimal point."""
    if value is None or value == "":
        return None
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value).strip()


def hold(
    con: duckdb.DuckDBPyConnection, table: str, columns: dict[str, str], rows: Iterable[Sequence[Any]]
) -> None:
    """Keep rows as a table; ``columns``: name -> type.

    As one literal: a parameter or an Arrow table would make DuckDB's Python module load pandas, a second of CPU.
    """
    told = json.dumps([dict(zip(columns, row, strict=True)) for row in rows], ensure_ascii=False)
    shape = json.dumps([columns])
    con.execute(
        f"CREATE OR REPLACE TABLE {quote(table)} AS"
        f" SELECT unnest(from_json({literal(told)}, {literal(shape)}), recursive := true)"
    )


def adopt(con: duckdb.DuckDBPyConnection, name: str, table: pa.Table) -> None:
    """Make an Arrow table a table of the database, by way of a file.

    `register` would do it without, but imports pandas where that is installed: half a second for a thousand rows.
    """
    with tempfile.NamedTemporaryFile(suffix=".parquet") as made:
        pq.write_table(table, made.name)
        con.execute(f"CREATE TABLE {quote(name)} AS FROM read_parquet({literal(made.name)})")


def has_table(con: duckdb.DuckDBPyConnection, name: str) -> bool:
    """Whether the database holds a table of this name."""
    found = con.execute("SELECT count(*) FROM duckdb_tables() WHERE table_name = ?", [name]).fetchone()
    return bool(found and found[0])


def write(con: duckdb.DuckDBPyConnection, query: str, path: Path) -> int:
    """Write a query's rows by the path's extension; returns the number of rows."""
    form = "FORMAT parquet, COMPRESSION zstd" if path.suffix == ".parquet" else "FORMAT csv, HEADER true"
    done = con.execute(f"COPY ({query}) TO {literal(str(path))} ({form})").fetchone()
    return int(done[0]) if done else 0
