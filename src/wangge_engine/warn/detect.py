"""From counts and parameters to one verdict per evaluated row."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from wangge_engine.counts.intake import UNDATED, Counts
from wangge_engine.warn.cusum import cusum
from wangge_engine.warn.ears import Watch, ears, history_needed
from wangge_engine.warn.farrington import Rule, bounds
from wangge_engine.warn.layout import layout, reference_offsets

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
EARS = ("ears-c1", "ears-c2", "ears-c3")
METHODS = ("farrington", *EARS, "cusum")
GUARD_WEEKS = 4  # the five-cases guard looks at the current week and the three before


@dataclass(frozen=True)
class Settings:
    """All parameters of all methods, with the defaults of the manual page."""

    method: str = "farrington"
    alpha: float = 0.005
    freq: int = 52
    w: int = 3
    periods: int = 10
    past_weeks_not_included: int = 26
    min_cases: int = 5
    rule: Rule = Rule()
    population_offset: bool = False
    baseline: int = 7
    min_sigma: float = 0.5
    k: float = 1.04
    h: float = 2.26
    mean: float | None = None


@dataclass(frozen=True)
class Verdicts:
    """Of the rows of `Counts` at ``at``: the figures, NaN where there is none, and why."""

    at: Ints
    expected: Floats
    upper: Floats
    p_value: Floats
    alarm: Floats
    reason: npt.NDArray[np.str_]


def detect(counts: Counts, settings: Settings, wanted: npt.NDArray[np.bool_]) -> Verdicts:
    """Evaluate the wanted rows that have history enough; in the order of series and time."""
    order = np.lexsort((counts.index, counts.series))
    order = order[wanted[order]]
    if settings.method == "farrington":
        return _farrington(counts, settings, order)
    return _simple(counts, settings, order)


def _simple(counts: Counts, settings: Settings, order: Ints) -> Verdicts:
    if settings.method == "cusum":
        needed = 0 if settings.mean is not None else settings.baseline
        watch = cusum(
            counts.matrix, k=settings.k, h=settings.h, mean=settings.mean, history=settings.baseline
        )
    else:
        needed = history_needed(settings.method, settings.baseline)
        watch = ears(
            counts.matrix,
            settings.method,
            baseline=settings.baseline,
            min_sigma=settings.min_sigma,
            alpha=settings.alpha,
        )
    at = order[counts.index[order] - counts.first[counts.series[order]] >= needed]
    return _told(counts, watch, at)


def _told(counts: Counts, watch: Watch, at: Ints) -> Verdicts:
    place = counts.series[at], counts.index[at] - counts.origin
    observed = counts.matrix[place]
    expected = watch.expected[place]
    reason = np.full(len(at), "", "<U20")
    reason[~np.isfinite(expected)] = "thin_baseline"
    reason[~np.isfinite(observed)] = "missing_observation"
    return Verdicts(at, expected, watch.upper[place], watch.p_value[place], watch.alarm[place], reason)


def _farrington(counts: Counts, settings: Settings, order: Ints) -> Verdicts:
    """Rows of one week and one weekday share a baseline layout: each such group is one batch."""
    rule = settings.rule
    index, series = counts.index[order], counts.series[order]
    phase = counts.phase[series]
    groups = np.lexsort((index, phase))
    cut = np.flatnonzero(np.diff(index[groups]) | np.diff(phase[groups])) + 1
    figures = np.full((3, len(order)), np.nan)
    evaluated = np.zeros(len(order), bool)
    log_people = None if counts.population is None else np.log(counts.population)
    for group in np.split(groups, cut) if len(groups) else []:
        k, ph = int(index[group[0]]), int(phase[group[0]])
        reference = reference_offsets(k, ph, None if ph == UNDATED else counts.step, settings.freq, rule.b)
        lay = layout(reference, settings.w, settings.periods, settings.past_weeks_not_included)
        group = group[k - counts.first[series[group]] >= lay.reach]  # noqa: PLW2901 -- only those that fit
        if not len(group):
            continue
        rows, columns = series[group], k - counts.origin + lay.offsets
        found = bounds(
            counts.matrix[rows[:, None], columns],
            counts.matrix[rows, k - counts.origin],
            lay,
            rule,
            offset=None if log_people is None else log_people[rows[:, None], columns],
            now=None if log_people is None else log_people[rows, k - counts.origin],
        )
        figures[:, group] = found.expected, found.upper, found.p_value
        evaluated[group] = True
    at = order[evaluated]
    expected, upper, p_value = figures[:, evaluated]
    return _judged(counts, settings, at, expected=expected, upper=upper, p_value=p_value)


def _judged(
    counts: Counts, settings: Settings, at: Ints, *, expected: Floats, upper: Floats, p_value: Floats
) -> Verdicts:
    series, column = counts.series[at], counts.index[at] - counts.origin
    observed = counts.matrix[series, column]
    recent = sum(
        np.nan_to_num(counts.matrix[series, np.maximum(column - back, 0)]) * (column >= back)
        for back in range(GUARD_WEEKS)
    )
    few = np.asarray(recent) < settings.min_cases
    over = (observed > upper) & (observed > 0)
    alarm = np.where(np.isfinite(observed) & np.isfinite(upper), over & ~few, np.nan)
    reason = np.full(len(at), "", "<U20")
    reason[expected == 0] = "zero_baseline"
    reason[few & np.isfinite(upper)] = "few_cases"
    reason[~np.isfinite(upper)] = "thin_baseline"
    if counts.population is not None:
        reason[~np.isfinite(counts.population[series, column])] = "no_population"
    reason[~np.isfinite(observed)] = "missing_observation"
    return Verdicts(at, expected, upper, p_value, alarm, reason)
