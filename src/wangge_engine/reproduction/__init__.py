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

The interval is of R given the serial interval, which is itself not certain.
"""
