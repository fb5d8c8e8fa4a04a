"""Words of findings: kinds, sources of facts, plain values."""

from __future__ import annotations

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from wangge.screening.states import PackKind

KIND_WORDS: dict[str, Promise] = {
    PackKind.EXPOSURE: _("Exposure"),
    PackKind.VULNERABILITY: _("Care comes first"),
    PackKind.CARE: _("Gap in care"),
    PackKind.STALENESS: _("Known too long ago"),
}
PACK_SOURCES: dict[str, Promise] = {"registry": _("the register"), "outbreaks": _("the emergency's lists")}
_PLAIN: dict[str, Promise] = {"True": _("Yes"), "true": _("Yes"), "False": _("No"), "false": _("No")}


def value_word(value: str | None) -> str:
    """A fact's value as a reader says it."""
    if value is None:
        return str(_("not known"))
    return str(_PLAIN[value]) if value in _PLAIN and type(value) is str else value
