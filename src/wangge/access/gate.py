"""The gate: makes accesses at the entrances and stands in every door."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any, cast
from uuid import UUID

from django.db import ProgrammingError, connection, transaction
from django.utils import timezone
from psycopg.errors import InsufficientPrivilege

from wangge.access.models import Mandate
from wangge.access.policy import Circumstances, Decision, judge
from wangge.access.vault import vault
from wangge.kernel.access import Access
from wangge.kernel.doors import Declaration
from wangge.kernel.pages import Page
from wangge.kernel.privacy import masked, subjects_in
from wangge.kernel.problems import Refused
from wangge.kernel.units import LEVELS, UNIT_DIGITS, Interval
from wangge.ledger.actions import record
from wangge.ledger.states import EntryKind

SUBJECTS_KEPT = 200  # a list never shows more; a bulk act says its count instead
_SCOPE_SQL = (
    "SELECT set_config('wangge.lo', %s, true), set_config('wangge.hi', %s, true), "
    "set_config('wangge.emergency', %s, true), set_config('wangge.areas', %s, true), "
    "set_config('wangge.own', %s, true)"
)
Settings = tuple[str, str, str, str, str]
_NO_SCOPE: Settings = ("", "", "", "", "")
_standing: ContextVar[tuple[Settings, ...]] = ContextVar("standing", default=())


def _scope_settings(access: Access, power: Mandate | None) -> Settings:
    """What the second net lets through. A person's access reaches an emergency's rows only while its power stands,
    names the purpose and meets the territory; the system also destroys them afterwards. Under a power, people and
    places are reached in its areas only, whatever lies between them."""
    emergency = access.emergency if power is not None or access.is_system else None
    areas = own = ""
    if power is not None:
        reached = [Interval(lo, hi) for lo, hi in power.areas] or [power.scope]
        if not any(area.covers(access.scope) for area in reached):
            areas, own = _ranges(reached), _ranges([*reached, *_unlocated_above(reached, access.scope)])
    return str(access.scope.lo), str(access.scope.hi), str(emergency or ""), areas, own


def _unlocated_above(areas: list[Interval], scope: Interval) -> list[Interval]:
    """Where an emergency's own rows stand while nobody knows their place: the first number of each division that
    holds an area, and of the access's territory. Residents without a place are not opened by this."""
    spans = [10 ** (UNIT_DIGITS - digits) for digits in LEVELS]
    points = {area.lo // span * span for area in areas for span in spans} | {scope.lo}
    return [Interval(point, point) for point in sorted(points)]


def _ranges(intervals: list[Interval]) -> str:
    return "{" + ",".join(f"[{i.lo},{i.hi}]" for i in intervals) + "}"


def _set_scope(values: Settings) -> None:
    with connection.cursor() as cursor:
        cursor.execute(_SCOPE_SQL, values)


def mandate_in_force(emergency: UUID | None, purpose: str, scope: Interval) -> bool:
    """Whether the emergency stands at this moment, names the purpose and meets the territory."""
    return _power(emergency, purpose, scope) is not None


def _power(emergency: UUID | None, purpose: str, scope: Interval) -> Mandate | None:
    """The power itself, where it stands, names the purpose and one of its areas meets the territory."""
    if emergency is None:
        return None
    now = timezone.now()
    found = Mandate.objects.filter(
        id=emergency,
        valid_from__lte=now,
        valid_until__gt=now,
        closed_at=None,
        purposes__contains=[purpose],
        scope_lo__lte=scope.hi,
        scope_hi__gte=scope.lo,
    ).first()
    if (
        found is not None
        and found.areas
        and not any(lo <= scope.hi and hi >= scope.lo for lo, hi in found.areas)
    ):
        return None
    return found


def circumstances(access: Access, power: Mandate | None) -> Circumstances:
    return Circumstances(
        role=access.role,
        purpose=access.purpose,
        emergency=power is not None,
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
        facts = circumstances(access, _power(access.emergency, access.purpose, access.scope))
        return judge.decide(declaration.name, declaration.noun, facts).allowed

    @contextmanager
    def passage(
        self, access: Access, declaration: Declaration, arguments: dict[str, Any]
    ) -> Iterator[_Passage]:
        outer = _standing.get()
        try:
            with transaction.atomic():
                power = _power(access.emergency, access.purpose, access.scope)
                decision = judge.decide(declaration.name, declaration.noun, circumstances(access, power))
                if not decision.allowed:
                    raise _refusal(access, declaration, decision)
                scope = _scope_settings(access, power)
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
        except (ProgrammingError, InsufficientPrivilege) as error:
            cause = error.__cause__ if isinstance(error, ProgrammingError) else error
            if access.emergency is None or not isinstance(cause, InsufficientPrivilege):
                raise
            raise Refused(
                code="outside_the_areas",
                zh="该行不在应急授权的区域之内，未写入。",
                en="This lies outside the areas of the emergency power; nothing was written.",
            ) from error
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
