"""Who met an infectious person, by a versioned rule pack: who shared a place with them, for how long, how near.

Two people meet when both are at one place (``place_id`` and ``place_kind``) at one moment, while one is infectious.
Touching ends are no meeting. However the rows are cut, shared time counts once; nobody is their own contact.

**Rules.** A pack lists, for each kind of place, rules from near to wide. Time spent nearer counts for the wider rules,
too. A pair at a place gets the nearest rule whose minutes are reached, and one row:

- `overlap_minutes`: the minutes that count for that rule. `single`: only shared stays of at least the minimum;
  `day`: only local calendar days on which shared stays add up to it. Shorter ones are left out of the minutes, of
  `first_at` and of `last_at`, because observation runs from the last contact that counts.
- `distance_rows`: the fewest rows between the two, where both rows are known and the carriage is not another one.
- **Unknown seats** (also carriage, compartment, household): what a seat could tell is open, so the next wider rule
  that holds is taken, and where there is none the rule itself; `rule_id` then ends `.seat_unknown`
  (`.household_unknown`), and the summary counts it. An unknown seat is never a safe seat.

**Geometry** (`within`): `place` everybody; `household` the same `household_id` (neither stated: the place is the
household); `carriage`; `compartment`; `bay` (numbered compartment, or two facing rows) and so many bays on; `rows` the
same row and so many to either side; `crew` one of the two serves there. The row is `row`, or the number before the
letter of a `seat` ("07A"); a bare seat number names no row. Crew are rows whose `seat`, `row`, `compartment` or
`carriage` says so (the pack lists the words). A carriage counts where either row states one.

**Infectious time** is `infectious_from` to `infectious_to` of the index file; several rows of one person are united.
Where `infectious_from` is empty and there is a column `onset`, it is the onset minus the pack's window; an empty
`infectious_to` is open. A date alone is that whole day.

**Times** are ISO 8601 with offset, or local (`--tz`, Asia/Shanghai where none is named). Local times that daylight
saving skips are rejected, as are ends before starts and unknown kinds of place. Columns nobody knows here pass
through, from the earliest row of the contact that counts; those of the index file too (`index_` before a name that is
taken).

**Two places at once.** Rows of a person who is at two places at one moment are kept and flagged (`flags.csv` beside
the output, `--flags`): whether a clock was wrong or somebody used another's ticket is for a human. Up to two million
rows everybody is checked, beyond that index persons while infectious (`--check-all` checks everybody).

**Cost.** Of a Parquet file a sample tells how many rows fall into the time when anybody was infectious. Where they are
no more than half of the file (or the file is short) and fit into two thirds of `--memory` (about 75 bytes each, more
with seats), the file is read once and they are held; otherwise it is read twice, once for the index persons' rows and
once for those near them: of more rows than half, new memory costs more than reading them again does. Rows that cannot
stand are found in the same reading. Only index persons' stays are joined, by place and part of the day, so one place
with a million rows costs no more than any other million rows. `--engine spark` runs the same expressions.

Measured (`python -m benchmarks.contacts`, two cores with nothing else on them, medians of three, 1,000 index persons,
1.3 M contacts written), against a filter that touches the five columns of every row: 10, 30 and 100 M rows take 4.0,
6.3 and 14.3 CPU seconds where all were infectious in one week of the month (read once; at 100 M 2.7 times the filter
by the clock, 2.3 GB), and 5.3, 9.6 and 22.1 where each had another week (30 M were held then; 100 M are read twice:
4.0 times, 1 GB). Twice is the limit there: decoding the five columns costs as much as the filter itself, so two
readings are 2, finding the index persons' names .35, who was near .8 to 1.1; the rest is writing.
"""
