"""Forms drawn in the console's own way; set once as Django's form renderer."""

from __future__ import annotations

from django.forms.renderers import DjangoTemplates


class ConsoleRenderer(DjangoTemplates):
    """`{{ form }}` and `{{ form.name.as_field_group }}` come out as our fields: label, hint, fault, control."""

    form_template_name = "console/components/form.html"
    field_template_name = "console/components/field.html"
