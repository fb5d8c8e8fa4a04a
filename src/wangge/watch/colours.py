"""Colours of areas in words and counts: what two pages of an emergency show."""

from __future__ import annotations

from collections import Counter
from uuid import UUID

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from wangge.access.queries import may
from wangge.insight import queries
from wangge.kernel.access import Access

COLOURS = ("red", "orange", "yellow", "blue", "green")
FACT_WORDS: dict[str, Promise] = {
    "cumulative": _("cases so far"),
    "new_3": _("cases of the last 3 days"),
    "new_7": _("cases of the last 7 days"),
    "new_14": _("cases of the last 14 days"),
    "clusters_14": _("clusters of the last 14 days"),
    "local_share": _("share infected here"),
}


def colour_counts(access: Access, emergency: UUID) -> list[tuple[str, int]]:
    """How many communities have each colour; empty where nothing was graded yet."""
    if not may(access, queries.area_tiers):
        return []
    tiers = queries.area_tiers(access, emergency_id=emergency)
    counts = Counter(t.colour for t in tiers if t.level == "community" and t.colour)
    return [(colour, counts[colour]) for colour in COLOURS] if tiers else []
