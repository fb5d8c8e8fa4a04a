"""地物 landscape: what stands on the ground and is nobody's home: lines that part it, fixtures that are kept.

Here stand: roads, rivers, rails and walls that a grid should not cross; 部件 (lamps, manholes, benches) with their
place, owner and keeper. Never here: divisions, grids and buildings (territory), what is wrong with a fixture (cases).
"""
