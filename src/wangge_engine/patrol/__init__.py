"""Rounds for one grid: which homes on which day, in which order, so that each is verified within the month.

Two rounds of 90 minutes a day (the published practice; MISSION S4), on at most 22 days of the month. Every home is
visited; a home of higher priority oftener, spread over the month; a home with a known good hour at that hour.

- Days: Mondays to Fridays, then Saturdays until there are enough; never more than six days in a row, never a day of
  ``--off`` or ``--rest``. The planner has no switch to break these: what does not fit is not planned, and said.
- Times a home is visited: the lowest priority in the file once, the next twice, the next four times, then every
  workday week at the most (``--times LEVEL=N`` says otherwise). The month is cut into as many equal parts as visits,
  one visit in each, and the homes keep their turn in every part, so that visits lie about one part from each other.
- Calendar: OR-Tools CP-SAT. Homes that are alike (same neighbourhood, same part of the month, same good hours) are one
  integer variable a round, so 300 homes are some 2,000 variables. It minimises homes left out (priority first), then
  good hours missed, then neighbourhoods entered by a round, and neighbourhoods of neighbourhoods.
- Order inside a round: the walk that ends soonest, exact for up to nine visits (dynamic programming over subsets; Held
  and Karp 1962), nearest neighbour beyond. A routing solver gains nothing inside one grid.
- A visit that the walk of its round cannot hold goes into the round of its part of the month where it costs least, at
  its good hour if any can, else at another hour (``good_hours`` in the report), else it is left out (``left_out``).

Right for: one grid and one worker. Not for several workers at once (make one grid each with `divide`), nor for cars.

Spark: never; one grid is a few hundred homes.
"""
