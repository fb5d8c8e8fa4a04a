"""Stated sources of infection: free text -> named patients, relations and kinds of place. Several may be stated.

Nothing is guessed: a patient is linked only where the text names one ("case TJ6 (family)", "son of TJ75; TJ87",
"sister of case 109", "病例12的家属"). What is not understood stays in the text.
"""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path


class SourceKind(StrEnum):
    """What a stated source speaks of."""

    HOUSEHOLD = "household"  # family, relative
    WORK = "work"  # colleague, coworker, business partner
    VENUE = "venue"  # a shop, a mall, a market
    TRAVEL = "travel"  # from or through an affected area, or on a train
    CONTACT = "contact"  # met a patient, no relation stated
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class InfectionSource:
    """The text, the patients it names (in order, each once), and the kinds of source it speaks of."""

    text: str
    patient_nos: tuple[str, ...]
    kinds: tuple[SourceKind, ...]


_WORDS = tomllib.loads(Path(__file__).with_name("words.toml").read_text("utf-8"))["stated_source"]
_SPOKEN = {SourceKind(kind): re.compile(pattern, re.IGNORECASE) for kind, pattern in _WORDS.items()}
_NAMED = re.compile(r"(?<![A-Za-z0-9])([A-Z]{1,6}-?)\s?(\d{1,5})(?!\d)")
_BARE = re.compile(r"(?:\bcases?|病例)\s*第?\s*(\d{1,5})(?!\d)", re.IGNORECASE)
_NUMBER = re.compile(r"([A-Z]{1,6}-?)?(\d{1,5})")


def infection_source(text: str, *, own_no: str = "") -> InfectionSource:
    """The source that `text` states. `own_no` is the patient's own number: bare numbers take its prefix, and the
    patient is never its own source."""
    own = _NUMBER.fullmatch(own_no)
    prefix = (own[1] or "") if own else ""
    # a list that pads its numbers with zeros ("BL0012") is quoted with and without them
    width = len(own[2]) if own and own[2].startswith("0") else 0
    found = [(m.start(), f"{m[1]}{m[2].zfill(width)}") for m in _NAMED.finditer(text)]
    found += [(m.start(), f"{prefix}{m[1].zfill(width)}") for m in _BARE.finditer(text)]
    numbers = tuple(dict.fromkeys(number for _, number in sorted(found) if number != own_no))
    kinds = tuple(kind for kind, pattern in _SPOKEN.items() if pattern.search(text))
    if not kinds:
        kinds = (SourceKind.CONTACT,) if numbers else (SourceKind.UNKNOWN,)
    return InfectionSource(text, numbers, kinds)
