"""Reproduction number over sliding weeks: how many people does one case infect now?

In: incidence (`date, count[, imported]`) and the serial interval (`lag_days, probability`). Out, one row per window of
`--window` days, moved by one day: `from, to, mean, q025, q500, q975`.

Cori, Ferguson, Fraser & Cauchemez 2013 (Am J Epidemiol 178:1505). Infectiousness on day t is the sum of w(s) I(t - s)
over lags s >= 1. With a gamma prior of mean 5 and standard deviation 5 on R, and R constant within a window, the
posterior is gamma with shape (prior) + cases of the window and rate (prior) + infectiousness of the window. The first
day of the file has no infectiousness, so the first window begins on the second, as in EpiEstim. `imported` cases (of
`count`) infect others but were not infected here: they count as infectious, not as local. Where nobody was infectious
in a window its figures are empty: the data say nothing and the prior is not passed off as a finding.

*Right* once ten cases or so fall into a window, with reporting that does not change. *Not right* in the last days
before reports are complete (R falls by itself; cut them off), with a changing share of cases found, or with serial
intervals that can be negative: those are refused, since this estimator cannot hold them. A missing day is refused, not
read as 0, unless `--fill-gaps` says that no row means no case.

How often the 95 % interval holds the true R, and its width (`python -m benchmarks.reproduction`; 300 epidemics a
line, sixty days, windows of ten cases and more):

| epidemics | inside | R below, above | width | mean error |
|---|---|---|---|---|
| R = 0.8 | 0.936 | 0.064, 0.000 | 0.96 | +0.170 |
| R = 1.2 | 0.952 | 0.028, 0.020 | 0.59 | +0.013 |
| R = 1.6 | 0.951 | 0.025, 0.023 | 0.36 | +0.003 |
| R = 2.2 | 0.954 | 0.028, 0.018 | 0.26 | +0.002 |
| R falls from 2 to 0.7 | 0.949 | 0.029, 0.022 | 0.31 | +0.004 |
| a few infect most (k 0.5), R = 1.2 | 0.731 | 0.141, 0.129 | 0.65 | +0.027 |
| half of the cases found, R = 1.2 | 0.952 | 0.033, 0.015 | 0.84 | +0.046 |
| serial interval told a fifth too long, R = 1.6 | 0.412 | 0.584, 0.004 | 0.39 | +0.166 |

The interval is of R given the serial interval, which is itself not certain: told a fifth too long, more than half of
the intervals miss. Where a few infect most it is too narrow, since the model takes cases for Poisson. In a dying
epidemic the prior of mean 5 pulls up.
"""
