"""Base45 (RFC 9285), strict: one text for one sequence of bytes, and none for anything else."""

from __future__ import annotations

import struct

from wangge_credential.problems import Unreadable

ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:"
_VALUES = bytes(ALPHABET.find(chr(code)) if chr(code) in ALPHABET else 255 for code in range(256))


def encode(data: bytes) -> str:
    """Two bytes become three characters, a last single byte two."""
    parts = []
    for at in range(0, len(data) - 1, 2):
        high, low = divmod((data[at] << 8) + data[at + 1], 2025)
        middle, first = divmod(low, 45)
        parts.append(ALPHABET[first] + ALPHABET[middle] + ALPHABET[high])
    if len(data) % 2:
        high, low = divmod(data[-1], 45)
        parts.append(ALPHABET[low] + ALPHABET[high])
    return "".join(parts)


def decode(text: str) -> bytes:
    """The bytes; :class:`Unreadable` for a foreign character, an impossible length or a group over its range."""
    try:
        values = text.encode("ascii").translate(_VALUES)
    except UnicodeEncodeError:
        values = b"\xff"
    if 255 in values:
        raise Unreadable(
            "base45_character", "含有 base45 以外的字符", "a character that base45 does not have"
        )
    rest = len(values) % 3
    if rest == 1:
        raise Unreadable("base45_length", "长度不对，内容被截断", "of an impossible length: the text was cut")
    whole = len(values) - rest
    groups = [
        first + 45 * middle + 2025 * high
        for first, middle, high in zip(values[0:whole:3], values[1:whole:3], values[2:whole:3], strict=True)
    ]
    tail = values[-2] + 45 * values[-1] if rest else 0
    if tail > 255 or max(groups, default=0) > 65535:
        raise Unreadable("base45_range", "base45 数值越界", "a base45 group is out of range")
    data = struct.pack(f">{len(groups)}H", *groups)
    return data + bytes((tail,)) if rest else data
