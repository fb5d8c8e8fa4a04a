"""How findings are read: one way for peacetime and for an emergency, behind doors that are apart."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from uuid import UUID

import orjson
from django.db.models import Count, F, QuerySet
from django.db.models.fields.tuple_lookups import Tuple, TupleLessThan
from django.utils import timezone

from wangge.kernel.access import Access
from wangge.kernel.pages import Cursor, Page, number
from wangge.kernel.problems import NotFound
from wangge.kernel.sealing import Sealer
from wangge.kernel.units import Interval
from wangge.screening.library import pack_of
from wangge.screening.models import Appeal, Finding
from wangge.screening.rules.catalogue import catalogue
from wangge.screening.rules.verdicts import FactUsed, Reason, Verdict, explain
from wangge.screening.sealing import Kept, open_up, sealer, under
from wangge.screening.states import STANDING, FindingState, PackKind, Tier
from wangge.screening.types import (
    AppealView,
    FactUsedView,
    Fate,
    FindingDetail,
    FindingRow,
    Grade,
    PastFinding,
    ReasonView,
    TierCount,
    UnitTiers,
)

VULNERABILITY = "vulnerability"


def standing(access: Access, emergency: UUID | None, within: Interval | None = None) -> QuerySet[Finding]:
    """Findings in force in the access's territory. An expired one is never among them, whatever its row says."""
    rows = Finding.objects.filter(
        under(emergency),
        state__in=STANDING,
        expires_at__gt=timezone.now(),
        unit_no__gte=access.scope.lo,
        unit_no__lte=access.scope.hi,
    )
    return rows if within is None else rows.filter(unit_no__gte=within.lo, unit_no__lte=within.hi)


def page(rows: QuerySet[Finding], emergency: UUID | None, after: str | None, size: int) -> Page[FindingRow]:
    """A page, most pressing first: tier, then priority of care, then the latest."""
    if cursor := Cursor.decode(after, 3, number, number, UUID):
        here = Tuple(F("rank"), F("priority"), F("id"))
        rows = rows.filter(
            TupleLessThan(here, cursor.values)
        )  # one comparison of rows, so that the index is read on
    found = list(rows.order_by("-rank", "-priority", "-id")[: size + 1])
    shown = found[:size]
    key = sealer(emergency)
    mark = None
    if len(found) > size:
        mark = Cursor((shown[-1].rank, shown[-1].priority, str(shown[-1].id))).encode()
    return Page(tuple(row_of(key, f)[0] for f in shown), mark)


def row_of(key: Sealer, f: Finding) -> tuple[FindingRow, Kept, Verdict]:
    """A finding as a row of a list, with what it kept and its verdict spelt out again."""
    kept = open_up(key, f.sealed)
    pack = pack_of(f.pack, f.version)
    verdict = explain(
        pack, [pack.rule(code) for code in kept.fired], kept.facts, kept.on, origins=kept.origins
    )
    said = next(reason.said for reason in verdict.reasons if reason.rule == f.rule)
    row = FindingRow(
        id=f.id,
        person_id=UUID(kept.person_id),
        unit_no=f.unit_no,
        kind=f.kind,
        tier=f.tier,
        priority=f.priority,
        pack=f.pack,
        version=f.version,
        rule=f.rule,
        reason_zh=said.zh,
        reason_en=said.en,
        state=f.state,
        found_at=f.found_at,
        expires_at=f.expires_at,
        task=verdict.task,
        within_hours=verdict.within_hours,
    )
    return row, kept, verdict


def detail(access: Access, emergency: UUID | None, finding_id: UUID) -> FindingDetail:
    """A finding with everything that explains it; also one that no longer stands. Raises NotFound."""
    f = Finding.objects.filter(
        under(emergency), id=finding_id, unit_no__gte=access.scope.lo, unit_no__lte=access.scope.hi
    ).first()
    if f is None:
        raise NotFound(code="finding_unknown", zh="没有此结论。", en="There is no such finding.")
    key = sealer(emergency)
    row, kept, verdict = row_of(key, f)
    pack = pack_of(f.pack, f.version)
    cared = [mark.split("/") for mark in kept.cared]
    help_ = [pack_of(VULNERABILITY, version).rule(code) for version, code in cared]
    helped: tuple[Reason, ...] = ()
    if help_:
        helped = explain(pack_of(VULNERABILITY, cared[0][0]), help_, kept.facts, kept.on).reasons
    others = Finding.objects.filter(under(emergency), subject_token=f.subject_token, pack=f.pack).exclude(
        id=f.id
    )
    used = {fact.name for fact in verdict.facts_used}
    return FindingDetail(
        finding=row,
        reasons=_reasons(verdict.reasons),
        priority_reasons=_reasons(helped),
        facts_used=tuple(
            FactUsedView(u.name, u.zh, u.en, None if u.value is None else str(u.value), u.source, u.as_of)
            for u in (*verdict.facts_used, *_care_facts(kept, used))
        ),
        change_zh=tuple(said.zh for said in verdict.what_would_change),
        change_en=tuple(said.en for said in verdict.what_would_change),
        otherwise=verdict.otherwise.value if verdict.otherwise else None,
        pack_title_zh=pack.title.zh,
        pack_title_en=pack.title.en,
        pack_source=pack.source,
        pack_owner=pack.owner,
        appeals=tuple(_appeal(key, a) for a in Appeal.objects.filter(finding=f).order_by("made_at")),
        history=tuple(
            PastFinding(o.id, o.tier, o.rule, o.version, o.state, o.found_at, o.state_at)
            for o in others.order_by("-found_at")
        ),
    )


