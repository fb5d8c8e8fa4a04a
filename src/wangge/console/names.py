"""Words for roles and purposes as the screens say them."""

from __future__ import annotations

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from wangge.access.states import Purpose, Role

ROLE_WORDS: dict[str, Promise] = {
    Role.ADMINISTRATOR: _("Administrator"),
    Role.DATA_STEWARD: _("Data steward"),
    Role.DISPATCHER: _("Dispatcher"),
    Role.GRID_WORKER: _("Grid worker"),
    Role.HANDLER: _("Department handler"),
    Role.SUPERVISOR: _("Supervisor"),
    Role.EPIDEMIOLOGIST: _("Epidemiologist"),
    Role.EMERGENCY_LEAD: _("Emergency lead"),
    Role.LEADER: _("Leader"),
    Role.AUDITOR: _("Auditor"),
    Role.SYSTEM: _("The platform itself"),
}
PURPOSE_WORDS: dict[str, Promise] = {
    Purpose.TERRITORY_MANAGEMENT: _("managing the territory"),
    Purpose.REGISTRY_MAINTENANCE: _("keeping the registry"),
    Purpose.COMMUNITY_SERVICE: _("community service"),
    Purpose.CARE: _("care"),
    Purpose.CASE_HANDLING: _("handling cases"),
    Purpose.EPIDEMIC_RESPONSE: _("epidemic response"),
    Purpose.AUDIT: _("audit"),
    Purpose.OPERATIONS: _("operations"),
}


def role_word(role: str) -> str:
    return str(ROLE_WORDS.get(role, role))


def purpose_word(purpose: str) -> str:
    return str(PURPOSE_WORDS.get(purpose, purpose))
