"""Words and forms of an emergency: laws, levels, data sets, classes of contact; the declaration."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from wangge.console.ground import place_name
from wangge.emergencies.states import DataSet, Law, ResponseLevel
from wangge.outbreaks.states import ContactClass, ExposureKind, Severity

LAW_WORDS: dict[str, Promise] = {
    Law.INFECTIOUS_DISEASES: _("Law on infectious diseases (2025)"),
    Law.EMERGENCY_RESPONSE: _("Emergency response law (2024)"),
    Law.PUBLIC_HEALTH_EMERGENCIES: _("Regulation on public health emergencies"),
    Law.PERSONAL_INFORMATION: _("Personal information protection law, article 13(4)"),
}
LEVEL_WORDS: dict[str, Promise] = {
    ResponseLevel.LEVEL_1: _("Level I"),
    ResponseLevel.LEVEL_2: _("Level II"),
    ResponseLevel.LEVEL_3: _("Level III"),
    ResponseLevel.LEVEL_4: _("Level IV"),
}
DATA_WORDS: dict[str, Promise] = {
    DataSet.LINE_LIST: _("line list of patients"),
    DataSet.MANIFEST: _("passenger manifests"),
    DataSet.HOUSEHOLD: _("households of patients"),
    DataSet.VENUE: _("venues visited"),
    DataSet.ARRIVAL: _("arrivals"),
    DataSet.REGISTRY_FACTS: _("facts of the register"),
}
CONTACT_WORDS: dict[str, Promise] = {
    ContactClass.CLOSE_CONTACT: _("Close contact"),
    ContactClass.GENERAL_CONTACT: _("General contact"),
    ContactClass.CONTACT_OF_CONTACT: _("Contact of a contact"),
}
EXPOSURE_WORDS: dict[str, Promise] = {
    ExposureKind.TRAIN: _("on a train"),
    ExposureKind.FLIGHT: _("on a flight"),
    ExposureKind.COACH: _("on a coach"),
    ExposureKind.SHIP: _("aboard a ship"),
    ExposureKind.HOUSEHOLD: _("at home"),
    ExposureKind.VENUE: _("at a public place"),
    ExposureKind.WARD: _("in a ward"),
    ExposureKind.CLASS: _("in a class"),
}
SEVERITY_WORDS: dict[str, Promise] = {
    Severity.ASYMPTOMATIC: _("without symptoms"),
    Severity.MILD: _("mild"),
    Severity.MODERATE: _("moderate"),
    Severity.SEVERE: _("severe"),
    Severity.CRITICAL: _("critical"),
    Severity.UNKNOWN: _("not known"),
}
PURPOSE_CHOICES = (("epidemic_response", _("epidemic response")), ("care", _("care")))
CHANGE_WORDS: dict[str, Promise] = {
    "declare": _("declared"),
    "extend": _("extended"),
    "level": _("level changed"),
    "end": _("ended"),
}


@dataclass(frozen=True, slots=True)
class Area:
    """A division that can be put under the emergency."""

    code: str
    name: str
    deeper: bool


def _moment() -> forms.DateTimeInput:
    return forms.DateTimeInput(
        attrs={"type": "datetime-local", "data-width": "moment"}, format="%Y-%m-%dT%H:%M"
    )


def _day() -> forms.DateInput:
    return forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")


class DeclareForm(forms.Form):
    """Basis, areas with levels, purposes, data sets, END. The areas are fields named area-<code>."""

    name = forms.CharField(label=_("Name of the emergency"), max_length=120)
    law = forms.ChoiceField(label=_("Law it rests on"), choices=list(LAW_WORDS.items()))
    article = forms.CharField(
        label=_("Article"), max_length=80, help_text=_("For example 第五十三条, or art. 53.")
    )
    instrument = forms.CharField(
        label=_("Decision or order"), max_length=160, required=False, help_text=_("Number of the document.")
    )
    purposes = forms.MultipleChoiceField(
        label=_("Purposes"), choices=PURPOSE_CHOICES, widget=forms.CheckboxSelectMultiple
    )
    data_sets = forms.MultipleChoiceField(
        label=_("Data that may be brought together"),
        choices=list(DATA_WORDS.items()),
        widget=forms.CheckboxSelectMultiple,
        help_text=_("What is not named here is refused while the emergency lasts."),
    )
    ends_at = forms.DateTimeField(
        label=_("END"),
        help_text=_("At most 90 days away. At the end the key is destroyed and every row deleted."),
        widget=_moment(),
    )

    def __init__(self, *args: Any, areas: Sequence[Area], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.areas = areas
        choices = [("", "—"), *((level.value, LEVEL_WORDS[level]) for level in ResponseLevel)]
        for area in areas:
            self.fields[f"area-{area.code}"] = forms.ChoiceField(
                label=area.name, choices=choices, required=False
            )

    def chosen_areas(self) -> dict[str, ResponseLevel]:
        """Division code -> level, of those that were given one."""
        told = {a.code: self.cleaned_data.get(f"area-{a.code}") for a in self.areas}
        return {code: ResponseLevel(level) for code, level in told.items() if level}

    @property
    def area_fields(self) -> list[Any]:
        return [(area, self[f"area-{area.code}"]) for area in self.areas]

    @property
    def own_fields(self) -> list[Any]:
        return [field for field in self if not field.name.startswith("area-")]


class ExtendForm(forms.Form):
    """A later END, with the review that says why."""

    ends_at = forms.DateTimeField(label=_("New END"), widget=_moment())
    review = forms.CharField(
        label=_("Review"),
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("Why it is still needed, and what can be deleted already."),
    )


class AreaForm(forms.Form):
    """An area from which people come."""

    name = forms.CharField(
        label=_("Area"), max_length=80, help_text=_("As its people write it, such as 武汉.")
    )
    division = forms.CharField(
        label=_("Division code"), max_length=12, help_text=_("2, 4, 6, 9 or 12 digits, such as 420100.")
    )
    since = forms.DateField(label=_("Affected from"), widget=_day())
    until = forms.DateField(label=_("Affected until"), required=False, widget=_day())
    ground = forms.CharField(label=_("Notice it rests on"), max_length=200)


class EndForm(forms.Form):
    """The last word before everything is destroyed."""

    name = forms.CharField(label=_("Type the name of the emergency to end it"))
    reason = forms.CharField(label=_("Reason"), required=False, max_length=200)


class ListForm(forms.Form):
    """A line list or a manifest."""

    schema = forms.ChoiceField(
        label=_("What is it?"),
        choices=[
            ("patient", _("Line list of patients")),
            ("passenger", _("Passenger manifest of a train or flight")),
            ("stay", _("Registered or declared stays")),
        ],
        widget=forms.RadioSelect,
        initial="patient",
    )
    file = forms.FileField(label=_("File sent"), help_text=_("xlsx, xls or csv, as the department sends it."))


def together(minutes: float | None) -> str:
    """How long two were at one place, as one reads it; empty where the list states no times."""
    if not minutes:
        return ""
    if minutes < 24 * 60:
        hours, rest = divmod(round(minutes), 60)
        return str(_("%(hours)s h %(minutes)s min") % {"hours": hours, "minutes": rest})
    days = round(minutes / (24 * 60))
    return ngettext("%(n)s day", "%(n)s days", days) % {"n": days}


def place_word(names: Any, unit_no: int) -> str:
    """The grid's name; who is not on the map yet stands under the district's own number."""
    found = place_name(names, unit_no)
    return str(_("no place on the map yet")) if found.isdigit() else found


def in_a_month() -> str:
    """A first END to think about: thirty days from now."""
    return (timezone.localtime() + timedelta(days=30)).strftime("%Y-%m-%dT%H:%M")
