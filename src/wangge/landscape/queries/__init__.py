"""Every read that leaves the room."""

from wangge.landscape.queries.assets import asset, asset_kinds, assets, map_assets
from wangge.landscape.queries.barriers import barrier_files, barriers, map_barriers

__all__ = ["asset", "asset_kinds", "assets", "barrier_files", "barriers", "map_assets", "map_barriers"]
