"""Do the grids of a file tile their ground? Every gap, overlap, sliver, crossing, doubled code and stray grid.

Each defect has its place (longitude and latitude, WGS-84) and its size (m2, on the ellipsoid). Files: GeoJSON,
GeoPackage, or a Shapefile in one zip, in any coordinate system they name; GCJ-02 and BD-09 are declared with
`--datum` and, with `--within`, held against known ground. Columns, kinds of defect and their weight: see
[Grids and the map](../territory.md), where the same check guards what the platform takes in.

Spark: never; one file of one territory is checked in memory (the overlays need all neighbours at hand).
"""
