"""Issuing: one credential, or a batch of strips for a person's days.

Every time stands on the full hour, every strip lives equally long, and neighbours overlap by a random number of
hours. So the times of the strip that a scanner sees tell neither when a test was taken, nor when the person became
green, nor when that ends: a strip from the middle of a month-long status looks like the only one of a short one.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import replace

from wangge_credential import claims as claims_
from wangge_credential import container, cose
from wangge_credential.claims import Claims, Form
from wangge_credential.keys import SigningKey
from wangge_credential.problems import Refused

HOUR = 3600
LIFE = 24 * HOUR
OVERLAP_HOURS = 4
PAPER_LIFE = 14 * 24 * HOUR
LONGEST = 92 * 24 * HOUR


def hour_of(instant: int) -> int:
    """The full hour at or before `instant`."""
    return instant - instant % HOUR


def issue(key: SigningKey, claims: Claims) -> str:
    """Sign one credential; the text of its QR code, at most 260 characters."""
    claims.check()
    if claims.expires - claims.not_before > LONGEST:
        raise Refused("too_long_life", "有效期超过 92 天", "it would live longer than 92 days")
    return container.wrap(cose.sign(key, claims_.encode(claims)))


def periods(
    start: int,
    end: int,
    *,
    life: int = LIFE,
    now: int | None = None,
    draw: Callable[[int], int] = secrets.randbelow,
) -> list[tuple[int, int]]:
    """(not before, expires) of the strips that cover `start` to `end`, no more than an hour short at either side.

    The first begins a random number of hours before `start` where `start` has come (`now`), because those hours
    cannot be used any more; a strip never begins before a `start` that is still to come, and none ends after `end`.
    """
    first = hour_of(start + HOUR - 1)  # the next full hour: never earlier than entitled
    last = hour_of(end)
    if life < HOUR * (OVERLAP_HOURS + 1) or life % HOUR:
        raise Refused(
            "life", "每张有效期须为整小时且不少于 5 小时", "a strip lives whole hours, five at least"
        )
    if now is not None and start <= now:
        first = hour_of(start) - HOUR * draw(OVERLAP_HOURS + 1)
    if last - first < life:
        raise Refused("short", "时段短于一张凭证的有效期", "the period is shorter than one strip's life")
    found = [(first, first + life)]
    while found[-1][1] < last:
        begin = found[-1][1] - HOUR * draw(OVERLAP_HOURS + 1)
        begin = min(begin, last - life)  # the last keeps its length, and only its overlap is larger
        found.append((begin, begin + life))
    return found


def strips(
    key: SigningKey, claims: Claims, start: int, end: int, *, life: int = LIFE, now: int | None = None
) -> list[str]:
    """Texts of the strips for `start` to `end`, each with a random id of its own; `claims` gives the rest."""
    found = []
    for begin, stop in periods(start, end, life=life, now=now):
        strip = replace(
            claims,
            not_before=begin,
            expires=stop,
            form=Form.STRIP,
            rid=secrets.token_bytes(claims_.RID_BYTES),
        )
        found.append(issue(key, strip))
    return found
