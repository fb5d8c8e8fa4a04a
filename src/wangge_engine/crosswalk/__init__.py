"""Two departments' nets of grids laid over each other: what lies in both, where they differ, how few changes make one.

A row is a pair of grids that share ground: `a, b, area_m2, share_a, share_b, households`. Ground of one net that the
other leaves open has an empty `a` or `b`. Shares are of the grid's own area (of its households where nets are tables of
units). Ground thinner than `--ignore-m` is drawing noise and left out; the report says how much that was.

Households come from `--units`, each counted where it stands (a building, point or polygon, by a point inside it); else
from the households that one net carries, spread over its ground by area; else there are none. The report says which.

Each grid is `same` (it and its partner share 95 % both ways), `split` (it lies in several grids of the other net, each
its own), `part` (it is one of several in one grid of the other) or `crossed` (both). Conflicts inside each net - gaps,
overlaps, slivers, codes twice - stand in the report with place and size.

The fewest changes: the nets are one when each grid of `a` has at most one partner in `b`, no partner has two, and
every household lies in a grid and in its partner. Whoever lives in the pair (a, b) may stay if and only if b is a's
partner; else one net must hand that ground over. So the least weight that moves is the whole less the heaviest matching
of grids by what they share. It is found exactly (sparse Jonker-Volgenant; to a millionth of a household), not by a
heuristic. The weight is households; without them, square metres. `changes` lists every piece that moves: in net `a` it
goes to `to_a`, the partner of its `b` (empty: a new grid is needed there), or else in net `b` to `to_b`. Ground that
only one net covers is no change: nobody else claims it.

Spark: never; overlays are local and a city's nets take seconds here.
"""
