"""Forms of a matter: to report it, and one for each step that needs words."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any
from uuid import UUID

from django import forms
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from wangge.cases.states import SourceKind
from wangge.cases.types import CategoryView

SOURCE_WORDS = {
    SourceKind.GRID_WORKER: _("Grid worker"),
    SourceKind.RESIDENT: _("Resident"),
    SourceKind.HOTLINE: _("Hotline"),
    SourceKind.DEPARTMENT: _("Department"),
    SourceKind.LEADER: _("Leader"),
    SourceKind.SENSOR: _("Sensor"),
    SourceKind.IMPORT: _("Another system"),
}
_LONG = {"rows": 3}


def category_choices(categories: Iterable[CategoryView]) -> list[tuple[str, Any]]:
    """Categories in their groups, for a select; first the empty choice."""
    chinese = (get_language() or "").startswith("zh")
    groups: dict[str, list[tuple[str, str]]] = {}
    for category in categories:
        group = category.group_zh if chinese else category.group_en[:1].upper() + category.group_en[1:]
        code = (
            f"{category.kind}{category.code}"
            if not category.code.startswith(category.kind)
            else category.code
        )
        word = category.zh if chinese else category.en
        groups.setdefault(group, []).append((category.code, f"{word} {code}"))
    return [("", "—"), *groups.items()]


class NoteForm(forms.Form):
    """A step that takes words; the table of steps says whether they are needed."""

    note = forms.CharField(label=_("Remarks"), max_length=2000, widget=forms.Textarea(attrs=_LONG))

    def __init__(self, *args: Any, verb: str = "", needed: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        note = self.fields["note"]
        note.required = needed
        if verb == "resolve":
            note.label = _("What was done")
        elif verb == "precheck":
            note.label = _("What was found on the spot")
        elif needed:
            note.label = _("Reason")


class DispatchForm(forms.Form):
    """To whom, until when."""

    organisation = forms.ChoiceField(label=_("Handled by"))
    deadline_at = forms.DateTimeField(
        label=_("Own deadline"),
        required=False,
        help_text=_("Left empty, the limit of the category applies."),
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}),
    )
    note = forms.CharField(
        label=_("Remarks"), required=False, max_length=2000, widget=forms.Textarea(attrs={"rows": 2})
    )

    def __init__(self, *args: Any, organisations: Mapping[UUID, str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["organisation"]
        field.choices = [("", "—"), *((str(i), name) for i, name in organisations.items())]  # type: ignore[attr-defined]


class EvaluateForm(forms.Form):
    """How it was handled."""

    score = forms.TypedChoiceField(
        label=_("How was it handled?"),
        coerce=int,
        widget=forms.RadioSelect,
        choices=[
            (5, _("5 very good")),
            (4, _("4 good")),
            (3, _("3 fair")),
            (2, _("2 weak")),
            (1, _("1 poor")),
        ],
    )
    note = forms.CharField(
        label=_("Remarks"), required=False, max_length=2000, widget=forms.Textarea(attrs={"rows": 2})
    )


class ReportForm(forms.Form):
    """A matter comes in."""

    category_code = forms.ChoiceField(label=_("Category"))
    title = forms.CharField(
        label=_("What happened"), max_length=200, help_text=_("One sentence that says what and where.")
    )
    place = forms.CharField(
        label=_("Address"),
        required=False,
        max_length=300,
        help_text=_("As people write it: estate, building, door."),
    )
    grid = forms.RegexField(
        r"^\d{15}$",
        label=_("Grid"),
        required=False,
        help_text=_("Choose it on the map, or leave it empty: the address is looked up."),
        widget=forms.TextInput(attrs={"data-width": "code", "data-takes": "grid", "inputmode": "numeric"}),
    )
    description = forms.CharField(
        label=_("Details"), required=False, max_length=4000, widget=forms.Textarea(attrs=_LONG)
    )
    source_kind = forms.ChoiceField(label=_("Came in through"))
    reporter_name = forms.CharField(label=_("Reported by"), required=False, max_length=60)
    reporter_phone = forms.CharField(
        label=_("Their phone"),
        required=False,
        max_length=30,
        widget=forms.TextInput(attrs={"type": "tel", "data-width": "short"}),
    )
    origin = forms.CharField(required=False, max_length=80, widget=forms.HiddenInput)
    client_id = forms.UUIDField(widget=forms.HiddenInput)

    def __init__(
        self,
        *args: Any,
        categories: Iterable[CategoryView],
        sources: Iterable[SourceKind] = tuple(SOURCE_WORDS)[:5],
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.fields["category_code"].choices = category_choices(categories)  # type: ignore[attr-defined]
        self.fields["source_kind"].choices = [(s.value, SOURCE_WORDS[s]) for s in sources]  # type: ignore[attr-defined]
