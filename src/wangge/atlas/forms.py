"""What a plan of grids is asked for with, and from which day it is to hold."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from wangge.console.datums import DATUM_WORDS
from wangge.landscape.states import BarrierKind
from wangge.planning.states import Approach
from wangge.territory.states import Datum

LINE_WORDS = {
    BarrierKind.ROAD: _("Road"),
    BarrierKind.RIVER: _("River"),
    BarrierKind.RAILWAY: _("Railway"),
    BarrierKind.WALL: _("Wall"),
}

APPROACHES = {
    Approach.LEAST_CHANGE: _("Change as little as possible: mend only grids that are too large or too small"),
    Approach.AFRESH: _("Draw afresh: look for the best grids, keep codes where they stay recognisable"),
}


class PlanForm(forms.Form):
    """Area, approach, size of a grid."""

    under = forms.ChoiceField(
        label=_("Area"), help_text=_("A grid never crosses the border of its community.")
    )
    approach = forms.ChoiceField(
        label=_("How"),
        choices=[(one.value, word) for one, word in APPROACHES.items()],
        widget=forms.RadioSelect,
        initial=Approach.LEAST_CHANGE.value,
    )
    target = forms.IntegerField(
        label=_("Households of a grid"),
        min_value=1,
        max_value=20_000,
        initial=300,
        widget=forms.NumberInput(attrs={"data-width": "short"}),
    )
    tolerance = forms.IntegerField(
        label=_("Tolerance, per cent"),
        min_value=1,
        max_value=50,
        initial=10,
        help_text=_("A grid this near to the target counts as on it."),
        widget=forms.NumberInput(attrs={"data-width": "short"}),
    )

    def __init__(self, areas: Sequence[tuple[str, str]], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["under"]
        assert isinstance(field, forms.ChoiceField), "the area is chosen from a list"
        field.choices = list(areas)

    def asked(self) -> dict[str, Any]:
        """The arguments of the flow."""
        told = self.cleaned_data
        return {
            "under": told["under"],
            "approach": Approach(told["approach"]),
            "target": float(told["target"]),
            "tolerance": told["tolerance"] / 100,
        }


class BarriersForm(forms.Form):
    """A file of lines, the area it is for, what the lines are and what they were drawn on."""

    file = forms.FileField(
        label=_("File of lines"),
        help_text=_(
            "GeoJSON, GeoPackage (.gpkg), or a Shapefile in a zip. Outlines of areas count as lines."
        ),
    )
    division = forms.ChoiceField(
        label=_("Area"),
        help_text=_("A file of the same name for the same area takes the place of the former."),
    )
    kind = forms.ChoiceField(
        label=_("What they are"),
        required=False,
        choices=[
            ("", _("As each line says itself (else roads)")),
            *((k.value, w) for k, w in LINE_WORDS.items()),
        ],
    )
    datum = forms.ChoiceField(
        label=_("Coordinates"), choices=[(datum.value, word) for datum, word in DATUM_WORDS.items()]
    )

    def __init__(self, areas: Sequence[tuple[str, str]], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["division"]
        assert isinstance(field, forms.ChoiceField), "the area is chosen from a list"
        field.choices = list(areas)

    def asked(self) -> dict[str, Any]:
        """The arguments of the door."""
        told = self.cleaned_data
        return {
            "file_name": told["file"].name,
            "body": told["file"].read(),
            "division": told["division"],
            "kind": BarrierKind(told["kind"]) if told["kind"] else None,
            "declared_datum": Datum(told["datum"]),
        }


class PublishForm(forms.Form):
    """The first day of the new version."""

    valid_from = forms.DateField(
        label=_("Holds from"),
        help_text=_("The days before keep the grids they had."),
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date", "data-width": "short"}),
    )

    @classmethod
    def from_day(cls, day: date) -> PublishForm:
        """The form with a day filled in."""
        return cls(initial={"valid_from": day})
