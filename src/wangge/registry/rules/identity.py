"""What a text typed into the search box is."""

from __future__ import annotations

import re
import unicodedata

_ID_NO = re.compile(r"\d{17}[\dXx]")
_PHONE = re.compile(r"1[3-9]\d{9}")


def normal_digits(text: str) -> str:
    """Full-width to half-width, without blanks and hyphens, without +86."""
    plain = re.sub(r"[\s-]", "", unicodedata.normalize("NFKC", text))
    return re.sub(r"^(\+?86)(?=1[3-9]\d{9}$)", "", plain)


def looks_like_id_no(text: str) -> bool:
    return _ID_NO.fullmatch(text) is not None


def looks_like_phone(text: str) -> bool:
    return _PHONE.fullmatch(text) is not None
