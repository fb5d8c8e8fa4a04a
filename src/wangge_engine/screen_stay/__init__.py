"""Who stayed in an affected area long enough, lately enough: "two hours or more within 15 days" and rules like it.

A stay counts where it overlaps the time its area was affected (`from` to `to` of the areas' file; an empty end is open)
and the window before `--as-of`. `--as-of` a date: local days, from so many days before that date to its end, both
included. `--as-of` an instant: exactly so long before it. What a person stayed in one area is united (cut or repeated
rows count once), summed over the window, and listed when it reaches `--min-stay`; `first_at`, `last_at` are the first
and last moment that counts. Several periods of one area are united, too.

Stays come from the person, from a transport manifest, or from lodging and venue registration under a declared
emergency. There is no importer for phone, camera or plate data, and none is to be built.

Times are ISO 8601 with offset, or local (`--tz`, Asia/Shanghai where none is named); a date alone is that whole day.
Columns nobody knows here pass through from a person's earliest row that counts. `--engine spark` runs the same
expression with the same rows, on Java 17 or Sail (see `contacts`).
"""
