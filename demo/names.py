"""Invented personal names: surnames by rough frequency, given-name characters by sex and generation."""

import tomllib
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars as pl

from demo.chance import Bools, Ints

_WORDS = tomllib.loads((Path(__file__).resolve().parent / "data" / "names.toml").read_text(encoding="utf-8"))
SURNAMES: str = _WORDS["surnames"]
COMPOUND_SURNAMES: tuple[str, ...] = tuple(_WORDS["compound_surnames"].split())
MALE: tuple[str, ...] = tuple(_WORDS["male"])
FEMALE: tuple[str, ...] = tuple(_WORDS["female"])
TRANSLITERATED_A: tuple[str, ...] = tuple(_WORDS["with_dot"].split())
TRANSLITERATED_B: tuple[str, ...] = tuple(_WORDS["whole"].split())
# one variant or near form per character: what a clerk types who knows the sound or the look but not the person
LOOKALIKES: dict[str, str] = {pair[0]: pair[1] for pair in _WORDS["lookalikes"].split()}


@dataclass(frozen=True)
class Names:
    """Name parts of every person, aligned by row; `full` is what an identity card shows."""

    surname: pl.Series
    given: pl.Series
    full: pl.Series


def surname_weights() -> tuple[list[str], np.ndarray]:
    """Surnames and their shares: a Zipf-Mandelbrot curve, compound surnames .12 % together."""
    single = list(dict.fromkeys(SURNAMES))
    weight = 1.0 / (np.arange(len(single)) + 5.0) ** 1.15
    weight *= 0.9988 / weight.sum()
    compound = np.full(len(COMPOUND_SURNAMES), 0.0012 / len(COMPOUND_SURNAMES))
    share = np.concatenate([weight, compound])
    return single + list(COMPOUND_SURNAMES), share / share.sum()


def draw_surnames(rng: np.random.Generator, count: int) -> Ints:
    """Indices into the surnames of :func:`surname_weights`."""
    _, share = surname_weights()
    return rng.choice(len(share), size=count, p=share)


def _generation(birth_year: Ints) -> Ints:
    return np.searchsorted(np.array([1955, 1975, 1995]), birth_year, side="right").astype(np.int64)


def draw_given(rng: np.random.Generator, female: Bools, birth_year: Ints) -> tuple[np.ndarray, np.ndarray]:
    """First and second given-name characters (second may be empty), by sex and generation."""
    count = len(female)
    first = np.empty(count, dtype=object)
    second = np.empty(count, dtype=object)
    generation = _generation(birth_year)
    single_share = (0.14, 0.24, 0.30, 0.10)
    for sex, pools in ((False, MALE), (True, FEMALE)):
        for g, own in enumerate(pools):
            rows = np.flatnonzero((female == sex) & (generation == g))
            # parents also use characters of the generations beside theirs
            near = own * 3 + pools[max(0, g - 1)] + pools[min(3, g + 1)]
            pool = np.array(list(near), dtype=object)
            first[rows] = pool[rng.integers(0, len(pool), len(rows))]
            drawn = pool[rng.integers(0, len(pool), len(rows))]
            drawn[rng.random(len(rows)) < single_share[g]] = ""
            second[rows] = drawn
    return first, second


def transliterated(rng: np.random.Generator, count: int) -> list[str]:
    """Names of any length as they are written in characters, with or without the middle dot."""
    names = []
    for style, a, b in zip(
        rng.random(count),
        rng.integers(0, len(TRANSLITERATED_A), count),
        rng.integers(0, len(TRANSLITERATED_A), count),
        strict=True,
    ):
        if style < 0.7:
            names.append(f"{TRANSLITERATED_A[a]}·{TRANSLITERATED_A[b]}")
        else:
            names.append(TRANSLITERATED_B[(a * 7 + b) % len(TRANSLITERATED_B)])
    return names


def all_characters() -> list[str]:
    """Every character our names use, in a fixed order."""
    return sorted(set("".join(MALE) + "".join(FEMALE) + SURNAMES))


def homophones() -> dict[str, list[str]]:
    """Characters of our pools that sound alike (tones apart), each with its alternatives."""
    from pypinyin import Style, pinyin

    by_sound: dict[str, list[str]] = {}
    for char in all_characters():
        by_sound.setdefault(pinyin(char, style=Style.NORMAL)[0][0], []).append(char)
    return {
        char: [other for other in group if other != char]
        for group in by_sound.values()
        if len(group) > 1
        for char in group
    }
