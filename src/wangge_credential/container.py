"""The HCERT container: `HC1:`, base45, zlib. Bounded on the way in, one form only on the way out.

Our own profile keeps the signed bytes in a *stored* zlib block. A signature does not compress, so deflate saves
nothing on 140 bytes; and every zlib writes that block alike, so that a verifier can demand the one text there is:
no bit of a valid text can be changed without notice, not even one that no signature covers.
"""

from __future__ import annotations

import zlib

from wangge_credential import base45
from wangge_credential.problems import Unreadable

PREFIX = "HC1:"
OWN_TEXT, OWN_BYTES = 400, 600  # characters, bytes: the longest text of our own profile is 260
EU_TEXT, EU_BYTES = 16_000, 64_000  # the longest text that a QR code holds is 4,296 characters


def store(data: bytes) -> bytes:
    """`data` (under 64 KiB) as a zlib stream with one stored block."""
    size = len(data)
    head = b"\x78\x01\x01" + size.to_bytes(2, "little") + (size ^ 0xFFFF).to_bytes(2, "little")
    return head + data + zlib.adler32(data).to_bytes(4, "big")


def inflate(data: bytes, limit: int) -> bytes:
    """What a zlib stream holds, at most `limit` bytes; never makes more than that in memory."""
    if data[:1] == b"\xd2":
        raise Unreadable("not_compressed", "内容没有压缩", "the content is not compressed")
    stream = zlib.decompressobj()
    try:
        plain = stream.decompress(data, limit + 1)
    except zlib.error as error:
        raise Unreadable("compression", "压缩数据损坏", "the compressed data are broken") from error
    if len(plain) > limit:
        raise Unreadable("too_large", f"解压后超过 {limit} 字节", f"unpacks to more than {limit} bytes")
    if not stream.eof:
        raise Unreadable("truncated", "压缩数据不完整", "the compressed data are cut short")
    if stream.unused_data:
        raise Unreadable("trailing_data", "压缩数据之后还有内容", "something follows the compressed data")
    if plain[:1] == b"\x78" and len(plain) > 2 and int.from_bytes(plain[:2], "big") % 31 == 0:
        raise Unreadable("compressed_twice", "内容压缩了两次", "the content is compressed twice")
    return plain


def wrap(cose: bytes) -> str:
    """Signed bytes as the text of a QR code."""
    return PREFIX + base45.encode(store(cose))


def _packed(text: str, longest: int) -> bytes:
    if len(text) > longest:
        raise Unreadable(
            "too_long", f"文本超过 {longest} 个字符", f"the text is longer than {longest} characters"
        )
    if not text.startswith(PREFIX):
        raise Unreadable(
            "prefix", "不是健康凭证：缺少 HC1: 开头", "no credential: it does not begin with HC1:"
        )
    return base45.decode(text[len(PREFIX) :])


def unwrap(text: str) -> bytes:
    """The signed bytes of a text of our own profile; refuses every text but the one that `wrap` writes."""
    packed = _packed(text, OWN_TEXT)
    plain = inflate(packed, OWN_BYTES)
    if store(plain) != packed:
        raise Unreadable("not_canonical", "封装形式不是唯一的标准形式", "not packed in the one form there is")
    return plain


def unwrap_any(text: str) -> bytes:
    """The signed bytes of any HCERT text, however it was compressed."""
    return inflate(_packed(text, EU_TEXT), EU_BYTES)
