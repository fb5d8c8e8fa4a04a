"""What a credential says: initials, birthday without its year, colour, who says so, when, by which rule pack.

A CBOR Web Token: 1 issuer, 4 expiry, 5 not before, and our own claims under -260/-1 (HCERT leaves the negative
sub-claims free): 1 random id, 2 initials, 3 birthday, 4 colour, 5 rule pack, 6 form where it is paper.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Any

import cbor2

from wangge_credential import cose
from wangge_credential.keys import CODE
from wangge_credential.problems import Refused, Unreadable

HCERT, OWN = -260, -1
ISSUER, EXPIRES, NOT_BEFORE = 1, 4, 5
RID, INITIALS, BIRTH, COLOUR, PACK, FORM = 1, 2, 3, 4, 5, 6
RID_BYTES = 10  # 80 random bits: among 10^9 living credentials two agree with probability 4 in 10 million
DAYS_OF_MONTH = (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
_INITIALS = re.compile(r"[A-Z]{1,4}", re.ASCII)
LAST = 2**32 - 1  # 2106-02-07: a later instant would take four bytes more in the code


Fault = tuple[str, str, str]


class Colour(Enum):
    """The status itself; the rule pack says what each colour means."""

    GREEN = "green"
    YELLOW = "yellow"
    RED = "red"


class Form(Enum):
    """How it is carried: a strip that lives a day, on a screen; or a sheet that lives longer."""

    STRIP = "strip"
    PAPER = "paper"


_COLOURS = (None, Colour.GREEN, Colour.YELLOW, Colour.RED)
_NUMBER_OF = {colour: number for number, colour in enumerate(_COLOURS)}


@dataclass(frozen=True, slots=True)
class Claims:
    """One credential's claims. Instants are whole seconds since 1970 UTC; it holds from `not_before` until before
    `expires`. `birth` is month x 100 + day, a part withheld is 0."""

    initials: str
    birth: int
    colour: Colour
    issuer: str
    not_before: int
    expires: int
    rule_pack: str
    form: Form = Form.STRIP
    rid: bytes = field(default_factory=lambda: secrets.token_bytes(RID_BYTES))

    def fault(self) -> Fault | None:
        """The first thing that is wrong with these claims, as (code, zh, en)."""
        month, day = divmod(self.birth, 100)
        days = DAYS_OF_MONTH[month - 1] if 1 <= month <= 12 else 31
        for wrong, *words in (
            (
                not _INITIALS.fullmatch(self.initials),
                "initials",
                "姓名首字母须为 1 至 4 个 A–Z",
                "initials must be one to four letters A-Z",
            ),
            (
                not (0 <= month <= 12 and 0 <= day <= days),
                "birth",
                "出生月日不存在",
                "there is no such birthday",
            ),
            (
                not CODE.fullmatch(self.issuer),
                "issuer",
                "签发机构代码须为 1 至 12 个字符",
                "the issuer has 1 to 12 letters, digits",
            ),
            (
                not CODE.fullmatch(self.rule_pack),
                "rule_pack",
                "规则包编号须为 1 至 12 个字符",
                "the rule pack has 1 to 12 letters, digits",
            ),
            (
                not 0 <= self.not_before < self.expires <= LAST,
                "period",
                "失效时间不晚于生效时间",
                "it expires before it begins",
            ),
            (len(self.rid) != RID_BYTES, "rid", "随机编号长度不对", "the random id has another length"),
        ):
            if wrong:
                return words[0], words[1], words[2]
        return None

    def check(self) -> None:
        if found := self.fault():
            raise Refused(*found)

    def birthday(self) -> str:
        """`03-12`; a withheld part is `--`."""
        return "-".join(f"{part:02}" if part else "--" for part in divmod(self.birth, 100))


def encode(claims: Claims) -> bytes:
    own: dict[int, Any] = {
        RID: claims.rid,
        INITIALS: claims.initials,
        BIRTH: claims.birth,
        COLOUR: _NUMBER_OF[claims.colour],
        PACK: claims.rule_pack,
    }
    if claims.form is Form.PAPER:
        own[FORM] = 1
    body = {
        ISSUER: claims.issuer,
        EXPIRES: claims.expires,
        NOT_BEFORE: claims.not_before,
        HCERT: {OWN: own},
    }
    return cbor2.dumps(body, canonical=True)


def _wrong(place: str) -> Unreadable:
    return Unreadable("claims", "凭证内容不完整或格式不对", "the claims are incomplete or malformed", place)


def _own(body: Any) -> Mapping[Any, Any]:
    """The inner map, after checking that exactly the known claims stand in both."""
    if not isinstance(body, Mapping) or set(body) != {ISSUER, EXPIRES, NOT_BEFORE, HCERT}:
        raise _wrong("token")
    hcert = body[HCERT]
    if not isinstance(hcert, Mapping) or set(hcert) != {OWN} or not isinstance(hcert[OWN], Mapping):
        raise _wrong("hcert")
    own: Mapping[Any, Any] = hcert[OWN]
    if set(own) - {FORM} != {RID, INITIALS, BIRTH, COLOUR, PACK} or own.get(FORM, 1) != 1:
        raise _wrong("claims")
    return own


def decode(payload: bytes) -> Claims:
    """Claims of a payload whose every value is of its type and in its range."""
    body = cose.loads(payload)
    own = _own(body)
    numbers = (body[EXPIRES], body[NOT_BEFORE], own[BIRTH], own[COLOUR])
    texts = (body[ISSUER], own[INITIALS], own[PACK])
    if not all(type(number) is int for number in numbers) or not all(type(text) is str for text in texts):
        raise _wrong("types")
    if type(own[RID]) is not bytes or not 1 <= own[COLOUR] < len(_COLOURS):
        raise _wrong("types")
    colour = _COLOURS[own[COLOUR]]
    assert colour is not None
    claims = Claims(
        initials=own[INITIALS],
        birth=own[BIRTH],
        colour=colour,
        issuer=body[ISSUER],
        not_before=body[NOT_BEFORE],
        expires=body[EXPIRES],
        rule_pack=own[PACK],
        form=Form.PAPER if FORM in own else Form.STRIP,
        rid=own[RID],
    )
    if found := claims.fault():
        raise _wrong(found[0])
    return claims
