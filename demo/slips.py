"""Slips of the pen: one name, number or address as a clerk gets it wrong; `draw` in [0, 1) and `which` choose how."""

from functools import cache

from demo.names import LOOKALIKES, all_characters, homophones


@cache
def _sounds() -> dict[str, list[str]]:
    return homophones()


@cache
def traditional() -> dict[str, str]:
    """Traditional forms of the characters our names use, where they differ."""
    from opencc import OpenCC

    convert = OpenCC("s2t").convert
    return {c: t for c in all_characters() if (t := convert(c)) != c}


def other_dot(name: str, draw: float) -> str:
    """The middle dot as other keyboards write it, or left out, or the second part dropped."""
    if draw < 0.8:
        return name.replace("·", ("•", ".", "．", "")[int(draw * 5)])
    return name.split("·", maxsplit=1)[0]


def mistake(name: str, draw: float, which: int) -> str:
    """A homophone (three in four) or a near form for one character, given names first; rarely pinyin or a digit."""
    if draw < 0.02:
        from pypinyin import lazy_pinyin

        return " ".join(part.capitalize() for part in lazy_pinyin(name))
    if draw < 0.03:
        return name + str(which % 3 + 1)
    sounds = _sounds()
    places = list(range(len(name) - 1, -1, -1))
    if which % 2:
        places[: len(places) - 1] = places[: len(places) - 1][::-1]
    tables = (sounds, LOOKALIKES) if draw < 0.78 else (LOOKALIKES, sounds)
    for table in tables:
        for i in places:
            other = table.get(name[i])
            if other:
                return (
                    name[:i]
                    + (other if isinstance(other, str) else other[which % len(other)])
                    + name[i + 1 :]
                )
    return name[0] + "某" if len(name) > 1 else name


def digit_slip(number: str, draw: float, which: int, first: int = 6) -> str:
    """One digit wrong or two neighbours exchanged, after the first few."""
    i = first + which % max(len(number) - first - 1, 1)
    if draw < 0.4 and number[i] != number[i + 1]:
        return number[:i] + number[i + 1] + number[i] + number[i + 2 :]
    old = number[i]
    new = str((int(old) + 1 + which % 9) % 10) if old.isdigit() else "0"
    return number[:i] + new + number[i + 1 :]


def address_slip(text: str, draw: float, which: int) -> str:
    """A wrong digit in the last number, a wrong character in the estate, or a part left out."""
    if draw < 0.45:
        digits = [i for i, c in enumerate(text) if c.isdigit()]
        if digits:
            i = digits[-1 - which % min(2, len(digits))]
            return text[:i] + str((int(text[i]) + 1 + which % 8) % 10) + text[i + 1 :]
    if draw < 0.8:
        for i, c in enumerate(text):
            other = LOOKALIKES.get(c) or next(iter(_sounds().get(c, ())), None)
            if other and c not in "天津市东丽区":
                return text[:i] + other + text[i + 1 :]
    for part in ("单元", "号楼", "小区", "社区", "室", "栋", "号", "-", "#"):
        if part in text:
            return text.replace(part, "", 1)
    return text[:-1] + str((int(text[-1]) + 1) % 10) if text[-1:].isdigit() else text[:-1]