def _care_facts(kept: Kept, used: set[str]) -> Iterable[FactUsed]:
    """Facts that only the priority of care was read from."""
    for name, value in kept.facts.items():
        if name not in used:
            fact = catalogue()[name]
            yield FactUsed(name, fact.zh, fact.en, value, *kept.origins.get(name, ("", "")))


def _reasons(reasons: Iterable[Reason]) -> tuple[ReasonView, ...]:
    return tuple(
        ReasonView(r.rule, r.condition, r.tier.value if r.tier else None, r.said.zh, r.said.en)
        for r in reasons
    )


def _appeal(key: Sealer, a: Appeal) -> AppealView:
    said = orjson.loads(key.unseal_bytes(a.sealed))
    return AppealView(
        a.id,
        said["statement"],
        a.made_at,
        a.due_at,
        a.decision,
        said.get("reason", ""),
        a.decided_at,
        a.decided_by,
    )


def of_person(access: Access, emergency: UUID | None, person_id: UUID) -> tuple[FindingRow, ...]:
    """Findings in force about one person, most pressing first."""
    key = sealer(emergency)
    rows = standing(access, emergency).filter(subject_token=key.token(str(person_id)))
    return tuple(row_of(key, f)[0] for f in rows.order_by("-rank", "-priority", "-id"))


def grades(access: Access, emergency: UUID, ids: Collection[UUID]) -> tuple[Grade, ...]:
    """Grades of exposure in force, one a person. Tokens tell whose they are: no seal is opened."""
    key = sealer(emergency)
    whose = {key.token(str(person)): person for person in ids}
    rows = standing(access, emergency).filter(kind=PackKind.EXPOSURE, subject_token__in=list(whose))
    found: dict[UUID, Grade] = {}
    for token, tier, pack, version in rows.order_by("-rank", "-id").values_list(
        "subject_token", "tier", "pack", "version"
    ):
        person = whose[bytes(token)]
        found.setdefault(person, Grade(person, tier, pack, version))
    return tuple(found.values())


def by_tier(rows: QuerySet[Finding]) -> tuple[TierCount, ...]:
    """Counts by kind and tier, most pressing first."""
    counted = rows.values_list("kind", "tier", "rank").annotate(n=Count("id")).order_by("-rank", "kind")
    return tuple(TierCount(kind, tier, n) for kind, tier, _, n in counted)


def by_unit(rows: QuerySet[Finding], kind: PackKind | None) -> tuple[UnitTiers, ...]:
    """Counts of each grid by tier, for the map."""
    if kind is not None:
        rows = rows.filter(kind=kind)
    found: dict[int, dict[str, int]] = {}
    for unit, tier, n in rows.values_list("unit_no", "tier").annotate(n=Count("id")).order_by("unit_no"):
        found.setdefault(unit, {})[tier] = n
    return tuple(
        UnitTiers(unit, *(tiers.get(t, 0) for t in (Tier.RED, Tier.YELLOW, Tier.BLUE)))
        for unit, tiers in found.items()
    )


def fates(access: Access, emergency: UUID | None, ids: Collection[UUID]) -> tuple[Fate, ...]:
    """Of the findings `ids`, those that no longer stand, each with the standing one that took its place."""
    now = timezone.now()
    rows = Finding.objects.filter(
        under(emergency), unit_no__gte=access.scope.lo, unit_no__lte=access.scope.hi
    ).values_list("id", "state", "superseded_by", "expires_at")
    known: dict[UUID, tuple[str, UUID | None]] = {}
    asked: set[UUID] = set(ids)
    while asked:
        found: dict[UUID, tuple[str, UUID | None]] = {}
        for id_, state, successor, expires_at in rows.filter(id__in=list(asked)):
            over = state in STANDING and expires_at <= now
            found[id_] = (FindingState.EXPIRED if over else state), successor
        known |= {id_: found.get(id_, ("forgotten", None)) for id_ in asked}
        asked = {successor for _, successor in found.values() if successor is not None} - known.keys()
    result = []
    for id_ in ids:
        state, last = known[id_][0], id_
        if state in STANDING:
            continue
        while (onward := known[last][1]) is not None:
            last = onward
        result.append(Fate(id_, state, last if known[last][0] in STANDING else None))
    return tuple(result)
