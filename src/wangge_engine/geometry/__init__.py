"""Shapes in longitude and latitude: areas on the ellipsoid, widths in metres, repairs, which grid a point is in.

Plain functions on shapely geometries; no files, no Django, no database.
"""
