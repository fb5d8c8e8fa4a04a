"""The figures of the rule: stated once, printed in the report, none of them learnt from a truth."""

from __future__ import annotations

RULE = "survivorship-2"
FIELDS = ("name", "id_no", "birth", "sex", "phone", "address")
# Fields that do not change: here a shared error means a shared hand; an old telephone two sources share does not.
FIXED = ("name", "id_no", "birth", "sex")
# How many wrong values are about as likely as each other; the fewer, the less a second telling proves.
RIVALS = {"name": 6, "id_no": 40, "birth": 12, "sex": 1, "phone": 4, "address": 4}
DEFAULT_RANK = 5
# Share of right values that a source of a rank is taken to have before anything was seen, and how many cases of
# seeing weigh as much as that belief.
LEAST, MOST = 0.55, 0.985
BELIEF = 40.0
# A changing fact loses half of what its source knew in so many years; the others do not age.
HALF_LIFE = {"phone": 12.0, "address": 16.0}
BANDS = (1.0, 3.0, 8.0)  # years; the ages at which a source's record is judged apart
VERIFIED = 0.98  # what a person saw at the door, or a department answered when asked
# Bits for a value that proves itself, or looks like somebody else's.
CHECKED = 3.46  # a check digit that holds: ten slips in eleven break it
OUTVOTED = -2.0  # a number that holds but was borrowed or doubted by linkage
CONFIRMED = 2.0  # the birth date beside a number is the one in the number
NEW_YEAR = -3.0  # 1 January: written where only the year is known
LATIN = -3.0  # a Chinese name in letters
# Copying: errors shared in fixed fields, against what chance would share.
COPY_BELIEF = 2.0  # cases without sharing that are taken as seen
COPY_SHARED = 5  # fewer shared errors prove nothing
COPY_AT_LEAST = 0.25  # below this a pair of sources counts as independent
ROUNDS = 4
PASSES = 3  # how often the search for copies begins again
SAMPLE = 25_000  # entities that the learning reads; the choosing reads all
# What a right value is worth, for the order of the doubts.
IMPORTANCE = {"id_no": 4.0, "name": 2.0, "birth": 2.0, "address": 1.5, "phone": 1.5, "sex": 1.0}
DOUBTS_AT_MOST = 50_000
LEAST_BITS = 0.1


def prior(rank: int) -> float:
    """Share of right values expected of a source by the rank of its authority (1 to 9)."""
    return LEAST + (MOST - LEAST) * (min(max(rank, 1), 9) - 1) / 8


def band_of(years: float | None) -> int:
    """The age band of a telling: 0 newest; one more than the last where the date is not known."""
    if years is None:
        return len(BANDS) + 1
    return sum(years >= edge for edge in BANDS)
