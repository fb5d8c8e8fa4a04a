"""Every write of the room."""

from wangge.landscape.actions.assets import import_assets
from wangge.landscape.actions.barriers import import_barriers, remove_barriers

__all__ = ["import_assets", "import_barriers", "remove_barriers"]
