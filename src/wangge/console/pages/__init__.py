"""Pages of the frame itself; and all page modules of the house, found by their desks.

A desk is an installed room whose `AppConfig` names its package of `pages`: the frame finds desks, it imports none. A
module gives `urlpatterns`; where it wants them also `NAV` (Nav or a list of them), `needs(access)` and
`figures(access)` for the first page. See docs/pages.md.
"""

from __future__ import annotations

import importlib
import pkgutil
from functools import cache
from types import ModuleType

from django.apps import apps


@cache
def page_modules() -> tuple[ModuleType, ...]:
    """All page modules of all desks, by their own name whichever desk they stand at."""
    desks = [pages for config in apps.get_app_configs() if (pages := getattr(config, "pages", ""))]
    found = [
        (module.name, desk)
        for desk in desks
        for module in pkgutil.iter_modules(importlib.import_module(desk).__path__)
    ]
    return tuple(importlib.import_module(f"{desk}.{name}") for name, desk in sorted(found))
