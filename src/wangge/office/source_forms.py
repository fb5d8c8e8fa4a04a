"""Forms of the sources pages."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

Choices = Sequence[tuple[str, str]]


class UploadForm(forms.Form):
    """A file of a department's table."""

    resource = forms.ChoiceField(label=_("Table"), help_text=_("Whose file is it, and of what?"))
    file = forms.FileField(label=_("File sent"), help_text=_("xlsx, xls or csv, as the department sends it."))
    as_of = forms.DateField(
        label=_("Facts are of"),
        required=False,
        help_text=_("The day the file speaks of; today when left empty."),
        widget=forms.DateInput(attrs={"type": "date", "data-width": "short"}),
    )

    def __init__(self, *args: Any, resources: Choices, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["resource"].choices = resources  # type: ignore[attr-defined]


class RegisterForm(forms.Form):
    """A department's table that is to be sent from now on."""

    name_zh = forms.CharField(label=_("Name in Chinese"), max_length=80)
    name_en = forms.CharField(label=_("Name in English"), max_length=120)
    code = forms.RegexField(
        r"^[a-z][a-z0-9_]{1,58}$",
        label=_("Code"),
        help_text=_(
            "Small letters, digits and _; it names the source of every fact, for example civil_affairs."
        ),
        widget=forms.TextInput(attrs={"data-width": "code"}),
    )
    organisation = forms.ChoiceField(label=_("Department"))
    schema = forms.ChoiceField(label=_("What one row is about"))
    division = forms.CharField(
        label=_("Division it covers"),
        max_length=12,
        help_text=_("Official code of 6, 9 or 12 digits."),
        widget=forms.TextInput(attrs={"data-width": "code", "inputmode": "numeric"}),
    )

    cycle_days = forms.IntegerField(
        label=_("A new file every so many days"),
        required=False,
        min_value=1,
        max_value=3660,
        help_text=_(
            "What the department promised; its data is late when a file is older. Monthly when left empty."
        ),
        widget=forms.NumberInput(attrs={"data-width": "short"}),
    )

    def __init__(self, *args: Any, organisations: Choices, schemas: Choices, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["organisation"].choices = organisations  # type: ignore[attr-defined]
        self.fields["schema"].choices = schemas  # type: ignore[attr-defined]
