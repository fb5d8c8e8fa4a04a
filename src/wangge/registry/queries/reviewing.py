"""What a merge or a split would do, and what was done by hand."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from uuid import UUID

from django.db.models import Q

from wangge.kernel.access import Access
from wangge.kernel.doors import door
from wangge.kernel.problems import BadInput, NotFound
from wangge.registry.contents import FIELDS, Content, choices, copies, facts_of, opened
from wangge.registry.models import Person, RegistryAct, SourceRecord
from wangge.registry.moving import standing_among
from wangge.registry.rules.sides import keeps, warnings
from wangge.registry.rules.survivorship import Choice
from wangge.registry.states import Verdict
from wangge.registry.types import (
    ActView,
    Bearers,
    Outcome,
    Preview,
    RecordBrief,
    SideView,
)


@door(reads="person", act="open", subject="person_id")
def preview_merge(access: Access, *, person_id: UUID, other: UUID) -> Preview:
    """What two persons would be as one, before anybody does it: fields, facts, what speaks against."""
    a, b = _two(access, person_id, other)
    return _merged(access, a, b)


@door(reads="person", act="open", subject="person_id")
def preview_split(access: Access, *, person_id: UUID, records: tuple[UUID, ...]) -> Preview:
    """What would stay with a person and what would go, if these records became a person of their own."""
    (person,) = _two(access, person_id)
    contents = _contents(person)
    leaving = [c for c in contents if c.record.id in set(records)]
    staying = [c for c in contents if c.record.id not in set(records)]
    if len(leaving) < len(set(records)) or not leaving or not staying:
        raise BadInput(
            code="one_side_empty", zh="两边都要有记录。", en="Both sides need a record.", place="records"
        )
    shared = copies()
    before, left, right = (choices(c, shared) for c in (contents, staying, leaving))
    return Preview(
        kind="split",
        sides=(
            _view(person.id, staying, before, left),
            _view(None, leaving, before, right),
        ),
        warnings=(),
        overruled=sum(
            1
            for s in standing_among([(c.record.source, c.record.record_id) for c in contents])
            if s.verdict == Verdict.SAME
            and (s.a in {(c.record.source, c.record.record_id) for c in leaving})
            != (s.b in {(c.record.source, c.record.record_id) for c in leaving})
        ),
    )


def _two(access: Access, *ids: UUID) -> list[Person]:
    rows = Person.objects.filter(
        id__in=ids, unit_no__gte=access.scope.lo, unit_no__lte=access.scope.hi, retired=False
    )
    found = {p.id: p for p in rows}
    if len(found) < len(set(ids)):
        raise NotFound(
            code="person_unknown", zh="没有此人，或不在您的辖区。", en="No such person in your territory."
        )
    return [found[i] for i in ids]


def _contents(person: Person) -> list[Content]:
    return [opened(r) for r in SourceRecord.objects.filter(person=person).order_by("source", "record_id")]


def _merged(access: Access, a: Person, b: Person) -> Preview:
    stays, goes = (a, b) if keeps(a.records, a.id, b.records, b.id) else (b, a)
    ours, theirs, shared = _contents(stays), _contents(goes), copies()
    before, other, after = (choices(c, shared) for c in (ours, theirs, [*ours, *theirs]))
    mine = {(c.record.source, c.record.record_id) for c in ours}
    keys = [(c.record.source, c.record.record_id) for c in (*ours, *theirs)]
    return Preview(
        kind="merge",
        sides=(_view(stays.id, [*ours, *theirs], before, after, other),),
        warnings=warnings(before, other),
        overruled=sum(
            1
            for s in standing_among(keys)
            if s.verdict == Verdict.DIFFERENT and (s.a in mine) != (s.b in mine)
        ),
        keep=stays.id,
        other=goes.id,
    )


def _view(
    person: UUID | None,
    contents: Sequence[Content],
    before: Mapping[str, Choice],
    after: Mapping[str, Choice],
    other: Mapping[str, Choice] | None = None,
) -> SideView:
    outcomes = []
    for field in FIELDS:
        old, new, second = before.get(field), after.get(field), (other or {}).get(field)
        if old is None and new is None and second is None:
            continue
        outcomes.append(
            Outcome(
                field=field,
                before=old.best.value if old else "",
                other=second.best.value if second else "",
                after=new.best.value if new else "",
                sure=new.best.sure if new else 0.0,
            )
        )
    return SideView(
        person_id=person,
        records=tuple(
            RecordBrief(c.record.id, c.record.source, c.record.record_id, c.record.as_of_on) for c in contents
        ),
        fields=tuple(outcomes),
        facts=tuple(sorted(facts_of(contents))),
    )


@door(reads="person", act="open", subject="person_id")
def acts_about(access: Access, *, person_id: UUID) -> tuple[ActView, ...]:
    """Merges, splits and verdicts that this person was part of, newest first."""
    rows = RegistryAct.objects.filter(
        Q(person_id=person_id) | Q(other_id=person_id),
        unit_no__gte=access.scope.lo,
        unit_no__lte=access.scope.hi,
    ).order_by("-made_at", "-id")[:50]
    return tuple(
        ActView(
            id=r.id,
            kind=r.kind,
            person_id=r.person_id,
            other=r.other_id,
            records=len(r.moved),
            reason=r.reason,
            made_by=r.made_by,
            made_at=r.made_at,
            undone_by=r.undone_by,
            undone_at=r.undone_at,
        )
        for r in rows
    )


@door(reads="registry", act="decide")
def records_of_act(access: Access, *, act: UUID) -> tuple[tuple[str, str], ...]:
    """The source records (source, record id) that the person of a merge has now."""
    found = RegistryAct.objects.filter(id=act).first()
    if found is None or not access.scope.lo <= found.unit_no <= access.scope.hi:
        raise NotFound(code="act_unknown", zh="没有此操作。", en="There is no such act.")
    return tuple(SourceRecord.objects.filter(person_id=found.person_id).values_list("source", "record_id"))


@door(reads="registry", act="import")
def records_of_persons(access: Access, *, persons: tuple[UUID, ...]) -> dict[UUID, list[tuple[str, str]]]:
    """The source records (source, record id) of persons."""
    found: dict[UUID, list[tuple[str, str]]] = {}
    rows = SourceRecord.objects.filter(person_id__in=persons).values_list("person_id", "source", "record_id")
    for person, source, record in rows:
        found.setdefault(person, []).append((source, record))
    return found


@door(reads="person", act="open", subject="person_id")
def bearers(access: Access, *, person_id: UUID) -> Bearers:
    """How many others of the access's territory bear a person's very name, and among how many."""
    (person,) = _two(access, person_id)
    everybody = Person.objects.filter(
        unit_no__gte=access.scope.lo, unit_no__lte=access.scope.hi, retired=False
    )
    return Bearers(everybody.filter(name=person.name).exclude(id=person.id).count(), everybody.count())
