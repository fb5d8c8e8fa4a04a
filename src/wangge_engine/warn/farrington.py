"""The improved Farrington method, for thousands of series at once.

A quasi-Poisson log-linear model (intercept, trend, season blocks) is fitted to the baseline, past outbreaks are
weighted down by their Anscombe residuals, and the bound is a quantile of the negative binomial with the fitted mean and
dispersion (Farrington, Andrews, Beale & Catchpole 1996, JRSS A 159:547; Noufaily et al. 2013, Stat Med 32:1206).

Blocks and one trend make the normal equations an arrow, so one step of the fit needs three sums per block instead of a
matrix: that is what makes a batch fast. Start, steps and the rule for stopping are those of R's ``glm`` (start at the
counts plus 0.1, stop when the deviance moves by less than 1e-8, working weights of the last step but one in the
dispersion), because a bound is a whole number and must not differ from R's by a rounding.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import special

from wangge_engine.counts.tails import exceeded, quantile
from wangge_engine.warn.layout import Layout

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]
MOST_STEPS = 25
STOP = 1e-8
ONE_THREAD = (
    250_000  # multiplications below which OpenBLAS starts no threads; they spin and cost five times the CPU
)


@dataclass(frozen=True)
class Rule:
    """How the bound is made; defaults as in Noufaily 2013 with R's trend rule for a threshold of 1."""

    b: int = 3
    weights_threshold: float = 2.58
    trend_threshold: float = 1.0
    alpha: float = 0.005
    classic: bool = False


@dataclass(frozen=True)
class Bounds:
    """Per series: expected count, bound, dispersion, tail of the observed count, whether a trend stayed."""

    expected: Floats
    upper: Floats
    phi: Floats
    p_value: Floats
    trend: Bools


@dataclass
class _Fit:
    level: Floats  # per block
    slope: Floats
    phi: Floats  # as estimated, may be below 1
    hat: Floats
    mean: Floats
    variance: Floats  # of the predicted log mean, per unit of dispersion
    slope_variance: Floats
    done: Bools


class _Design:
    """Time (centred and scaled) and blocks of one layout; ``now`` is the time of the current week."""

    def __init__(self, layout: Layout) -> None:
        centre, self.scale = layout.offsets.mean(), max(float(np.ptp(layout.offsets)), 1.0)
        self.time = (layout.offsets - centre) / self.scale
        self.now = -centre / self.scale
        self.block = layout.block
        self.blocks = layout.blocks
        member = np.eye(layout.blocks)[layout.block]
        self.sums = np.hstack([member, member * self.time[:, None], (self.time**2)[:, None]])


