"""The gate: makes accesses at the entrances and stands in every door."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any, cast
from uuid import UUID

from django.db import connection, transaction
from django.utils import timezone

from wangge.access.models import Mandate
from wangge.access.policy import Circumstances, Decision, judge
from wangge.access.vault import vault
from wangge.kernel.access import Access
from wangge.kernel.doors import Declaration
from wangge.kernel.pages import Page
from wangge.kernel.privacy import masked, subjects_in
from wangge.kernel.problems import Refused
from wangge.kernel.units import Interval
from wangge.ledger.actions import record
from wangge.ledger.states import EntryKind

SUBJECTS_KEPT = 200  # a list never shows more; a bulk act says its count instead
_SCOPE_SQL = (
    "SELECT set_config('wangge.lo', %s, true), set_config('wangge.hi', %s, true), "
    "set_config('wangge.emergency', %s, true)"
)
_NO_SCOPE = ("", "", "")
_standing: ContextVar[tuple[tuple[str, str, str], ...]] = ContextVar("standing", default=())


def _scope_settings(access: Access, in_force: bool) -> tuple[str, str, str]:
    """What the second net lets through. A person's access reaches an emergency's rows only while its power stands,
    names the purpose and meets the territory; the system also destroys them afterwards."""
    emergency = access.emergency if in_force or access.is_system else None
    return str(access.scope.lo), str(access.scope.hi), str(emergency or "")


def _set_scope(values: tuple[str, str, str]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(_SCOPE_SQL, values)


def mandate_in_force(emergency: UUID | None, purpose: str, scope: Interval) -> bool:
    """Whether the emergency stands at this moment, names the purpose and meets the territory."""
    if emergency is None:
        return False
    now = timezone.now()
    return Mandate.objects.filter(
        id=emergency,
        valid_from__lte=now,
        valid_until__gt=now,
        closed_at=None,
        purposes__contains=[purpose],
        scope_lo__lte=scope.hi,
        scope_hi__gte=scope.lo,
    ).exists()


def circumstances(access: Access) -> Circumstances:
    return Circumstances(
        role=access.role,
        purpose=access.purpose,
        emergency=mandate_in_force(access.emergency, access.purpose, access.scope),
        second_factor=access.second_factor,
    )


def subject_hashes(access: Access, ids: list[str]) -> tuple[bytes, ...]:
    """Keyed hashes of the persons concerned, under the emergency's key where there is one."""
    if not ids:
        return ()
    sealer = vault(access.emergency or "ledger-subjects")
    return tuple(sealer.token(i) for i in ids[:SUBJECTS_KEPT])


def _count(result: Any) -> int | None:
    if isinstance(result, Page):
        return len(result.rows)
    if isinstance(result, tuple | list):
        return len(result)
    return None


@dataclass(slots=True)
class _Passage:
    access: Access
    declaration: Declaration
    decision: Decision
    arguments: dict[str, Any]

    def leave(self, result: Any) -> Any:
        ids = subjects_in(result)
        if (
            self.declaration.subject is not None
            and (who := self.arguments.get(self.declaration.subject)) is not None
        ):
            ids = list(dict.fromkeys([str(who), *ids]))
        details: dict[str, Any] = {"policies": list(self.decision.reasons)}
        if self.decision.masks:
            details["masked"] = sorted(self.decision.masks)
        if (count := _count(result)) is not None:
            details["count"] = count
        if len(ids) > SUBJECTS_KEPT:
            details["subjects"] = len(ids)
        record(
            self.access,
            kind=self.declaration.kind,
            door=self.declaration.name,
            subjects=subject_hashes(self.access, ids),
            details=details,
        )
        return masked(result, self.decision.masks)


class CedarGate:
    """Checks the policy, sets the scope, and has the passing written down, all in one transaction."""

    def may(self, access: Access, declaration: Declaration) -> bool:
        """Whether a button that leads to this door should be there."""
        return judge.decide(declaration.name, declaration.noun, circumstances(access)).allowed

    @contextmanager
    def passage(
        self, access: Access, declaration: Declaration, arguments: dict[str, Any]
    ) -> Iterator[_Passage]:
        outer = _standing.get()
        try:
            with transaction.atomic():
                facts = circumstances(access)
                decision = judge.decide(declaration.name, declaration.noun, facts)
                if not decision.allowed:
                    raise _refusal(access, declaration, decision)
                scope = _scope_settings(access, facts.emergency)
                if not outer or outer[-1] != scope:
                    _set_scope(scope)
                token = _standing.set((*outer, scope))
                try:
                    yield _Passage(access, declaration, decision, arguments)
                finally:
                    _standing.reset(token)
                if outer and outer[-1] != scope:
                    _set_scope(outer[-1])
                elif not outer and connection.savepoint_ids:
                    _set_scope(_NO_SCOPE)  # the caller's transaction goes on: leave no scope standing in it
        except Refused as refused:
            # written after the roll-back, by the outermost door, so that the refusal itself stays on the ledger
            if not outer and "refusal" in refused.details:
                _record_refusal(refused)
            raise


def _refusal(access: Access, declaration: Declaration, decision: Decision) -> Refused:
    ended = access.emergency is not None and not mandate_in_force(
        access.emergency, access.purpose, access.scope
    )
    details: dict[str, object] = {"refusal": (access, declaration.name, decision)}
    if ended:
        return Refused(
            code="emergency_not_in_force",
            zh="该应急授权尚未生效、已经结束，或不包含此目的、此辖区，其数据不可读取。",
            en="This emergency is not in force or does not name this purpose or territory; its data cannot be read.",
            details=details,
        )
    return Refused(
        code="not_permitted",
        zh=f"您的岗位（{access.role}）在此目的（{access.purpose}）下无权执行“{declaration.verb}”。",
        en=f'Your post ({access.role}) may not "{declaration.verb}" for this purpose ({access.purpose}).',
        details=details,
    )


def _record_refusal(refused: Refused) -> None:
    access, door, decision = cast(tuple[Access, str, Decision], refused.details.pop("refusal"))
    with transaction.atomic():
        record(
            access,
            kind=EntryKind.REFUSED,
            door=door,
            details={"code": refused.code, "policies": list(decision.reasons), "faulty": decision.faulty},
        )


gate = CedarGate()

__all__ = ["CedarGate", "gate", "subject_hashes"]
