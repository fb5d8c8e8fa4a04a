"""Every write of the registry."""

from wangge.registry.actions.deciding import decide
from wangge.registry.actions.importing import import_linkage
from wangge.registry.actions.organisations import import_organisations

__all__ = ["decide", "import_linkage", "import_organisations"]
