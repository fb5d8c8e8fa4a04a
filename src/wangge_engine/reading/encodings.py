"""Which encoding a text file is in, decided strictly: a file that is none of ours is refused with its byte."""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass
from typing import BinaryIO

from wangge_engine.frame.problems import Refused, refuse

CHUNK = 1 << 20
_UTF8_CHARACTER = re.compile(rb"[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}")
_DOUBLE = re.compile(rb"[\x81-\xfe](?:([\x40-\x7e\x80-\xa0])|[\xa1-\xfe])")
# Of GBK text nearly all second bytes are A1-FE (GB 2312); Big5 and Shift-JIS put about half of them below.
_LOW_SHARE = 0.3
_LOOKED_AT = 1 << 16
_SURELY_UTF8 = 3  # so many well-formed UTF-8 characters in a row do not happen by chance in GBK


@dataclass(slots=True)
class _Attempt:
    """One strict decoder, fed piece by piece, and the byte where it failed."""

    decoder: codecs.IncrementalDecoder
    failed_at: int | None = None
    seen: int = 0

    def feed(self, piece: bytes, *, final: bool) -> None:
        if self.failed_at is not None:
            return
        pending = len(self.decoder.getstate()[0])
        try:
            self.decoder.decode(piece, final)
        except UnicodeDecodeError as error:
            self.failed_at = self.seen - pending + error.start
        self.seen += len(piece)


def _attempt(encoding: str) -> _Attempt:
    return _Attempt(codecs.getincrementaldecoder(encoding)(errors="strict"))


def detect_encoding(file: BinaryIO, place: str = "") -> str:
    """The codec to read `file` with: utf-8-sig, utf-16, utf-8 or gb18030. The file is left at its start.

    Raises Refused with the offset of the first byte that cannot be read.
    """
    file.seek(0)
    head = file.read(4)
    file.seek(0)
    if head.startswith(codecs.BOM_UTF8):
        _require(file, "utf-8-sig", "UTF-8", place)
        return "utf-8-sig"
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        _require(file, "utf-16", "UTF-16", place)
        return "utf-16"
    utf8, gb = _attempt("utf-8"), _attempt("gb18030")
    sample = b""
    while utf8.failed_at is None or gb.failed_at is None:
        piece = file.read(CHUNK)
        if len(sample) < CHUNK:
            sample += piece
        utf8.feed(piece, final=not piece)
        gb.feed(piece, final=not piece)
        if not piece:
            break
    file.seek(0)
    if b"\x00" in sample:
        at = sample.index(b"\x00")
        raise refuse(
            code="not_a_text_file",
            zh=f"第 {at} 字节是空字节：这不是文本表格。请从原软件另存为 xlsx 或 UTF-8 的 csv。",
            en=f"Byte {at} is a NUL: this is no text table. Save it as xlsx or as UTF-8 csv.",
            place=place,
        )
    if utf8.failed_at is None:
        return "utf-8"
    if _was_utf8(sample[: utf8.failed_at]):
        raise _unreadable("UTF-8", utf8.failed_at, place)
    if gb.failed_at is not None:
        raise _unreadable("GB18030", gb.failed_at, place, also=("UTF-8", utf8.failed_at))
    _refuse_other_double_bytes(sample, place)
    return "gb18030"


def _was_utf8(sample: bytes) -> bool:
    found = _UTF8_CHARACTER.findall(sample)
    return len(found) >= _SURELY_UTF8 and sum(map(len, found)) == sum(byte > 0x7F for byte in sample)


def _refuse_other_double_bytes(sample: bytes, place: str) -> None:
    pairs = list(_DOUBLE.finditer(sample[:_LOOKED_AT]))
    low = [pair for pair in pairs if pair.group(1)]
    if len(pairs) >= 20 and len(low) > _LOW_SHARE * len(pairs):
        at = low[0].start()
        raise refuse(
            code="encoding_doubtful",
            zh=f"文件既不是 UTF-8，也不像 GBK（自第 {at} 字节起像 Big5 等其他编码）。请另存为 UTF-8 后重新上传。",
            en=f"The file is neither UTF-8 nor plausible GBK (from byte {at} on it looks like Big5 or another "
            "encoding). Save it as UTF-8 and upload it again.",
            place=place,
        )


def _require(file: BinaryIO, codec: str, name: str, place: str) -> None:
    attempt = _attempt(codec)
    while True:
        piece = file.read(CHUNK)
        attempt.feed(piece, final=not piece)
        if attempt.failed_at is not None:
            raise _unreadable(name, attempt.failed_at, place)
        if not piece:
            break
    file.seek(0)


def _unreadable(name: str, at: int, place: str, also: tuple[str, int] | None = None) -> Refused:
    more_zh = f"（按 {also[0]} 读到第 {also[1]} 字节出错）" if also else ""
    more_en = f" (as {also[0]} it fails at byte {also[1]})" if also else ""
    return refuse(
        code="encoding_broken",
        zh=f"按 {name} 读到第 {at} 字节无法解码{more_zh}。文件可能已损坏或被截断，请从原软件重新导出。",
        en=f"Byte {at} cannot be read as {name}{more_en}. The file may be damaged or cut off; export it again.",
        place=place,
    )
