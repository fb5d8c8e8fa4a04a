"""What a store of an emergency's data is called on its certificate."""

from __future__ import annotations

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

STORE_WORDS: dict[str, Promise] = {
    "outbreaks.patient": _("patients"),
    "outbreaks.closecontact": _("contacts"),
    "outbreaks.exposure": _("exposures"),
    "outbreaks.manifest": _("manifests"),
    "stays.arrival": _("arrivals from affected areas"),
    "insight.areatier": _("colours of areas"),
    "credentials.credentialapplication": _("applications for a credential"),
    "credentials.issuedcredential": _("status credentials"),
    "screening.finding": _("findings"),
    "screening.appeal": _("appeals"),
    "screening.screeningrun": _("screening runs"),
    "tasks.task": _("tasks"),
    "tasks.step": _("steps of tasks"),
    "tasks.taskstep": _("steps of tasks"),
    "field.visit": _("visits"),
    "field.correction": _("corrections found on visits"),
    "field.quarantinedvisit": _("visits kept aside"),
    "sources.batch": _("files received"),
    "sources.part": _("parts of files"),
    "sources.sheet": _("sheets"),
    "sources.mapping": _("mappings of columns"),
    "sources.quarantinedrow": _("rows kept aside"),
    "sources.dataresource": _("registered tables"),
    "sources.vault": _("stored files"),
}


def store_word(store: str) -> str:
    """The store in words; one that nobody has put into words shows its name."""
    room, _dot, table = store.lower().partition(".")
    return str(STORE_WORDS.get(f"{room}.{table.removeprefix(f'{room}_')}", store))
