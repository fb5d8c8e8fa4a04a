"""The short names of what can be wrong with a file of grids."""

from __future__ import annotations

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from wangge.territory.states import DefectKind

DEFECT_WORDS: dict[DefectKind, Promise] = {
    DefectKind.MISSING_GEOMETRY: _("No shape"),
    DefectKind.NOT_POLYGON: _("Not an area"),
    DefectKind.SELF_INTERSECTION: _("Border crosses itself"),
    DefectKind.GAP: _("Gap"),
    DefectKind.OVERLAP: _("Overlap"),
    DefectKind.SLIVER_GAP: _("Thin gap"),
    DefectKind.SLIVER_OVERLAP: _("Thin overlap"),
    DefectKind.SLIVER_GRID: _("Grid is a sliver"),
    DefectKind.MULTIPART: _("Grid in pieces"),
    DefectKind.DUPLICATE_CODE: _("Code used twice"),
    DefectKind.BAD_CODE: _("Code not valid"),
    DefectKind.BAD_ATTRIBUTE: _("Attribute not valid"),
    DefectKind.UNKNOWN_COMMUNITY: _("Community unknown"),
    DefectKind.OUTSIDE_COMMUNITY: _("Outside its community"),
    DefectKind.DETACHED: _("Apart from its community"),
    DefectKind.EMPTY_COMMUNITY: _("Community without grids"),
    DefectKind.NAME_EMBEDS_PARENT: _("Name carries its parent"),
    DefectKind.COORDINATES_MISSING: _("Coordinates missing"),
    DefectKind.COORDINATES_SWAPPED: _("Latitude first"),
    DefectKind.COORDINATES_PROJECTED: _("Metres, not degrees"),
    DefectKind.COORDINATES_OUTSIDE: _("Coordinates out of range"),
    DefectKind.WRONG_DATUM: _("Wrong datum"),
    DefectKind.DATUM_UNVERIFIED: _("Datum not verified"),
}
