"""Which past weeks are the baseline of a week, and into which season block each falls (Noufaily 2013).

The year before each reference week is cut into `periods` levels: one is the window of half-width ``w`` round every
reference week (and the weeks just before the current one), the others share what lies between two windows, remainders
going to the first. The last weeks before the current one are left out, so that an outbreak that is just beginning does
not raise its own bound.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from wangge_engine.counts.intake import MONTH
from wangge_engine.frame.problems import refuse

EPOCH = date(1970, 1, 1)


@dataclass(frozen=True)
class Layout:
    """Baseline of one time: ``offsets`` before it (negative), ``block`` of each, 0 being the current one's own.

    ``reach``: how far back the first reference window begins.
    """

    offsets: npt.NDArray[np.int64]
    block: npt.NDArray[np.int64]
    blocks: int
    reach: int


def reference_offsets(index: int, phase: int, step: int | None, freq: int, b: int) -> tuple[int, ...]:
    """Distances of the reference times 1..b years back; by date as R surveillance does with epochAsDate."""
    if step is None or step == MONTH:
        return tuple(freq * i for i in range(1, b + 1))
    today = EPOCH + timedelta(days=index * step + phase)
    return tuple(_nearest(today, i, step) for i in range(1, b + 1))


def _nearest(today: date, years: int, step: int) -> int:
    try:
        then = today.replace(year=today.year - years)
    except ValueError:  # 29 February: R's seq() goes on to 1 March
        then = date(today.year - years, 3, 1)
    return round((today - then).days / step)


def layout(reference: tuple[int, ...], w: int, periods: int, past_not_included: int) -> Layout:
    """Blocks for the given reference offsets; refuses windows that overlap."""
    ends = (0, *reference)
    reach = ends[-1] + w
    level = np.zeros(reach + 1, np.int64)  # by distance back; 0 is unused
    level[: w + 1] = periods
    for later, earlier in pairwise(ends):
        level[earlier - w : earlier + w + 1] = periods
        between = earlier - later - 2 * w - 1
        if between < 0:
            raise refuse(
                "windows_overlap",
                "参考窗口互相重叠：--w 对 --freq 太大",
                "reference windows overlap: --w is too large for --freq",
                "--w",
            )
        if periods > 1:
            share, rest = divmod(between, periods - 1)
            back = earlier - w - 1  # blocks run forward in time from the earlier window
            for number in range(1, periods):
                length = share + (number <= rest)
                level[back - length + 1 : back + 1] = number
                back -= length
    level[: past_not_included + 1] = 0
    past = np.flatnonzero(level)[::-1]  # in order of time
    told = level[past]
    present, compact = np.unique(np.where(told == periods, 0, told), return_inverse=True)
    if len(past) == 0 or present[0] != 0:
        raise refuse(
            "no_baseline",
            "除去最近几周后没有可用的参考周",
            "no reference week is left besides the past weeks not included",
            "--past-weeks-not-included",
        )
    order = np.argsort(compact, kind="stable")
    return Layout(-past[order], compact[order], len(present), reach)
