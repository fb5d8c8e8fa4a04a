"""The text inside a Shapefile's .dbf: which encoding its bytes are really in, and characters cut in half.

A .cpg file often says what the writing program defaulted to. And field names (10 bytes) and values are cut by
bytes, which leaves half a Chinese character that a strict reader chokes on.
"""

from __future__ import annotations

from collections.abc import Iterator

Note = tuple[str, str]

_HEADER, _FIELD, _NAME = 32, 32, 11
_CODE_PAGES = {"936": "GBK", "54936": "GB18030", "65001": "UTF-8"}
# what programs write when nobody told them anything: no statement about Chinese text
_DEFAULTS = ("ISO", "8859", "LATIN", "ANSI 1252", "1252")
_LONGEST = 4  # bytes of one character in any of the encodings


def settle_text(raw: bytes, said: str) -> tuple[str, bytes, list[Note]]:
    """The encoding, the .dbf with half characters blanked out, and remarks for the report.

    ``said`` is the content of the .cpg file, or empty. Tried in turn: what is said, UTF-8, GB18030.
    """
    said = _CODE_PAGES.get(said, said)
    trusted = [said] if said and not said.upper().startswith(_DEFAULTS) else []
    for encoding in [*trusted, "UTF-8", "GB18030"]:
        try:
            settled = _blanked(raw, encoding)
        except (UnicodeDecodeError, LookupError):
            continue
        notes: list[Note] = []
        if said and encoding.upper() != said.upper():
            notes.append(
                (f".cpg 声明 {said}，实际按 {encoding} 读取", f"the .cpg says {said}, read as {encoding}")
            )
        if settled != raw:
            notes.append(("部分文字在字段末尾被截断", "some text was cut off at the end of its field"))
        return encoding, settled, notes
    return "ISO-8859-1", raw, [("属性文字无法解码", "the attribute text cannot be decoded")]


def _spans(raw: bytes) -> Iterator[tuple[int, int]]:
    """Start and end of every field name and every text value."""
    header, length = int.from_bytes(raw[8:10], "little"), int.from_bytes(raw[10:12], "little")
    widths: list[tuple[int, bool]] = []
    for at in range(_HEADER, header - 1, _FIELD):
        if raw[at] == 0x0D:
            break
        yield at, at + _NAME
        widths.append((raw[at + 16], raw[at + 11 : at + 12] == b"C"))
    if not length:
        return
    for start in range(header, len(raw) - length + 1, length):
        at = start + 1
        for width, text in widths:
            if text:
                yield at, at + width
            at += width


def _blanked(raw: bytes, encoding: str) -> bytes:
    """Half a character at the end of a full field becomes blanks; anything else undecodable raises."""
    out = bytearray(raw)
    for start, end in _spans(raw):
        filler = b"\0" if end - start == _NAME and raw[end - 1] == 0 else b" "
        value = raw[start:end].rstrip(b" \0")
        try:
            value.decode(encoding)
        except UnicodeDecodeError as error:
            full = start + len(value) >= end - (1 if filler == b"\0" else 0)
            if not full or error.start < len(value) - _LONGEST + 1:
                raise
            out[start + error.start : end] = filler * (end - start - error.start)
    return bytes(out)
