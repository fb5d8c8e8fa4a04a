"""One screening run: outcomes of the packs against the findings that stand, told apart and written in bulk."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db import connection
from django.utils import timezone

from wangge.access.bulk import insert_rows
from wangge.kernel.access import Access
from wangge.kernel.ids import new_id
from wangge.kernel.problems import BadInput
from wangge.kernel.sealing import Sealer
from wangge.screening.library import in_use
from wangge.screening.models import Finding, ScreeningRun
from wangge.screening.rules.bulk import FactTable, Outcome, evaluate_columns
from wangge.screening.rules.columns import value_at
from wangge.screening.rules.verdicts import term_of
from wangge.screening.sealing import pack_up, sealer, under
from wangge.screening.states import STANDING, FindingState, PackKind
from wangge.screening.types import RunView, TierCount

VULNERABILITY = "vulnerability"
_LOCK = 0x53637265  # one run at a time: two would each think they add the first finding
COLUMNS = (
    "id", "run_id", "emergency_id", "unit_no", "kind", "tier", "rank", "priority", "pack", "version", "rule",
    "subject_token", "fingerprint", "sealed", "found_at", "expires_at", "state", "state_at",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class _New:
    """A finding ready to be stored, unless it says what one that stands says already."""

    token: bytes
    fingerprint: bytes
    unit_no: int
    priority: int
    outcome: Outcome
    decided: int
    plain: bytes
    expires_at: datetime

    @property
    def rank(self) -> int:
        tier = self.outcome.pack.rules[self.decided].tier
        return tier.rank if tier else 0


@dataclass(frozen=True, slots=True)
class _Held:
    """A finding that stands."""

    id: UUID
    fingerprint: bytes
    rank: int
    state: str


def run(
    access: Access,
    *,
    emergency: UUID | None,
    table: FactTable,
    packs: Sequence[str],
    on: date | None,
    complete: bool,
) -> RunView:
    """Apply `packs` to everybody in `table` and bring the standing findings up to date.

    A finding that would say the same is renewed, one that would say something else is superseded, one for which no
    rule holds any more lapses. `complete` says that the table holds everybody in the access's territory: then findings
    about anybody else there lapse too. A finding under appeal is not made worse until the appeal is decided, and one
    withdrawn on appeal does not come back from the same facts.
    """
    day = on or timezone.localdate()
    now = timezone.now()
    used = [in_use(code, day) for code in packs]
    outside = int(((table.unit_nos < access.scope.lo) | (table.unit_nos > access.scope.hi)).sum())
    if outside:
        raise BadInput(
            code="person_outside_territory",
            zh=f"有 {outside} 人不在您的管辖范围内，未进行筛查。",
            en=f"{outside} persons are outside your territory; nothing was screened.",
            place="unit_nos",
        )
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])
    key = sealer(emergency)
    care = evaluate_columns(in_use(VULNERABILITY, day), table, day)
    outcomes = [evaluate_columns(pack, table, day) for pack in used]
    fresh = {(n.outcome.pack.code, n.token): n for o in outcomes for n in _findings(key, o, care, table)}
    tokens = None if complete else [key.token(who) for who in table.subjects]
    held = _standing(access, emergency, packs, tokens)
    barred = _barred(emergency, packs, tokens)
    record = ScreeningRun.objects.create(
        emergency_id=emergency,
        screened_on=day,
        packs={pack.code: pack.version for pack in used},
        scope_lo=access.scope.lo,
        scope_hi=access.scope.hi,
        complete=complete,
        persons=table.size,
        ran_at=now,
        ran_by=access.actor,
    )
    plan = _plan(fresh, held, barred)
    _write(key, record, emergency, plan, now)
    record.counts = {
        "added": len(plan.add) - len(plan.replace),
        "renewed": len(plan.renew),
        "superseded": len(plan.replace),
        "lapsed": len(plan.lapse),
        "frozen": plan.frozen,
        "tiers": _tiers(plan),
    }
    record.save(update_fields=["counts"])
    return view_of(record)


def view_of(record: ScreeningRun) -> RunView:
    """A run as others see it."""
    counts = dict(record.counts)
    tiers = counts.pop("tiers")
    return RunView(
        id=record.id,
        emergency=record.emergency_id,
        screened_on=record.screened_on,
        packs=tuple(f"{code} {version}" for code, version in record.packs.items()),
        persons=record.persons,
        counts=tuple(
            TierCount(kind, tier, count)
            for (kind, _, tier), count in ((name.partition("."), tiers[name]) for name in sorted(tiers))
        ),
        ran_at=record.ran_at,
        **counts,
    )


def _findings(key: Sealer, outcome: Outcome, care: Outcome, table: FactTable) -> Iterator[_New]:
    """Each row of the outcome as a finding to be. Facts are only those that the fired rules read."""
    cared = {int(i): k for k, i in enumerate(care.rows)}
    pack, on = outcome.pack, outcome.on
    rules_of: dict[tuple[int, int], tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...]]] = {}
    # staleness asks for a look at a record, not for care of a person
    forward = pack.kind is not PackKind.STALENESS
    for k, position in enumerate(outcome.rows):
        i = int(position)
        c = cared.get(i) if forward else None
        bits = int(outcome.fired[k]), int(care.fired[c]) if c is not None else 0
        if bits not in rules_of:
            fired = outcome.rules_at(k)
            helped = care.rules_at(c) if c is not None else ()
            names = tuple(dict.fromkeys(name for rule in (*fired, *helped) for name in rule.facts))
            marks = tuple(f"{care.pack.version}/{rule.code}" for rule in helped)
            rules_of[bits] = tuple(rule.code for rule in fired), marks, names
        fired_codes, marks, names = rules_of[bits]
        facts = {name: value_at(table.columns[name], i) for name in names if name in table.columns}
        origins = table.origins_at(i, names)
        who = table.subjects[i]
        said: dict[str, Any] = {
            "person": who, "fired": fired_codes, "cared": marks, "facts": facts, "origins": origins,
        }  # fmt: skip
        decided = int(outcome.decided[k])
        same = pack_up({**said, "pack": pack.code, "version": pack.version, "unit": int(table.unit_nos[i])})
        rank = pack.rules[decided].tier
        terms = [term_of(rule, facts, on) for rule in outcome.rules_at(k) if rule.tier is rank]
        yield _New(
            token=key.token(who),
            fingerprint=key.blind("finding", same.decode()),
            unit_no=int(table.unit_nos[i]),
            priority=max(int(outcome.priority[k]), int(care.priority[c]) if c is not None else 0),
            outcome=outcome,
            decided=decided,
            plain=pack_up({**said, "on": on}),
            expires_at=max(terms),
        )


def _standing(
    access: Access, emergency: UUID | None, packs: Sequence[str], tokens: list[bytes] | None
) -> dict[tuple[str, bytes], _Held]:
    rows = Finding.objects.filter(
        under(emergency),
        pack__in=packs,
        state__in=STANDING,
        unit_no__gte=access.scope.lo,
        unit_no__lte=access.scope.hi,
    )
    if tokens is not None:
        rows = rows.filter(subject_token__in=tokens)
    found = rows.values_list("pack", "subject_token", "id", "fingerprint", "rank", "state")
    return {(p, bytes(t)): _Held(i, bytes(f), r, s) for p, t, i, f, r, s in found}


def _barred(emergency: UUID | None, packs: Sequence[str], tokens: list[bytes] | None) -> frozenset[bytes]:
    """Fingerprints withdrawn on appeal: the same facts do not bring the same finding back."""
    rows = Finding.objects.filter(under(emergency), pack__in=packs, state=FindingState.WITHDRAWN)
    if tokens is not None:
        rows = rows.filter(subject_token__in=tokens)
    return frozenset(bytes(f) for f in rows.values_list("fingerprint", flat=True))


@dataclass(slots=True)
class _Plan:
    """What a run will do: add these, renew those, put new for old, let lapse. `frozen` wait for an appeal."""

    add: list[tuple[UUID, _New]] = field(default_factory=list)
    renew: list[tuple[UUID, _New]] = field(default_factory=list)
    replace: list[tuple[UUID, UUID]] = field(default_factory=list)
    lapse: list[UUID] = field(default_factory=list)
    frozen: int = 0


def _plan(
    fresh: dict[tuple[str, bytes], _New], held: dict[tuple[str, bytes], _Held], barred: frozenset[bytes]
) -> _Plan:
    plan = _Plan(lapse=[old.id for where, old in held.items() if where not in fresh])
    for where, new in fresh.items():
        old = held.get(where)
        if new.fingerprint in barred:
            if old is not None:
                plan.lapse.append(old.id)
        elif old is not None and old.fingerprint == new.fingerprint:
            plan.renew.append((old.id, new))
        elif old is not None and old.state == FindingState.APPEALED and new.rank >= old.rank:
            plan.frozen += 1
        else:
            made = new_id()
            plan.add.append((made, new))
            if old is not None:
                plan.replace.append((old.id, made))
    return plan


def _tiers(plan: _Plan) -> dict[str, int]:
    counts: Counter[str] = Counter()
    for _, new in (*plan.add, *plan.renew):
        counts[f"{new.outcome.pack.kind}.{new.outcome.pack.rules[new.decided].tier}"] += 1
    return dict(counts)


def _write(key: Sealer, record: ScreeningRun, emergency: UUID | None, plan: _Plan, now: datetime) -> None:
    with connection.cursor() as cursor:
        if plan.replace:
            cursor.execute(
                "UPDATE screening_finding f SET state = 'superseded', state_at = %s, superseded_by = n.new"
                " FROM unnest(%s::uuid[], %s::uuid[]) AS n(old, new) WHERE f.id = n.old",
                [now, [old for old, _ in plan.replace], [new for _, new in plan.replace]],
            )
        if plan.renew:
            cursor.execute(
                "UPDATE screening_finding f SET expires_at = n.until"
                " FROM unnest(%s::uuid[], %s::timestamptz[]) AS n(id, until)"
                " WHERE f.id = n.id AND f.expires_at <> n.until",
                [[i for i, _ in plan.renew], [new.expires_at for _, new in plan.renew]],
            )
        if plan.lapse:
            cursor.execute(
                "UPDATE screening_finding SET state = 'lapsed', state_at = %s WHERE id = ANY(%s::uuid[])",
                [now, plan.lapse],
            )
    if plan.add:
        insert_rows(Finding, COLUMNS, _rows(key, record.id, emergency, plan.add, now))


def _rows(
    key: Sealer, run_id: UUID, emergency: UUID | None, add: list[tuple[UUID, _New]], now: datetime
) -> Iterator[tuple[Any, ...]]:
    for made, new in add:
        pack = new.outcome.pack
        rule = pack.rules[new.decided]
        yield (
            made, run_id, emergency, new.unit_no, pack.kind.value, str(rule.tier), new.rank, new.priority, pack.code,
            pack.version, rule.code, new.token, new.fingerprint, key.seal(new.plain), now, new.expires_at,
            FindingState.OPEN.value, now,
        )  # fmt: skip
