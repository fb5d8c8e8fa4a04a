"""One module a page group, found by its name.

A module gives `urlpatterns`; where it wants them also `NAV` (Nav or a list of them), `needs(access)` and
`figures(access)` for the first page. See docs/pages.md.
"""

from __future__ import annotations

import importlib
import pkgutil
from functools import cache
from types import ModuleType


@cache
def page_modules() -> tuple[ModuleType, ...]:
    """All page modules of this package, by name."""
    names = sorted(found.name for found in pkgutil.iter_modules(__path__))
    return tuple(importlib.import_module(f"{__name__}.{name}") for name in names)
