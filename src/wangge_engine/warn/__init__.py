"""Early warning over counted series: when is this week's count more than the past lets one expect?

In: `series, t[, date], observed[, population, area, hospital, age_band]`. Out, one row per evaluated t: `series, t,
observed, expected, upper, alarm, p_value, alarm_fdr, reason`, then every other column of the input: an alarm so
carries who should look. Missing is an empty cell. Without dates weeks are counted by `t`; with dates reference weeks
are the date minus i years moved to the nearest same weekday, and `t` passes through. A time that the file does not
have, or an empty `observed`, is unknown, never 0. Several methods:

**farrington** (Farrington et al. 1996; Noufaily et al. 2013). A quasi-Poisson model of the same season in past years;
the bound is the quantile 1 - alpha of a negative binomial with the fitted mean and dispersion. *Alarm: observed >
upper*, and at least `--min-cases` cases in the last four weeks. The trend stays when its t-test is below
`--trend-threshold` (1: always), `--b` is 3 or more, and the prediction is not above every baseline count.
`--bound classic` is the bound of 1996 with its 2/3-power transform. *Right* for weekly counts with season and years of
history. *Not right* for a new disease, after a change in who is counted, or within 26 weeks of the last outbreak's end.
R's own `farringtonFlexible` tests the trend, and makes its classic bound, with weights that are not those of the fit
(its dispersion was 0.215 where 0.952 is right); here both use the fit's own, so they differ from R on purpose. With
`--trend-threshold 1` and the default bound nothing differs.

**ears-c1, ears-c2, ears-c3** (Hutwagner et al. 2003). Mean and standard deviation (not below `--min-sigma`) of the last
`--baseline` counts; C2 leaves out the two before t; C3 adds what C2 exceeded 1 by at t-1 and t-2. *Alarm: C1, C2 above
z; C3: max(0, C2(t) - 1) + lags >= z*, z the normal quantile of 1 - alpha (0.001; C3 0.025). The `upper` of C3 is
m + s (z - lags), may be negative, and **is not the same test as its alarm**: a count below the mean
adds nothing to the sum but is held against `upper`, and the sum starts counting at one s above the mean.
R's `earsC` puts the observed count where m
belongs in that bound, so its alarm does not see today; this one does. *Right* for a new syndrome without history, daily
or weekly. *Not right* with weekday or season effects, or slow rises that its own baseline swallows.

**cusum** (Rossi et al. 1999). Adds up standardised excess over `--k` and alarms when the sum reaches `--h`, then starts
again at 0. *Right* for small rises that last. *Not right* with seasons, unless `--mean` is of that season. A sum has no
tail probability: `p_value` and `alarm_fdr` stay empty.

`alarm` is raw. `alarm_fdr` keeps the raw alarms that are also discoveries at `--fdr` among all series of that day
(Benjamini & Hochberg 1995), so that a thousand series do not bring five false alarms every day.

`reason`: `few_cases` (fewer than `--min-cases` in four weeks: no alarm), `zero_baseline` (no case in the whole
baseline: expected 0, bound 0), `thin_baseline` (too few known counts: nothing can be said), `missing_observation`,
`no_population`. A series with too little history has no rows; when no series has enough the command refuses.

How often each is wrong, on labelled simulated outbreaks of our own (`python -m benchmarks.warn`: 200 series of 1 to 80
cases a week, season, trend, variance 1.5 to 3 times the mean, two past outbreaks in each history; the last 52 weeks are
watched, half of the series have one more outbreak of 3 to 8 weeks in them). False alarms are quiet weeks with an alarm;
weeks are those from an outbreak's first case to its first alarm.

| method | false alarms | with `alarm_fdr` | outbreaks found | with `alarm_fdr` | weeks |
|---|---|---|---|---|---|
| farrington | 0.0061 | 0.0012 | 0.91 | 0.84 | 1.3 |
| farrington, classic bound, trend tested at 0.05 | 0.0081 | 0.0028 | 0.93 | 0.90 | 1.2 |
| ears-c1 | 0.0330 | 0.0330 | 0.93 | 0.93 | 0.9 |
| ears-c2 | 0.0365 | 0.0365 | 0.96 | 0.96 | 0.8 |
| ears-c3 | 0.1427 | 0.1123 | 0.99 | 0.99 | 0.6 |
| cusum | 0.0606 | | 0.95 | | 0.8 |

EARS finds outbreaks sooner and cries wolf five times and more as often: its tail is the normal one of the formula, but
seven counts tell a standard deviation badly, so C1's 0.001 is 0.03 here, and a false discovery rate built on it cannot
help. For a rate that holds use `farrington`.
"""
