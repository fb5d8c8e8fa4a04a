"""How two nets that are compared are said: relations of grids, fates of ground, weights."""

from __future__ import annotations

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from wangge.planning.states import PairFate

RELATIONS: dict[str, Promise] = {
    "same": _("the same in both nets"),
    "split": _("split among several grids of the other"),
    "part": _("part of a larger grid of the other"),
    "crossed": _("crossed by grids of the other"),
    "alone": _("without any grid of the other"),
}
FATES: dict[PairFate, Promise] = {
    PairFate.STAYS: _("stays"),
    PairFate.MOVES: _("has to move"),
    PairFate.ONLY_A: _("in the first net only"),
    PairFate.ONLY_B: _("in the second net only"),
}
DEFECTS: dict[str, Promise] = {
    "gap": _("gaps"),
    "overlap": _("overlaps"),
    "sliver_gap": _("slivers left open"),
    "sliver_overlap": _("slivers covered twice"),
    "duplicate_code": _("codes given twice"),
    "self_intersection": _("outlines that cross themselves"),
    "multipart": _("grids in pieces"),
    "detached": _("grids apart from the others"),
}


def weight_words(weight: float, unit: str) -> str:
    """Households, or square metres where nobody counted them."""
    if unit == "m2":
        return f"{weight:,.0f} m²"
    number = round(weight)
    return ngettext("%(n)s household", "%(n)s households", number) % {"n": f"{number:,}"}
