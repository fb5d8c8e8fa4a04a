"""The packs in use, and the texts of those that were: a finding is explained by the version it was made with."""

from __future__ import annotations

from datetime import date
from functools import lru_cache

from django.utils import timezone

from wangge.kernel.problems import BadInput, Conflict
from wangge.screening.models import RulePack
from wangge.screening.rules.packs import Pack, read_pack, shipped


def in_use(code: str, on: date) -> Pack:
    """The pack called `code`, on record. Raises BadInput when there is none or it does not apply on `on`."""
    pack = shipped().get(code)
    if pack is None:
        raise BadInput(
            code="pack_unknown",
            zh=f"没有规则包“{code}”；可用：{'、'.join(shipped())}。",
            en=f'There is no rule pack "{code}"; there are: {", ".join(shipped())}.',
            place="packs",
        )
    if not pack.valid_on(on):
        raise BadInput(
            code="pack_not_valid",
            zh=f"规则包“{code}”在 {on} 不适用。",
            en=f'The rule pack "{code}" does not apply on {on}.',
            place="packs",
        )
    keep(pack)
    return pack


def keep(pack: Pack) -> None:
    """Put the text on record. Raises Conflict when this version stands there with another text."""
    known = (
        RulePack.objects.filter(code=pack.code, version=pack.version).values_list("digest", flat=True).first()
    )
    if known is None:
        RulePack.objects.bulk_create(
            [
                RulePack(
                    code=pack.code, version=pack.version, kind=pack.kind, digest=pack.digest, text=pack.text,
                    first_used_at=timezone.now(),
                )
            ],
            ignore_conflicts=True,
        )  # fmt: skip
        known = RulePack.objects.values_list("digest", flat=True).get(code=pack.code, version=pack.version)
    if known != pack.digest:
        raise Conflict(
            code="pack_changed_without_version",
            zh=f"规则包“{pack.code}”{pack.version} 的内容被改动而版本号未变；请给改动后的规则新的版本号。",
            en=f'The rule pack "{pack.code}" {pack.version} was changed but its version was not; give it a new one.',
        )


@lru_cache(maxsize=64)
def _read(text: str) -> Pack:
    return read_pack(text)


def pack_of(code: str, version: str) -> Pack:
    """The pack a finding was made with, whatever ships today."""
    today = shipped().get(code)
    if today is not None and today.version == version:
        return today
    return _read(RulePack.objects.values_list("text", flat=True).get(code=code, version=version))
