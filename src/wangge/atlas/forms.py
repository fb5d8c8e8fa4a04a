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
from wangge.planning.types import NetGiven
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
    Approach.NETS: _("From two nets: the fewest changes that make them one"),
}
ASKED = (Approach.LEAST_CHANGE, Approach.AFRESH)


class OfAreaForm(forms.Form):
    """Something of one area of those the person may see; ``AREA`` is the field it is chosen in."""

    AREA = "under"

    def __init__(self, areas: Sequence[tuple[str, str]], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields[self.AREA]
        assert isinstance(field, forms.ChoiceField), "the area is chosen from a list"
        field.choices = list(areas)


class PlanForm(OfAreaForm):
    """Area, approach, size of a grid."""

    under = forms.ChoiceField(
        label=_("Area"), help_text=_("A grid never crosses the border of its community.")
    )
    approach = forms.ChoiceField(
        label=_("How"),
        choices=[(one.value, APPROACHES[one]) for one in ASKED],
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

    def asked(self) -> dict[str, Any]:
        """The arguments of the flow."""
        told = self.cleaned_data
        return {
            "under": told["under"],
            "approach": Approach(told["approach"]),
            "target": float(told["target"]),
            "tolerance": told["tolerance"] / 100,
        }


class BarriersForm(OfAreaForm):
    """A file of lines, the area it is for, what the lines are and what they were drawn on."""

    AREA = "division"

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


class NetsForm(OfAreaForm):
    """The area, the net to compare with the grids in force, or both nets, and what they were drawn on."""

    under = forms.ChoiceField(label=_("Area"), help_text=_("Its buildings weigh what differs."))
    file_b = forms.FileField(
        label=_("The other department's net"),
        help_text=_("GeoJSON, GeoPackage (.gpkg), or a Shapefile in a zip, with a code for each grid."),
    )
    datum_b = forms.ChoiceField(
        label=_("Coordinates"), choices=[(datum.value, word) for datum, word in DATUM_WORDS.items()]
    )
    file_a = forms.FileField(
        label=_("First net"),
        required=False,
        help_text=_("Left empty, the grids in force are the first net; a plan can be drafted from that."),
    )
    datum_a = forms.ChoiceField(
        label=_("Coordinates of the first net"),
        required=False,
        choices=[(datum.value, word) for datum, word in DATUM_WORDS.items()],
    )

    def asked(self) -> dict[str, Any]:
        """The arguments of the door."""
        told = self.cleaned_data

        def given(side: str) -> NetGiven | None:
            file = told[f"file_{side}"]
            datum = Datum(told[f"datum_{side}"] or Datum.WGS84)
            return NetGiven(file.name, file.read(), datum) if file else None

        return {"under": told["under"], "a": given("a"), "b": given("b")}


class NetPlanForm(forms.Form):
    """What a grid of the plan is to be measured by."""

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
        widget=forms.NumberInput(attrs={"data-width": "short"}),
    )

    def asked(self) -> dict[str, Any]:
        """The arguments of the flow."""
        told = self.cleaned_data
        return {"target": float(told["target"]), "tolerance": told["tolerance"] / 100}


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
