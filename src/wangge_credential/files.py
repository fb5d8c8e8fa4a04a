"""Files in and out: read with a limit, written aside and renamed, so that none is half there."""

from __future__ import annotations

import os
import secrets
import sys
from pathlib import Path

from wangge_credential.problems import Refused


def read_limited(path: Path, most: int) -> bytes:
    """At most `most` bytes of a file; a larger one is refused without being read."""
    try:
        with path.open("rb") as file:
            data = file.read(most + 1)
    except OSError as error:
        raise Refused("no_file", "读不到文件", "the file cannot be read", str(path)[:200]) from error
    if len(data) > most:
        raise Refused(
            "too_large", f"文件超过 {most} 字节", f"the file is larger than {most} bytes", str(path)[:200]
        )
    return data


def read_text_of(argument: str, most: int) -> str:
    """A text given as itself, as `-` (standard input) or as the name of a file; cut one past `most`, to be judged."""
    if argument == "-":
        data = sys.stdin.buffer.read(most + 2)
    elif argument.startswith("HC1:") or len(argument) > 255:
        return argument[: most + 1]
    elif not Path(argument).is_file():
        if "/" in argument or "." in argument:  # meant as a file: say so, instead of judging its name
            raise Refused("no_file", "读不到文件", "the file cannot be read", argument[:200])
        return argument
    else:
        with Path(argument).open("rb") as file:
            data = file.read(most + 2)
    return data.decode("utf-8-sig", "replace").rstrip("\r\n")


def write_all(files: dict[Path, bytes], *, force: bool = False, mode: int = 0o600) -> None:
    """Write all of these or none: each aside first, then renamed. Refuses to replace one unless `force`."""
    for path in files:
        if path.exists() and not force:
            raise Refused(
                "exists", "文件已存在，不覆盖（--force）", "the file exists (--force replaces it)", str(path)
            )
        if not path.parent.is_dir():
            raise Refused("no_folder", "没有这个目录", "there is no such folder", str(path.parent))
    aside = {path: path.with_name(f".{path.name}.{secrets.token_hex(4)}") for path in files}
    try:
        for path, data in files.items():
            handle = os.open(aside[path], os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
            with os.fdopen(handle, "wb") as file:
                file.write(data)
        for path, made in aside.items():
            made.replace(path)
    except OSError as error:
        raise Refused(
            "not_writable", "不能写文件", "the file cannot be written", str(error.filename)[:200]
        ) from error
    finally:
        for made in aside.values():
            made.unlink(missing_ok=True)
