"""Counts of the next one to four weeks, with their uncertainty.

In: counted series as for `warn` (`series, t[, date], observed`). Out, one row per series and horizon: `series, t,
horizon, mean, q025, q500, q975`, then `date` where the series has dates. `t` is the time that is forecast: the last
observed one plus the horizon. The distribution is negative binomial. Models:

- `pooled` (the command's own): `level` and `endemic-epidemic` in equal parts, since each misses what the other sees;
- `level`: a season (two harmonics, once there are two years of history) times a level that follows the counts (simple
  exponential smoothing of the log ratio) and falls back to the season: by how much a week is chosen, with the
  smoothing, by the log score of past forecasts at all horizons, last year's counting twice those of the year before.
  Its dispersion at a horizon is that of its own past errors there;
- `endemic-epidemic`: mu = nu(t) + lambda y(t-1) with a seasonal nu, negative binomial, by maximum likelihood (Held,
  Hoehle & Hofmann 2005, Stat Modelling 5:187; Paul & Held 2011, Stat Med 30:1118): R's `hhh4` for one series;
- `naive`: the last count stays, with the scatter of such forecasts' past errors.

Scored on what came after (`python -m benchmarks.forecast`; log score and ranked probability score, Czado, Gneiting &
Held 2009, Biometrics 65:1254; means of weeks 1 and 4, smaller is better; 24 simulated series with outbreaks
and 12 origins each, then five public series with 12 origins each):

| model | simulated: log score | simulated: RPS | public: log score | public: RPS |
|---|---|---|---|---|
| pooled | 3.128, 3.164 | 4.81, 4.85 | 2.329, 2.529 | 2.67, 3.66 |
| level | 3.172, 3.193 | 4.92, 4.89 | 2.418, 2.650 | 2.71, 3.91 |
| endemic-epidemic | 3.137, 3.150 | 4.77, 4.84 | 2.387, 2.529 | 2.70, 3.59 |
| naive | 3.433, 3.485 | 6.05, 7.07 | 2.678, 3.586 | 2.35, 3.88 |

`pooled` beats the last count clearly and `endemic-epidemic` by little or not at all: where series have no memory beyond
their season nothing is gained by pooling. Of what came, 0.93 to 0.96 lay inside its 95 % interval.

*Right* for weeks ahead of series without an intervention in between. *Not right* for the turning point of an epidemic
(no such model knows it), for fewer than 8 known counts (refused), where the last counts are still incomplete (cut them
off first: a forecast follows them), or for deciding anything about a person. Where a series stops or starts to be
reported the last count is hard to beat one week ahead.
"""
