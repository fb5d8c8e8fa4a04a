"""The form that brings in a file of grids."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from wangge.console.datums import DATUM_WORDS
from wangge.territory.states import Datum


class GridsForm(forms.Form):
    """A file of grids, what its coordinates refer to, and from which day it is to hold."""

    file = forms.FileField(
        label=_("File of grids"),
        help_text=_("GeoJSON, GeoPackage (.gpkg), or a Shapefile or GeoPackage in a zip."),
    )
    datum = forms.ChoiceField(
        label=_("Coordinates"),
        choices=[(datum.value, word) for datum, word in DATUM_WORDS.items()],
        help_text=_("What the file was drawn on. A wrong answer is seen against ground that is known."),
    )
    valid_from = forms.DateField(
        label=_("Holds from"),
        required=False,
        help_text=_("The first day of this version; today when left empty."),
        widget=forms.DateInput(attrs={"type": "date", "data-width": "short"}),
    )
    mend = forms.BooleanField(
        label=_("Close slivers"),
        required=False,
        help_text=_("Gaps and overlaps nowhere wider than a metre are closed, and listed as closed."),
    )

    def checked(self) -> dict[str, Any]:
        """The arguments of the door."""
        told = self.cleaned_data
        return {
            "file_name": told["file"].name,
            "body": told["file"].read(),
            "declared_datum": Datum(told["datum"]),
            "valid_from": told["valid_from"],
            "mend": told["mend"],
        }
