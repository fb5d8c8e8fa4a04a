"""Identity numbers, credit codes and phones with valid check digits; drawn at random, nobody's.

Rules: GB 11643 (identity number), GB 32100 (credit code), GB 11714 (organisation code inside it).
"""

import csv
from pathlib import Path

import numpy as np
import polars as pl

from demo.chance import Bools, Ints

ORIGINS = Path(__file__).resolve().parent / "data" / "origins.csv"
_ID_WEIGHTS = np.array([7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2])
_ID_CHECK = np.array(list("10X98765432"))
_CREDIT_ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_MOBILE_PREFIXES = (
    130, 131, 132, 135, 136, 137, 138, 139, 150, 151, 152, 155, 156, 157, 158, 159, 166, 176, 177, 178, 180, 182, 183,
    185, 186, 187, 188, 189, 191, 199,
)  # fmt: skip


def origins() -> tuple[list[str], list[str], np.ndarray]:
    """County codes with the way their addresses begin and the share of arrivals from each."""
    with ORIGINS.open(encoding="utf-8", newline="") as handle:
        rows = list(csv.DictReader(handle))
    weight = np.array([float(r["weight"]) for r in rows])
    return [r["code"] for r in rows], [r["place"] for r in rows], weight / weight.sum()


def check_digit(first17: str) -> str:
    """The eighteenth character of an identity number (GB 11643)."""
    total = sum(int(d) * int(w) for d, w in zip(first17, _ID_WEIGHTS, strict=True))
    return str(_ID_CHECK[total % 11])


def identity_numbers(rng: np.random.Generator, county: Ints, birth: pl.Series, female: Bools) -> pl.Series:
    """One distinct valid number for each person: county code, birth date, sequence (odd = male), check."""
    frame = pl.DataFrame({"county": county, "birth": birth, "female": female})
    # the order within county, day and sex makes the sequence distinct; the offset makes it unlike a counter
    order = frame.select(pl.int_range(pl.len()).over("county", "birth", "female"))[:, 0].to_numpy()
    day = birth.cast(pl.Int32).to_numpy().astype(np.int64)
    offset = (county * 31 + day * 7 + int(rng.integers(0, 500))) % 500
    if order.max(initial=0) >= 500:
        raise ValueError("more than 500 births of one sex in one county on one day")
    sequence = ((offset + order) % 500) * 2 + np.where(female, 0, 1)
    ymd = (
        birth.dt.year().cast(pl.Int64).to_numpy() * 10_000
        + birth.dt.month().cast(pl.Int64).to_numpy() * 100
        + birth.dt.day().cast(pl.Int64).to_numpy()
    )
    number = (county * 100_000_000 + ymd) * 1_000 + sequence
    total = np.zeros(len(number), dtype=np.int64)
    rest = number.copy()
    for weight in _ID_WEIGHTS[::-1]:
        rest, digit = np.divmod(rest, 10)
        total += digit * weight
    return pl.Series(number).cast(pl.String) + pl.Series(_ID_CHECK[total % 11])


def mobile_numbers(rng: np.random.Generator, count: int) -> pl.Series:
    """Eleven-digit mobile numbers."""
    prefix = np.array(_MOBILE_PREFIXES)
    return pl.Series(
        prefix[rng.integers(0, len(prefix), count)] * 100_000_000 + rng.integers(0, 100_000_000, count)
    ).cast(pl.String)


def landline_numbers(rng: np.random.Generator, count: int) -> pl.Series:
    """Landlines of Tianjin, 022-2xxxxxxx."""
    return pl.Series([f"022-{n}" for n in rng.integers(24_300_000, 24_999_999, count)], dtype=pl.String)


def credit_code(rng: np.random.Generator, kind: str) -> str:
    """A valid unified social credit code of Dongli for a kind prefix such as 91 or 93 (GB 32100)."""
    body = "".join(_CREDIT_ALPHABET[i] for i in rng.integers(0, 31, 8))
    body = "MA" + body[:6]
    total = sum(
        (int(c) if c.isdigit() else ord(c) - 55) * w
        for c, w in zip(body, (3, 7, 9, 10, 5, 8, 4, 2), strict=True)
    )
    rest = (11 - total % 11) % 11
    first17 = kind + "120110" + body + ("X" if rest == 10 else str(rest))
    total = sum(_CREDIT_ALPHABET.index(c) * pow(3, i, 31) for i, c in enumerate(first17))
    return first17 + _CREDIT_ALPHABET[(31 - total % 31) % 31]
