"""划分 planning: plans of grids that are not in force yet: drawn, mended by hand, compared, published.

Here stand: the plan, its plots and grids, every step taken by hand. Here never stands: the ground and the grids in
force (territory), which only publishing changes, as a new version from a day on.
"""
