"""Every read that leaves the room."""

from wangge.territory.queries.buildings import building_keys, buildings
from wangge.territory.queries.divisions import division, divisions
from wangge.territory.queries.grids import export_grids, grid, grid_history, grids
from wangge.territory.queries.ground import community_grounds
from wangge.territory.queries.maps import map_defects, map_divisions, map_grids
from wangge.territory.queries.places import locate, map_stamp, units_of_addresses, units_of_points
from wangge.territory.queries.reports import import_report, import_reports

__all__ = [
    "building_keys",
    "buildings",
    "community_grounds",
    "division",
    "divisions",
    "export_grids",
    "grid",
    "grid_history",
    "grids",
    "import_report",
    "import_reports",
    "locate",
    "map_defects",
    "map_divisions",
    "map_grids",
    "map_stamp",
    "units_of_addresses",
    "units_of_points",
]
