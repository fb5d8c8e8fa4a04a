"""Names behind the ids that steps, tasks and ledger entries carry."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from wangge.access import queries
from wangge.kernel.access import Access


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
    """Names of all organisations, by id, in the order of their codes."""
    return {
        o.id: (o.name_zh if _chinese() else o.name_en) or o.name_zh for o in queries.organisations(access)
    }
