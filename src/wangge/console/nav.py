"""The left navigation, by what the reader's post and purpose allow."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from types import ModuleType

from django.urls import reverse
from django.utils.functional import Promise

from wangge.access.queries import may
from wangge.console.page import Nav
from wangge.console.pages import page_modules
from wangge.kernel.access import Access


@dataclass(frozen=True, slots=True)
class NavLine:
    href: str
    word: Promise | str
    icon: str
    key: str
    current: bool


def _lines_of(module: ModuleType) -> list[Nav]:
    nav = getattr(module, "NAV", ())
    return [nav] if isinstance(nav, Nav) else list(nav)


@cache
def _entries() -> tuple[Nav, ...]:
    found = [line for module in page_modules() for line in _lines_of(module)]
    return tuple(sorted(found, key=lambda n: (n.group, n.order)))


def open_to(module: ModuleType, access: Access) -> bool:
    """Whether a page module has anything for this reader: asked first, so that no refusal is written for looking.

    True for a module without a line of its own; such a one asks `may` by itself.
    """
    lines = _lines_of(module)
    return not lines or any(n.door is None or may(access, n.door) for n in lines)


def navigation(access: Access, path: str) -> tuple[tuple[NavLine, ...], ...]:
    """Groups of lines; the line whose address is the longest start of `path` is current."""
    shown = [n for n in _entries() if n.door is None or may(access, n.door)]
    addresses = {n.url_name: reverse(n.url_name) for n in shown}
    here = max(
        (a for a in addresses.values() if path == a or (a != "/" and path.startswith(a))), key=len, default=""
    )
    groups: dict[int, list[NavLine]] = {}
    for n in shown:
        href = addresses[n.url_name]
        groups.setdefault(n.group, []).append(NavLine(href, n.word, n.icon, n.key, href == here))
    return tuple(tuple(lines) for _, lines in sorted(groups.items()))
