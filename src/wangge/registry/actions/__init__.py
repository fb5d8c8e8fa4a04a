"""Every write of the registry."""

from wangge.registry.actions.deciding import decide
from wangge.registry.actions.grounds import import_grounds
from wangge.registry.actions.importing import import_linkage
from wangge.registry.actions.organisations import import_organisations
from wangge.registry.actions.running import ask_linkage, begin_linkage, end_linkage

__all__ = [
    "ask_linkage",
    "begin_linkage",
    "decide",
    "end_linkage",
    "import_grounds",
    "import_linkage",
    "import_organisations",
]
