"""What kind of file this is, told by its first bytes and never by its name alone."""

from __future__ import annotations

import io
from dataclasses import dataclass
from typing import BinaryIO

from wangge_engine.frame.problems import Refused, refuse
from wangge_engine.reading.delimited import DelimitedSheet
from wangge_engine.reading.rows import Limits, Sheet
from wangge_engine.reading.xls import open_xls
from wangge_engine.reading.xlsx import Workbook
from wangge_engine.reading.zipped import encrypted, open_zip

_ZIP = b"PK\x03\x04"
_OLE = bytes.fromhex("d0cf11e0a1b11ae1")
_BIFF2_TO_4 = (b"\x09\x00\x04\x00", b"\x09\x02\x06\x00", b"\x09\x04\x06\x00")
_OTHERS = (
    (b"%PDF", "PDF"),
    (b"\xff\xd8\xff", "JPEG"),
    (b"\x89PNG", "PNG"),
    (b"Rar!", "RAR"),
    (b"7z\xbc\xaf", "7z"),
    (b"\x1f\x8b", "gzip"),
    (b"{\\rtf", "RTF"),
    (b"SQLite format 3", "SQLite"),
)


@dataclass(frozen=True, slots=True)
class TableFile:
    """An opened file: its kind (xlsx, xls, csv), how its text was encoded (csv only) and its sheets in order."""

    media: str
    encoding: str
    sheets: tuple[Sheet, ...]


def open_file(file: BinaryIO, name: str, limits: Limits | None = None) -> TableFile:
    """Open a seekable binary file as sheets of rows.

    Raises Refused for an empty file, a kind that holds no table, a bomb, a password, an unreadable encoding.
    """
    limits = limits or Limits()
    file.seek(0, io.SEEK_END)
    size = file.tell()
    if size == 0:
        raise refuse(code="file_empty", zh="文件是空的。", en="The file is empty.", place=name)
    if size > limits.file_bytes:
        limit = limits.file_bytes // 2**20
        raise refuse(
            code="file_too_large",
            zh=f"文件超过 {limit} MiB，请拆分后上传。",
            en=f"The file is larger than {limit} MiB; split it.",
            place=name,
        )
    file.seek(0)
    head = file.read(4096)
    file.seek(0)
    if head.startswith(_ZIP):
        return _open_zipped(file, name, limits)
    if head.startswith((_OLE, *_BIFF2_TO_4)):
        if _holds_encrypted_package(file):
            raise encrypted(name)
        return TableFile("xls", "", open_xls(file, name, limits))
    for magic, kind in _OTHERS:
        if head.startswith(magic):
            raise _no_table(name, kind)
    if (
        head.lstrip(b"\xef\xbb\xbf \t\r\n")[:200]
        .lower()
        .startswith((b"<html", b"<!doctype", b"<table", b"<?xml"))
    ):
        raise _no_table(name, "HTML/XML")
    sheet = DelimitedSheet(file, name.rsplit("/", 1)[-1].rsplit(".", 1)[0], limits)
    return TableFile("csv", sheet.encoding, (sheet,))


def _open_zipped(file: BinaryIO, name: str, limits: Limits) -> TableFile:
    names = {entry.filename.lower() for entry in open_zip(file, name, limits).infolist()}
    if "xl/workbook.bin" in names:
        raise _no_table(name, "xlsb")
    if "mimetype" in names and "content.xml" in names:
        raise _no_table(name, "OpenDocument")
    if "_rels/.rels" not in names or "word/document.xml" in names:
        raise _no_table(name, "Word" if "word/document.xml" in names else "zip")
    return TableFile("xlsx", "", Workbook(file, name, limits).sheets())


def _holds_encrypted_package(file: BinaryIO) -> bool:
    head = file.read(1 << 16)
    file.seek(0)
    return "EncryptedPackage".encode("utf-16-le") in head


def _no_table(name: str, kind: str) -> Refused:
    return refuse(
        code="not_a_table",
        zh=f"这是 {kind} 文件，不是 xlsx、xls 或 csv 表格（扩展名可能写错）。请从原软件另存为 xlsx。",
        en=f"This is a {kind} file, not an xlsx, xls or csv table (whatever its name says). Save it as xlsx.",
        place=name,
    )
