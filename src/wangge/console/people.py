"""Names behind the ids that steps, tasks and ledger entries carry."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from wangge.access import queries
from wangge.kernel.access import Access
from wangge.sources import queries as sources


def _chinese() -> bool:
    return (get_language() or "").startswith("zh")


def staff_names(access: Access, ids: Iterable[str]) -> dict[str, str]:
    """Display names of accounts and of the platform's own actors, by actor id."""
    wanted = {i for i in ids if i}
    found = {i: _("the platform (%(job)s)") % {"job": i.partition(":")[2]} for i in wanted if ":" in i}
    plain = [i for i in wanted if ":" not in i]
    if plain:
        for person in queries.staff(access, ids=plain):
            shown = person.display_zh if _chinese() else person.display_en
            found[str(person.id)] = shown or person.username
    return found


def organisation_names(access: Access) -> dict[UUID, str]:
    """Names of all organisations, by id, in the order of their codes; empty for who may not see them."""
    if not queries.may(access, queries.organisations):
        return {}
    return {
        o.id: (o.name_zh if _chinese() else o.name_en) or o.name_zh for o in queries.organisations(access)
    }


def source_names(access: Access) -> dict[str, str]:
    """What a source is called, by the code that facts carry; empty for who may not see the catalogue."""
    if not queries.may(access, sources.source_names):
        return {}
    found: dict[str, str] = {}
    for view in sources.source_names(access):
        found.setdefault(view.code.partition("__")[0], view.name_zh if _chinese() else view.name_en)
    return found
