"""Every write of the room."""

from wangge.territory.actions.borders import import_borders
from wangge.territory.actions.buildings import import_buildings, relocate_buildings
from wangge.territory.actions.changes import change_grid
from wangge.territory.actions.divisions import end_division, import_divisions, import_reference_divisions
from wangge.territory.actions.grids import import_grids
from wangge.territory.actions.holding import accept_grids, discard_grids

__all__ = [
    "accept_grids",
    "change_grid",
    "discard_grids",
    "end_division",
    "import_borders",
    "import_buildings",
    "import_divisions",
    "import_grids",
    "import_reference_divisions",
    "relocate_buildings",
]
