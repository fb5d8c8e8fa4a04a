"""From buildings, barriers and borders to grids of about 300 households: balanced, whole, compact, in stable codes.

A grid lies in one community, hangs together, weighs about the target; estates that fit into one grid stay whole; a
school, hospital or office is a grid by itself; open land joins the homes beside it. What cannot all be had gives way
in this order: shape, a cut estate, the tolerance, a barrier, a grid in pieces, the bearable 25 %. A barrier is crossed
only where one side of it could not be grids of bearable weight by itself.

![The first plan, found at once, and the plan after the search: blue is light, red heavy](../pictures/engine-divide.png)

How: a first plan comes from random spanning trees within a second. Then each community is put together anew from
atoms: single buildings as long as all their connected sets near the target can be listed (up to about a million),
else small estates kept whole and the smallest buildings joined, as little as needed. What a single building cuts off
and is no grid goes with it; where the community's total leaves the grids little room, only sets in that room are
listed. From the list the cheapest choice that covers every atom once is found with the linear relaxation's prices
(GLOP): the same numbers that steer the search bound what any plan could reach. First with no grid outside the
tolerance; where there is no such plan with one, then two. What joined buildings left is mended in windows of four
grids, large communities in windows of six, only ever for the better. Last, every cut estate is put to the question:
with each choice of one cut fewer, all other small estates whole, is there a plan? What is found counts where it is
cheaper, shape and all. The search counts its work, not the time, so a seed gives one plan on every machine, unless
`--seconds` (of processor time for each process) cut it, which the report says.

What is proven, of plans of bearable grids (within 25 %) that cross no barrier: `least_outside` of a community is a
number of grids outside the tolerance that no such plan stays below: from weights alone, from a building that no
neighbours complete to a grid, or from the whole list of connected sets. `least_cut`: with as many grids outside as the
plan has, no fewer small estates are cut (0: not proven). `least_beyond`: 1 where there is no plan of bearable grids at
all. `least_across_barrier`: what barriers cut off and is no grid has to go across, into so many grids at least.
`proven_best`: no plan of these units is cheaper. Otherwise `why` says what was found, not that it is best.

A second plan (`--previous`) touches only communities where a grid left the tolerance; each household that moves has its
price. Windows around such a grid are divided anew, also into more or fewer grids; beside that the fewest moves between
the old grids are reckoned exactly (CP-SAT), and the cheaper is taken. `moved` tells, by community, what moved and the
`least` that moves in every plan with no more grids outside, whatever grids it makes anew or ends. Codes stay with the
grid that keeps them, retired ones are never used again (`PLAN.codes.json`).

Mended and told (`--strict` refuses): overlaps and slivers (taken off the later unit), doubled parcels, outlines that
cross themselves, missing or negative weights (0), a community drawn in GCJ-02 among others in WGS-84. Told only:
communities below half a grid or above 20,000, buildings heavier than a grid. Refused: mixed coordinate systems.

Spark: never; communities are independent and small, two cores do a city.
"""
