"""Personal names: surname and given name, sound, and what kind of name was written."""

from __future__ import annotations

import re
import tomllib
from functools import cache
from importlib.resources import files
from typing import NamedTuple

from wangge_engine.text.hanzi import plain

_WORDS = tomllib.loads(files(__package__).joinpath("names.toml").read_text(encoding="utf-8"))
COMPOUND_SURNAMES = frozenset(_WORDS["compound_surnames"].split())
SURNAME_READINGS: dict[str, str] = _WORDS["surname_readings"]
TITLES = sorted(_WORDS["titles"].split(), key=len, reverse=True)
PLACEHOLDERS = frozenset(_WORDS["placeholders"].split())
_TITLE = re.compile(f"^(?P<surname>[\u3400-\u9fff]{{1,2}})(?:{'|'.join(TITLES)})$")
_FAMILIAR = re.compile("^[老小阿](?P<surname>[\u3400-\u9fff])$")
_HANZI = re.compile("[\u3400-\u9fff\U00020000-\U0003ffff]")
_USUAL = re.compile("[\u3400-\u9fff]{2,3}")
_NOT_NAME = re.compile("[^\u3400-\u9fff\U00020000-\U0003ffffA-Za-z·*?×xX〇]")
_NOTE = re.compile(r"[(（\[【<《].*?(?:[)）\]】>》]|$)")
_MASK = re.compile("[*?×〇]|(?<=[\u3400-\u9fff])[xX]+")
# A dot that the character set of a file does not have is written as a question mark.
_LOST_DOT = re.compile("(?<=[\u3400-\u9fff]{2})[?](?=[\u3400-\u9fff]{2})")
# Pairs of sounds that people and input methods mix up.
_FUZZY = (("zh", "z"), ("ch", "c"), ("sh", "s"), ("ang", "an"), ("eng", "en"), ("ing", "in"))


class Name(NamedTuple):
    """A name as read. ``kind``: full, transliterated (long or dotted), latin, partial (title, mask), none.

    A long name without a dot cannot be cut: all of it is the surname. A dotted name has its own part as given
    name and the father's as surname.

    ``pinyin`` and ``fuzzy`` are empty for partial names, which must never be compared as if whole.
    """

    clean: str
    surname: str
    given: str
    pinyin: str
    fuzzy: str
    kind: str


NO_NAME = Name("", "", "", "", "", "none")


@cache
def _syllable(char: str) -> str:
    from pypinyin import Style, lazy_pinyin

    return lazy_pinyin(char, style=Style.NORMAL)[0].lower()


@cache
def _blur(syllable: str) -> str:
    for sharp, dull in _FUZZY:
        if len(sharp) == 2 and syllable.startswith(sharp):
            syllable = dull + syllable[2:]
        elif len(sharp) == 3 and syllable.endswith(sharp):
            syllable = syllable[:-1]
    return syllable


def split_surname(name: str) -> tuple[str, str]:
    """Surname and given name of a Chinese name without separators."""
    cut = 2 if len(name) >= 3 and name[:2] in COMPOUND_SURNAMES else 1
    return name[:cut], name[cut:]


def syllables(name: str) -> list[str]:
    """Sounds of a Chinese name, the surname read as a surname."""
    surname, given = split_surname(name)
    if surname in SURNAME_READINGS:
        return [SURNAME_READINGS[surname], *map(_syllable, given)]
    return [_syllable(char) for char in name]


def sort_key(name: str) -> str:
    """Sounds separated by spaces: the order in which Chinese readers expect names."""
    return " ".join(syllables(plain(name)))


def parse_name(text: str | None) -> Name:
    """Read a name as written in a form or a list."""
    if not text:
        return NO_NAME
    raw = plain(text)
    usual = _USUAL.fullmatch(raw) is not None  # most names: nothing to take off
    clean = letters = raw
    if not usual:
        raw = _LOST_DOT.sub("·", _NOTE.sub("", raw).replace(".", "·"))
        clean = _NOT_NAME.sub("", raw).strip("·")
    if not clean or clean.lower() in PLACEHOLDERS:
        return NO_NAME
    if not usual and not _HANZI.search(clean):
        return _latin(raw)
    partial = _partial(clean)
    if partial is not None:
        return Name(clean, partial, "", "", "", "partial")
    if not usual:
        letters = "".join(c for c in clean if _HANZI.match(c))
    surname, given = split_surname(letters)
    sounds = syllables(letters)
    compound = len(surname) > 1
    if "·" in clean:  # own name first, then the father's
        given, _, surname = clean.partition("·")
        surname = surname.replace("·", "")
    elif len(letters) > 3 + compound:
        given, surname = "", letters
    return Name(
        clean=letters,
        surname=surname,
        given=given,
        pinyin="".join(sounds),
        fuzzy="".join(map(_blur, sounds)),
        kind="transliterated" if "·" in clean or len(letters) > 3 + compound else "full",
    )


def _partial(clean: str) -> str | None:
    """The surname of a name that is not whole (masked, with a title, familiar, one character), else None."""
    if _MASK.search(clean) or "某" in clean:
        return clean[0] if _HANZI.match(clean[0]) else ""
    title = _TITLE.match(clean)
    if title and (len(title["surname"]) == 1 or title["surname"] in COMPOUND_SURNAMES):
        return title["surname"]
    familiar = _FAMILIAR.match(clean)
    if familiar:
        return familiar["surname"]
    return clean if len(clean) == 1 else None


def _latin(raw: str) -> Name:
    words = re.findall("[A-Za-z]+", raw)
    joined = "".join(words).lower()
    if not joined or joined in PLACEHOLDERS:
        return NO_NAME
    fuzzy = "".join(_blur(s) for word in words for s in _cut_syllables(word.lower()))
    return Name(" ".join(words).upper(), words[0].lower(), "".join(words[1:]).lower(), joined, fuzzy, "latin")


_SYLLABLE = re.compile(
    "(?:zh|ch|sh|[bpmfdtnlgkhjqxrzcsyw])?(?:iang|iong|uang|ang|eng|ing|ong|iao|ian|uai|uan|ai|ei|ao|ou|an|en|in|un|"
    "ia|ie|iu|ua|uo|ui|ue|er|a|o|e|i|u|v)(?![iuv])"
)


def _cut_syllables(letters: str) -> list[str]:
    """Greedy cut into pinyin syllables, none of which begins with i, u or v; letters that fit nowhere stay."""
    parts, at = [], 0
    while at < len(letters):
        match = _SYLLABLE.match(letters, at)
        parts.append(match.group() if match else letters[at])
        at += len(parts[-1])
    return parts
