"""From buildings, barriers and borders to grids of about 300 households: balanced, whole, compact, in stable codes.

A grid lies in one community, hangs together, weighs about the target; estates that fit into one grid stay whole; a
school, hospital or office is a grid by itself; open land joins the homes beside it. What cannot all be had gives way
in this order: shape, a cut estate, the tolerance, a barrier, a grid in pieces, the bearable 25 %. A barrier is crossed
only where one side of it could not be grids of bearable weight by itself.

How: each community is put together from atoms (whole small estates; buildings where those do not fit). All connected
sets of atoms near the target are listed, and the cheapest choice that covers every atom once is found with the linear
relaxation's prices (GLOP): the same numbers that steer the search bound what any plan could reach. Small communities
are solved whole; large ones window by window from a first plan, only ever for the better. The search counts its work,
not the time, so a seed gives one plan on every machine, unless `--seconds` (of processor time for each process) cut
it, which the report says.

What is proven: `least_outside` of a community is a number of grids outside the tolerance that no plan stays below,
from weights alone, or, where the whole list of connected sets was searched, from neighbours too (without crossing
barriers). `proven_best`: no plan of these units is cheaper. Otherwise `why` says what was found, not that it is best.

A second plan (`--previous`) touches only grids that left the tolerance and their neighbours; each household that moves
has its price. Codes stay with the grid that keeps them, retired ones are never used again (`PLAN.codes.json`).

Mended and told (`--strict` refuses): overlaps and slivers (taken off the later unit), doubled parcels, outlines that
cross themselves, missing or negative weights (0), a community drawn in GCJ-02 among others in WGS-84. Told only:
communities below half a grid or above 20,000, buildings heavier than a grid. Refused: mixed coordinate systems.

Spark: never; communities are independent and small, two cores do a city.
"""
