"""Numbers of organisations: the unified social credit code (GB 32100-2015) and what was written before it.

Eighteen characters: registering authority, kind, six digits of division, nine of organisation code, check (mod 31).
Before 2015 lists held the nine-character organisation code (GB 11714-1997), a tax number (division and organisation
code, 15 characters) or a fifteen-digit registration number (last digit: ISO 7064 MOD 11,10). The first two stand inside
the eighteen; the registration number does not and links only records that bear it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from wangge_engine.text.hanzi import plain

ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"  # no I, O, S, V, Z
_WEIGHTS = (1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28)
_ORGANISATION_WEIGHTS = (3, 7, 9, 10, 5, 8, 4, 2)
_FORM18 = re.compile(rf"[1-9ANY][0-9A-Z]\d{{6}}[{ALPHABET}]{{10}}")
_FORM9 = re.compile(r"[0-9A-Z]{8}[0-9X]")
_REGISTRATION = re.compile(r"\d{15}")
_TAX = re.compile(r"\d{6}[0-9A-Z]{8}[0-9X]")
_FLOAT = re.compile(r"\d\.\d+E\+?\d+")
# What stands in the column where nobody knew the code; the same character all along is no code either.
_PLACEHOLDERS = {"无", "暂无", "没有", "不详", "NULL", "NONE", "待补", "办理中"}
_LOOKALIKES = str.maketrans("OIZS", "0125")  # letters the alphabet lacks, as they are misread


@dataclass(frozen=True)
class CreditCode:
    """A number as read. ``code``: 18 characters as written, right or not; ``organisation``: the nine-character code
    that the number holds and whose own check is right; ``registration``: a valid fifteen-digit registration number.

    ``problem``: empty, ``lost_digits`` (went through a float), ``masked``, ``bad_form``, ``bad_check``. ``valid``: the
    eighteen characters pass their check. ``mended``: a letter that the alphabet lacks was read as the digit that it
    looks like, and the check agreed.
    """

    code: str
    valid: bool
    organisation: str
    registration: str
    problem: str
    mended: bool = False


NO_CODE = CreditCode("", False, "", "", "")


def check_character(first17: str) -> str:
    """The eighteenth character for seventeen."""
    total = sum(ALPHABET.index(c) * w for c, w in zip(first17, _WEIGHTS, strict=True))
    return ALPHABET[-total % 31]


def organisation_check(first8: str) -> str:
    """The ninth character of an organisation code (GB 11714: mod 11, letters count from 10)."""
    total = sum(int(c, 36) * w for c, w in zip(first8, _ORGANISATION_WEIGHTS, strict=True))
    return "0123456789X"[-total % 11]


def registration_check(first14: str) -> str:
    """The fifteenth digit of a registration number (ISO 7064 MOD 11,10)."""
    product = 10
    for digit in first14:
        product = ((product + int(digit)) % 10 or 10) * 2 % 11
    return str((11 - product) % 10)


def parse_credit_code(text: str | None) -> CreditCode:  # noqa: PLR0911 - one return a form
    """Read a number as written: full-width, spaces, hyphens, lower case, older forms."""
    if not text:
        return NO_CODE
    raw = plain(text).upper().lstrip("'`‘’\"")
    if _FLOAT.fullmatch(raw.replace(" ", "")):
        return CreditCode("", False, "", "", "lost_digits")
    raw = re.sub(r"[\s\-_/.:]|\.0$", "", raw)
    if not raw or raw in _PLACEHOLDERS or len(set(raw)) == 1:
        return NO_CODE
    if "*" in raw:
        return CreditCode("", False, "", "", "masked")
    if len(raw) == 18:
        return _eighteen(raw)
    if _REGISTRATION.fullmatch(raw) and raw[14] == registration_check(raw[:14]):
        return CreditCode("", False, "", raw, "")
    if _TAX.fullmatch(raw) and _is_organisation(raw[6:]):
        return CreditCode("", False, raw[6:], "", "")
    if _FORM9.fullmatch(raw):
        if _is_organisation(raw):
            return CreditCode("", False, raw, "", "")
        return CreditCode("", False, "", "", "bad_check")
    if _REGISTRATION.fullmatch(raw) or _TAX.fullmatch(raw):
        return CreditCode("", False, "", "", "bad_check")
    return CreditCode(raw if 16 <= len(raw) <= 20 else "", False, "", "", "bad_form")


def _is_organisation(code: str) -> bool:
    return bool(_FORM9.fullmatch(code)) and organisation_check(code[:8]) == code[8]


def _eighteen(raw: str) -> CreditCode:
    mended = raw.translate(_LOOKALIKES)
    for text in dict.fromkeys((raw, mended)):
        if _FORM18.fullmatch(text) and check_character(text[:17]) == text[17]:
            inside = text[8:17]
            return CreditCode(text, True, inside if _is_organisation(inside) else "", "", "", text != raw)
    return CreditCode(raw, False, "", "", "bad_check" if _FORM18.fullmatch(mended) else "bad_form")
