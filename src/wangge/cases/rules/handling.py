"""Who handles a matter: the one it was dispatched to, nobody else."""

from __future__ import annotations

from uuid import UUID

from wangge.kernel.problems import Refused

HANDLERS_OWN = frozenset({"resolve", "send_back"})
"""Steps that only the one who was charged with the matter may take."""


def check_charge(
    verb: str,
    *,
    actor: str,
    organisation: UUID | None,
    handling_organisation: UUID | None,
    handling_actor: str,
) -> None:
    """Raise Refused when the matter was dispatched to somebody else.

    A matter dispatched to a person is that person's; one dispatched to an organisation is anyone's in it.
    """
    if verb not in HANDLERS_OWN:
        return
    mine = actor == handling_actor if handling_actor else organisation == handling_organisation
    if not mine or (not handling_actor and handling_organisation is None):
        raise Refused(
            code="case_not_yours_to_handle",
            zh="此事件未派遣给您或您所在单位。",
            en="This case was not dispatched to you or your organisation.",
        )
