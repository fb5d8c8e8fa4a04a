"""Space-time permutation scan: where and since when are there more cases than place and day alone explain?

In: cases (`place_id, date[, count]`) and places (`place_id, lat, lon`); SaTScan's `.cas` and `.geo` files are read as
they are. Out, most likely cluster first: `rank, centre, radius_km, places, from, to, observed, expected, llr, p`, and
`place_ids` (separated by `;`). Clusters after the first do not share a place with one before.

No population is needed (Kulldorff, Heffernan, Hartman, Assuncao & Mostashari 2005, PLoS Med 2:e59). With N cases, a
cylinder (a circle of places round a place, over some days) expects mu = sum of (cases of the place) (cases of the day)
/ N; its log-likelihood ratio is c ln(c / mu) + (N - c) ln((N - c) / (N - mu)) where c > mu and c >= 2. Prospective
cylinders end on the last day, retrospective ones on any. The dates are shuffled over the cases `--replicates` times:
p = (1 + how often the best of a shuffle reached the ratio) / (1 + replicates), so one p holds for all cylinders tried.

Circles hold every place up to their radius (great-circle distance, earth radius 6367 km): at most `--max-radius-km`, or
without it at most half of the cases. Windows are at most `--max-days`, or half of the period.

*Right* for emergency visits, sentinel hospitals, hotline topics: many places, daily counts, no denominators. *Not
right* when some places began or stopped reporting within the period (that is a cluster in space and time, too), when
the population moved, or for an outbreak that is everywhere at once: shuffling keeps each day's total, so a rise of the
whole city is invisible here and is `warn`'s to find.

*False alarms*: at p <= 0.05 one scan in twenty, by construction of the shuffles; scanned daily that is one every three
weeks, so act on recurrence or p <= 0.005. On 200 simulated towns (`python -m benchmarks.scan`: 60 places, three
visits a day for 30 days; half with eight more visits within 2 km over the last three days) 0.06 of the quiet ones had
p <= 0.05, and 0.71 of the outbreaks were found with most of their places.
"""
