"""Forms of the pages that ask once."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from wangge.collection.types import NewQuestion, People

Choices = Sequence[tuple[str, str]]
FACT_WORDS = {
    "lives_alone": _("known to live alone"),
    "disability": _("known to have a disability"),
    "left_behind": _("children left behind"),
}


class DraftForm(forms.Form):
    """What a department wants to know, of whom, what for and on what basis."""

    title = forms.CharField(label=_("Title"), max_length=120)
    area = forms.ChoiceField(label=_("Area"))
    age_from = forms.IntegerField(
        label=_("Age from"), required=False, min_value=0, max_value=130,
        widget=forms.NumberInput(attrs={"data-width": "short"}),
    )  # fmt: skip
    age_to = forms.IntegerField(
        label=_("Age to"), required=False, min_value=0, max_value=130,
        widget=forms.NumberInput(attrs={"data-width": "short"}),
    )  # fmt: skip
    facts = forms.MultipleChoiceField(
        label=_("Only people who are"), required=False, choices=list(FACT_WORDS.items()),
        widget=forms.CheckboxSelectMultiple,
    )  # fmt: skip
    purpose = forms.CharField(
        label=_("What the answers are used for"), max_length=300,
        help_text=_("For all fields picked here; it can be put differently for each question later."),
    )  # fmt: skip
    basis = forms.CharField(label=_("Legal basis"), max_length=300, help_text=_("Law and article."))
    fields_picked = forms.MultipleChoiceField(
        label=_("Fields of the register"), required=False, widget=forms.CheckboxSelectMultiple
    )
    own = forms.CharField(
        label=_("Questions of your own"), required=False, help_text=_("One a line."),
        widget=forms.Textarea(attrs={"rows": 3}),
    )  # fmt: skip
    file = forms.FileField(
        label=_("Or a file of questions"), required=False,
        help_text=_("XLSForm, xlsx or csv with columns for question, purpose and legal basis."),
    )  # fmt: skip

    def __init__(self, *args: Any, areas: Choices, askable: Choices, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.files.get("file"):  # a file names purpose and basis question by question
            for name in ("title", "purpose", "basis"):
                self.fields[name].required = False
        self.fields["area"].choices = areas  # type: ignore[attr-defined]
        self.fields["fields_picked"].choices = askable  # type: ignore[attr-defined]

    def people(self) -> People:
        """Whom the form is for."""
        told = self.cleaned_data
        return People(told["age_from"], told["age_to"], "", tuple(told["facts"]))

    def questions(self) -> tuple[NewQuestion, ...]:
        """The fields picked and the questions written, all for one purpose and on one basis."""
        told = self.cleaned_data
        about = {"purpose": told["purpose"], "basis": told["basis"]}
        own = [line.strip() for line in told["own"].splitlines() if line.strip()]
        return (
            *(NewQuestion("", field=name, **about) for name in told["fields_picked"]),
            *(NewQuestion(line, **about) for line in own),
        )


class SendForm(forms.Form):
    """Where a checked form goes, until when, and whether every door is visited."""

    due_on = forms.DateField(
        label=_("Until"), widget=forms.DateInput(attrs={"type": "date", "data-width": "short"})
    )
    everyone = forms.BooleanField(
        label=_("Visit every dwelling of the area"),
        required=False,
        help_text=_(
            "A survey: every door ends with a result. Without it, only doors where something is missing."
        ),
    )

    @staticmethod
    def start() -> dict[str, Any]:
        """A week from today, to those of whom something is missing."""
        return {"due_on": (timezone.localdate() + timedelta(days=7)).isoformat()}
