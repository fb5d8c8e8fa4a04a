"""How a Chinese name sorts and sounds: by syllable, surname first."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from pypinyin import Style, lazy_pinyin

# Surnames whose reading differs from the character's usual one (GB/T 28039-2011 and common dictionaries).
SURNAME_READINGS = {
    "曾": "zeng", "单": "shan", "解": "xie", "仇": "qiu", "查": "zha", "朴": "piao", "盖": "ge", "区": "ou",
    "任": "ren", "华": "hua", "尉": "wei", "乐": "yue", "缪": "miao", "覃": "qin",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Sound:
    """`ordered` "wang jian guo" sorts, `typed` "wangjianguo" and `initials` "wjg" are searched."""

    ordered: str
    typed: str
    initials: str


@lru_cache(maxsize=30_000)
def _syllable(character: str) -> str:
    return str(lazy_pinyin(character, style=Style.NORMAL)[0]).lower().strip()


def sound_of(name: str) -> Sound:
    """The sound of a name; letters stand for themselves, dots and blanks part words."""
    syllables = []
    for position, character in enumerate(name):
        if character in "·•. 　":
            continue
        reading = SURNAME_READINGS.get(character) if position == 0 else None
        syllables.append(reading or _syllable(character))
    return Sound(" ".join(syllables), "".join(syllables), "".join(s[0] for s in syllables if s))
