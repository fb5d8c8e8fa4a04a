"""Zip containers, looked at before anything is unpacked."""

from __future__ import annotations

import zipfile
from typing import BinaryIO

from wangge_engine.frame.problems import Refused, refuse
from wangge_engine.reading.rows import Limits

_ENCRYPTED = 0x1


def open_zip(file: BinaryIO, place: str, limits: Limits) -> zipfile.ZipFile:
    """The container, after its declared sizes were found bearable.

    The declared sizes bind: zipfile stops reading an entry at its declared size and then misses its checksum.
    Raises Refused for a damaged, encrypted or bomb-like container.
    """
    try:
        container = zipfile.ZipFile(file)
        entries = container.infolist()
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError) as error:
        raise damaged(place) from error
    if len(entries) > limits.entries:
        raise _bomb(place, f"含 {len(entries)} 个部件", f"holds {len(entries)} parts")
    unpacked = sum(entry.file_size for entry in entries)
    packed = sum(entry.compress_size for entry in entries)
    if unpacked > limits.unpacked_bytes:
        gib = unpacked / 2**30
        raise _bomb(place, f"解压后将达 {gib:.1f} GiB", f"would unpack to {gib:.1f} GiB")
    for size, small, what in [(unpacked, packed, "")] + [
        (entry.file_size, entry.compress_size, entry.filename) for entry in entries
    ]:
        if size > limits.ratio_from_bytes and size > limits.ratio * max(small, 1):
            times = size // max(small, 1)
            raise _bomb(
                place, f"压缩比达 {times} 倍 {what}".rstrip(), f"unpacks {times} times {what}".rstrip()
            )
    if any(entry.flag_bits & _ENCRYPTED for entry in entries):
        raise encrypted(place)
    return container


def damaged(place: str) -> Refused:
    return refuse(
        code="workbook_damaged",
        zh="工作簿已损坏，无法打开。请在表格软件中打开后另存为 xlsx 再上传。",
        en="The workbook is damaged. Open it in a spreadsheet program, save it as xlsx and upload that.",
        place=place,
    )


def encrypted(place: str) -> Refused:
    return refuse(
        code="workbook_encrypted",
        zh="工作簿设有密码，无法读取。请取消密码后重新上传（传输与存储均已加密）。",
        en="The workbook is locked with a password. Remove it and upload again: transport and storage are sealed.",
        place=place,
    )


def _bomb(place: str, zh: str, en: str) -> Refused:
    return refuse(
        code="zip_bomb",
        zh=f"文件{zh}，超出安全限度，未解压即拒绝。请拆分或重新导出。",
        en=f"The file {en}: beyond the safe limit, refused unopened. Split it or export it again.",
        place=place,
    )
