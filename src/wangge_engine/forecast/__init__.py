"""Counts of the next one to four weeks, with their uncertainty.

In: counted series as for `warn` (`series, t[, date], observed`). Out, one row per series and horizon: `series, t,
horizon, mean, q025, q500, q975`, then `date` where the series has dates. `t` is the time that is forecast: the last
observed one plus the horizon. The distribution is negative binomial. Models:

- `pooled` (the command's own): two parts `level`, two `endemic-epidemic`, one `naive`, since each misses what the
  others see;
- `level`: a season (two harmonics, once there are two years of history) times a level that follows the counts (simple
  exponential smoothing of the log ratio) and falls back to the season: by how much a week is chosen, with the
  smoothing, by the log score of past forecasts at all horizons, last year's counting twice those of the year before.
  Its dispersion at a horizon is that of its own past errors there;
- `endemic-epidemic`: mu = nu(t) + lambda y(t-1) with a seasonal nu, negative binomial, by maximum likelihood (Held,
  Hoehle & Hofmann 2005, Stat Modelling 5:187; Paul & Held 2011, Stat Med 30:1118): R's `hhh4` for one series;
- `naive`: the last count stays, with the scatter of such forecasts' past errors.

Scored on what came after (`python -m benchmarks.forecast --data DIR`; log score and ranked probability score, Czado,
Gneiting & Held 2009, Biometrics 65:1254; means of weeks 1, 2, 3, 4, smaller is better; 24 simulated series with
outbreaks, then five public ones, each from every third week of its last two years):

| model | simulated: log score | RPS | public: log score | RPS |
|---|---|---|---|---|
| pooled | 3.07, 3.08, 3.09, 3.10 | 4.31, 4.15, 4.58, 4.44 | 2.46, 2.26, 2.25, 2.40 | 2.88, 2.99, 2.75, 3.29 |
| level | 3.09, 3.08, 3.11, 3.12 | 4.30, 4.07, 4.50, 4.35 | 2.59, 2.33, 2.33, 2.55 | 3.02, 2.99, 2.90, 3.59 |
| endemic-epidemic | 3.05, 3.07, 3.07, 3.09 | 4.22, 4.10, 4.45, 4.31 | 2.49, 2.34, 2.31, 2.48 | 2.93, 3.24, 2.85, 3.24 |
| naive | 3.34, 3.36, 3.41, 3.43 | 5.60, 5.62, 6.29, 6.27 | 2.91, 2.85, 3.24, 3.22 | 3.14, 3.35, 3.27, 3.90 |

On public series `pooled` beats the last count at every horizon by both scores, and `endemic-epidemic` by all but RPS of
week 4. On simulated ones, which have no memory beyond their season and outbreaks, it is 1 to 3 % behind the latter.
Of what came, 0.96 to 0.97 lay inside its 95 % interval. Over few origins the last count can win: among the last twelve
of the abattoir series four touch a run of weeks with nothing reported, where it is nearly right (week 1 of all five
series: RPS 2.53, last count 2.35).

*Right* for weeks ahead of series without an intervention in between. *Not right* for the turning point of an epidemic
(no such model knows it), for fewer than 8 known counts (refused), where the last counts are still incomplete (cut them
off first: a forecast follows them), or for deciding anything about a person. Where a series stops or starts to be
reported the last count is hard to beat one week ahead.
"""
