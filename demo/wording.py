"""Dates, digits and sexes as departments write them; null stays null."""

from datetime import date

import numpy as np
import polars as pl

from demo.chance import Bools
from demo.records import FULL_WIDTH

_DIGITS = dict(zip("0123456789", "〇一二三四五六七八九", strict=True))


def _small(n: int) -> str:
    digits = "〇一二三四五六七八九"
    tens, ones = divmod(n, 10)
    return ("" if tens == 0 else "十" if tens == 1 else digits[tens] + "十") + (
        digits[ones] if ones or not tens else ""
    )


_NUMBERS = pl.Series([_small(n) for n in range(32)])


def written_date(dates: pl.Series, style: str) -> pl.Series:
    """Dates in a chrono format, or `chinese` (二〇一九年三月五日), or `loose:/` (2019/3/5) with any separator."""
    if style == "chinese":
        year = dates.dt.year().cast(pl.String).str.replace_many(_DIGITS)
        month = _NUMBERS.gather(dates.dt.month().cast(pl.Int64))
        day = _NUMBERS.gather(dates.dt.day().cast(pl.Int64))
        return year + "年" + month + "月" + day + "日"
    if style.startswith("loose:"):
        mark = style[6:]
        marks = ("年", "月", "日") if mark == "年" else (mark, mark, "")
        return (
            dates.dt.year().cast(pl.String) + marks[0] + dates.dt.month().cast(pl.String) + marks[1]
            + dates.dt.day().cast(pl.String) + marks[2]
        )  # fmt: skip
    return dates.dt.strftime(style)


def either(mask: Bools, first: pl.Series, second: pl.Series) -> pl.Series:
    """`first` where the mask holds, else `second`."""
    return pl.select(pl.when(pl.lit(pl.Series(mask))).then(pl.lit(first)).otherwise(pl.lit(second)))[:, 0]


def sexes(female: pl.Series, men: str, women: str) -> pl.Series:
    """Sex codes of a department."""
    return either(female.to_numpy(), pl.Series([women]), pl.Series([men]))


def full_width(text: pl.Series) -> pl.Series:
    """Digits and X as full-width characters."""
    return text.str.replace_many(FULL_WIDTH)


def spaced(name: pl.Series) -> pl.Series:
    """Two-character names with a full-width space between, as printed lists have them."""
    return name.str.replace(r"^(\p{Han})(\p{Han})$", "$1　$2")


def days_before(
    rng: np.random.Generator,
    count: int,
    as_of: date,
    least: int,
    most: int,
    *,
    after: pl.Series | None = None,
) -> pl.Series:
    """Dates between `least` and `most` days before a date, none before `after` (nor after the date itself)."""
    days = rng.integers(least, most, count).astype("timedelta64[D]")
    dates = pl.Series(np.datetime64(as_of) - days).cast(pl.Date)
    if after is None:
        return dates
    return pl.select(pl.min_horizontal(pl.max_horizontal(pl.lit(dates), pl.lit(after)), pl.lit(as_of)))[:, 0]


def pick(
    rng: np.random.Generator, options: tuple[str | None, ...], count: int, p: tuple[float, ...] | None = None
) -> pl.Series:
    """A random choice of words."""
    rows = rng.choice(len(options), size=count, p=p)
    return pl.Series(list(options), dtype=pl.String).gather(pl.Series(rows))