def bounds(
    counts: Floats, observed: Floats, layout: Layout, rule: Rule, *, offset: Floats | None, now: Floats | None
) -> Bounds:
    """Bounds of one week for many series: ``counts`` is series x baseline, NaN where unknown.

    ``offset`` (log population of the baseline) and ``now`` (of the week itself) are None without population.
    """
    design = _Design(layout)
    number = len(counts)
    expected, phi = np.full(number, np.nan), np.full(number, np.nan)
    variance = np.zeros(number)
    trend = np.zeros(number, bool)
    known = np.isfinite(counts)
    if offset is not None:
        known &= np.isfinite(offset)
    parameters = np.count_nonzero(_per_block(known, design) > 0, axis=1) + 1
    own = known[:, design.block == 0].any(axis=1)
    usable = own & (known.sum(axis=1) > parameters)
    silent = usable & (np.nansum(np.where(known, counts, 0.0), axis=1) == 0)
    expected[silent], phi[silent] = 0.0, 1.0
    todo = np.flatnonzero(usable & ~silent)
    chunk = max(1, ONE_THREAD // design.sums.size)
    shift = np.zeros(number) if now is None else now
    for start in range(0, len(todo), chunk):
        at = todo[start : start + chunk]
        mask = None if known[at].all() else known[at].astype(float)
        y = counts[at] if mask is None else np.where(known[at], counts[at], 0.0)
        o = None if offset is None else np.where(known[at], offset[at], 0.0)
        fit, kept = _fitted(y, mask, o, now=shift[at], design=design, rule=rule)
        log_mean = fit.level[:, 0] + np.where(kept, fit.slope * design.now, 0.0) + shift[at]
        expected[at], phi[at] = np.exp(log_mean), np.maximum(fit.phi, 1.0)
        variance[at], trend[at] = fit.variance, kept
    return Bounds(expected, *_bound(expected, phi, variance, observed, rule), trend)


def _bound(
    mu: Floats, phi: Floats, variance: Floats, observed: Floats, rule: Rule
) -> tuple[Floats, Floats, Floats]:
    if not rule.classic:
        tail = np.full(len(mu), np.nan)
        known = np.isfinite(mu) & np.isfinite(observed)
        tail[known] = exceeded(observed[known], mu[known], phi[known])
        return quantile(1 - rule.alpha, mu, phi), phi, tail
    z = special.ndtri(1 - rule.alpha)
    with np.errstate(divide="ignore", invalid="ignore"):
        tau = phi + mu * phi * variance  # se^2 / mu, se of the mean itself
        width = np.sqrt(4 / 9 * np.cbrt(mu) * tau)
        upper = (np.cbrt(mu) ** 2 + z * width) ** 1.5
        tail = np.where(
            width > 0,
            special.ndtr(-(np.cbrt(observed) ** 2 - np.cbrt(mu) ** 2) / width),
            np.where(observed > mu, 0.0, 1.0),
        )
    return upper, phi, np.where(np.isfinite(mu) & np.isfinite(observed), tail, np.nan)


def _fitted(
    y: Floats, mask: Floats | None, offset: Floats | None, *, now: Floats, design: _Design, rule: Rule
) -> tuple[_Fit, Bools]:
    """The model with its trend where it may stay, else without."""
    fit = _reweighted(y, mask, offset, design, rule, trend=True)
    with np.errstate(over="ignore", invalid="ignore"):
        predicted = np.exp(fit.level[:, 0] + fit.slope * design.now + now)
        kept = fit.done & (predicted <= y.max(axis=1)) & (rule.b >= 3)
        if rule.trend_threshold < 1:
            rows = mask.sum(axis=1) if mask is not None else np.full(len(y), y.shape[1])
            blocks = np.count_nonzero(
                _per_block(np.ones_like(y) if mask is None else mask, design) > 0, axis=1
            )
            freedom = rows - blocks - 1
            t = fit.slope / np.sqrt(fit.phi * fit.slope_variance)
            kept &= 2 * special.stdtr(freedom, -np.abs(t)) < rule.trend_threshold
    flat = np.flatnonzero(~kept)
    if len(flat):
        plain = _reweighted(
            y[flat],
            None if mask is None else mask[flat],
            None if offset is None else offset[flat],
            design,
            rule,
            trend=False,
        )
        for name in ("level", "slope", "phi", "variance"):
            getattr(fit, name)[flat] = getattr(plain, name)
    return fit, kept


def _reweighted(
    y: Floats, mask: Floats | None, offset: Floats | None, design: _Design, rule: Rule, *, trend: bool
) -> _Fit:
    """Fit, weight outbreaks down by their Anscombe residuals, fit again where any was."""
    fit = _fit(y, mask, offset, design, trend=trend)
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        phi = np.maximum(fit.phi, 1.0)[:, None]
        free = np.maximum(1 - fit.hat, 0.0)
        residual = 1.5 * (np.cbrt(y) ** 2 * fit.mean ** (-1 / 6) - np.sqrt(fit.mean)) / np.sqrt(phi * free)
        residual = np.where(free > 1e-12, residual, 0.0)
        high = residual > rule.weights_threshold
        if mask is not None:
            high &= mask > 0
    again = np.flatnonzero(high.any(axis=1))
    if not len(again):
        return fit
    inverse = np.where(high[again], 1 / np.where(high[again], residual[again], 1.0) ** 2, 1.0)
    if mask is not None:
        inverse = inverse * mask[again]
    rows = y.shape[1] if mask is None else mask[again].sum(axis=1)
    gamma = rows / inverse.sum(axis=1)
    second = _fit(
        y[again],
        gamma[:, None] * inverse,
        None if offset is None else offset[again],
        design,
        trend=trend,
        rows=rows,
    )
    for name in ("level", "slope", "phi", "hat", "mean", "variance", "slope_variance"):
        getattr(fit, name)[again] = getattr(second, name)
    return fit


def _per_block(values: npt.NDArray[np.generic], design: _Design) -> Floats:
    return np.asarray(values.astype(float) @ design.sums[:, : design.blocks])


def _solve(
    sums: Floats, left: Floats, left_time: Floats, design: _Design, *, trend: bool
) -> tuple[Floats, Floats, Floats]:
    """Block levels, slope and the trend's own curvature from the arrow of normal equations."""
    weight, moment = sums[:, : design.blocks], sums[:, design.blocks : 2 * design.blocks]
    safe = np.where(weight > 0, weight, 1.0)
    centre = moment / safe
    curvature = sums[:, -1] - (moment * centre).sum(axis=1)
    if trend:
        slope = (left_time - (centre * left).sum(axis=1)) / np.where(curvature > 0, curvature, np.inf)
    else:
        slope = np.zeros(len(sums))
    return (left - moment * slope[:, None]) / safe, slope, curvature


def _fit(  # noqa: PLR0915 -- one loop of R's glm, in its order
    y: Floats,
    prior: Floats | None,
    offset: Floats | None,
    design: _Design,
    *,
    trend: bool,
    rows: Floats | int | None = None,
) -> _Fit:
    """Iteratively reweighted least squares of the quasi-Poisson model, each series stopping by itself."""
    number, blocks = len(y), design.blocks
    weighted = y if prior is None else prior * y
    counted = weighted @ design.sums[:, : 2 * blocks]
    by_block, by_time = counted[:, :blocks], counted[:, blocks:].sum(axis=1)
    start = y + 0.1
    with np.errstate(divide="ignore", invalid="ignore"):
        constant = np.where(y > 0, y * np.log(np.where(y > 0, y, 1.0)), 0.0) - y
    constant = (constant if prior is None else prior * constant).sum(axis=1)
    total = (start if prior is None else prior * start).sum(axis=1)
    fixed = np.zeros(number) if offset is None else (weighted * offset).sum(axis=1)
    log_start = np.log(start)
    deviance = 2 * (constant - (weighted * log_start).sum(axis=1) + total)
    target = log_start - 0.1 / start
    if offset is not None:
        target -= offset
    work = start if prior is None else prior * start
    sums = work @ design.sums
    moved = (work * target) @ design.sums[:, : 2 * blocks]
    level, slope, curvature = _solve(
        sums, moved[:, :blocks], moved[:, blocks:].sum(axis=1), design, trend=trend
    )
    last = np.array(work)  # the weights of the step that gave the current coefficients
    mean = np.empty_like(y)
    done = np.zeros(number, bool)
    held_sums, held_curvature = sums.copy(), curvature.copy()
    active = np.arange(number)
    for _ in range(MOST_STEPS):
        log_mean = level[active][:, design.block]
        if trend:
            log_mean += slope[active, None] * design.time
        if offset is not None:
            log_mean += offset[active]
        np.exp(np.minimum(log_mean, 700.0, out=log_mean), out=log_mean)
        mean[active] = log_mean
        work = log_mean if prior is None else prior[active] * log_mean
        sums = work @ design.sums
        linear = (by_block[active] * level[active]).sum(axis=1) + by_time[active] * slope[active]
        now = 2 * (constant[active] - fixed[active] - linear + sums[:, :blocks].sum(axis=1))
        stop = np.abs(now - deviance[active]) / (np.abs(now) + 0.1) < STOP
        deviance[active] = now
        done[active[stop]] = True
        going = ~stop
        active = active[going]
        if not len(active):
            break
        work, sums = (work, sums) if going.all() else (work[going], sums[going])
        gradient = by_block[active] - sums[:, :blocks]
        slant = by_time[active] - sums[:, blocks : 2 * blocks].sum(axis=1)
        step, turn, curvature = _solve(sums, gradient, slant, design, trend=trend)
        level[active] += step
        slope[active] += turn
        last[active] = work
        held_sums[active], held_curvature[active] = sums, curvature
    return _described(
        y,
        prior,
        design,
        level=level,
        slope=slope,
        mean=mean,
        work=last,
        sums=held_sums,
        curvature=held_curvature,
        done=done,
        rows=rows,
        trend=trend,
    )


def _described(
    y: Floats,
    prior: Floats | None,
    design: _Design,
    *,
    level: Floats,
    slope: Floats,
    mean: Floats,
    work: Floats,
    sums: Floats,
    curvature: Floats,
    done: Bools,
    rows: Floats | int | None,
    trend: bool,
) -> _Fit:
    blocks = design.blocks
    weight, moment = sums[:, :blocks], sums[:, blocks : 2 * blocks]
    safe = np.where(weight > 0, weight, np.inf)
    centre = np.where(weight > 0, moment / safe, 0.0)
    if rows is None:
        rows = y.shape[1] if prior is None else prior.sum(axis=1)
    freedom = rows - (np.count_nonzero(weight > 0, axis=1) + trend)
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        ratio = np.where(mean > 0, y / mean, 1.0)  # a mean that sank to 0 explains its empty block
        pearson = (work * (ratio - 1) ** 2).sum(axis=1)
        phi = pearson / freedom
        flat = np.where(curvature > 0, 1 / np.where(curvature > 0, curvature, 1.0), 0.0) * trend
        apart = design.time - centre[:, design.block]
        hat = work * ((1 / safe)[:, design.block] + apart**2 * flat[:, None])
        variance = 1 / safe[:, 0] + (design.now - centre[:, 0]) ** 2 * flat
    return _Fit(level, slope, phi, hat, mean, variance, flat, done)
