"""Area tiers: each area's colour by a written rule, with the facts that gave it and when it would change by itself.

In: cases (`case_id, area_id, onset, local, cluster_id`), areas (`area_id, name`), a rule pack (TOML), a date. Out, one
row per area: `area_id, colour, rule_id, facts, changes_on`, then every other column of the areas. `facts` is a JSON
object with every figure the pack counts and `last_onset`; `changes_on` is the first day on which the colour would be
another if no case came, empty when it would stay. Only cases with an onset up to the date count, so that any past day
can be told again as it was.

A pack names its validity, its source, the facts it counts and its rules in order; the first rule whose conditions all
hold decides, the last one has none. A fact counts `cases`, `local` or `imported` cases, `clusters` (different
cluster_id) or the `local_share` of cases; with `days = 14` only onsets of the last 14 days, the date included: an onset
on 1 February is within 14 days up to the 14th, and the 15th is the first day with none new for 14 days. A case whose
`local` is empty counts as local. Shipped packs, by name:

- `national-2020-02`: three tiers by county of the State Council's joint mechanism, 17 February 2020: low without case
  or with none new for 14 days; high with more than 50 cases and a cluster within 14 days; else medium.
- `five-colour-county`: red, orange, yellow, blue, green as Zhejiang's county map of 9 February 2020 was described:
  cumulative cases, share of local ones, clusters, three days without a new case. The province's own cut-offs were not
  published; those in the pack are ours, and say so.

A tier is about an area. It says nothing about anybody who lives there, and no person is graded by it.
*Right* while cases are found and dated within days. *Not right* where testing stops (no case is then no finding), for
areas so small that one household makes a tier, or when onset dates lag by more than the windows: the colour then
describes last week.
"""
