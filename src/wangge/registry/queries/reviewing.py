"""What the one who reviews sees: the queue, two records side by side, what a merge or a split would do."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from uuid import UUID

from django.db.models import Count, Q, QuerySet
from django.utils import timezone

from wangge.kernel.access import Access
from wangge.kernel.doors import door
from wangge.kernel.pages import PAGE_SIZE, Cursor, Page
from wangge.kernel.problems import BadInput, NotFound
from wangge.registry.contents import FIELDS, Content, choices, copies, facts_of, opened
from wangge.registry.models import Person, RegistryAct, ReviewPair, SourceRecord
from wangge.registry.moving import standing_among
from wangge.registry.rules.evidence import steps_of
from wangge.registry.rules.sides import keeps, warnings
from wangge.registry.rules.survivorship import Choice
from wangge.registry.states import PairState, Verdict
from wangge.registry.types import (
    ActView,
    Outcome,
    PairRow,
    PairSide,
    PairValue,
    PairView,
    Preview,
    RecordBrief,
    ReviewCounts,
    SideView,
)


def _pairs(access: Access) -> QuerySet[ReviewPair]:
    return ReviewPair.objects.filter(unit_no__gte=access.scope.lo, unit_no__lte=access.scope.hi)


@door(reads="review")
def review_queue(
    access: Access,
    *,
    state: str = PairState.WAITING,
    why: str = "",
    after: str | None = None,
    size: int = PAGE_SIZE,
) -> Page[PairRow]:
    """Pairs a person should see, the most valuable first; those somebody else has in hand are marked."""
    rows = _pairs(access).filter(state=state).order_by("-worth", "id")
    if why:
        rows = rows.filter(why=why)
    mark = Cursor.decode(after, 2)
    if mark is not None:
        worth, last = float(str(mark.values[0])), UUID(str(mark.values[1]))
        rows = rows.filter(Q(worth__lt=worth) | Q(worth=worth, id__gt=last))
    found = list(rows[: size + 1])
    shown = found[:size]
    names = _names(_ends(shown))
    follow = Cursor((repr(shown[-1].worth), str(shown[-1].id))).encode() if len(found) > size else None
    return Page(
        tuple(
            PairRow(
                id=p.id,
                source_a=p.source_a,
                source_b=p.source_b,
                name_a=names.get((p.source_a, p.record_a), ""),
                name_b=names.get((p.source_b, p.record_b), ""),
                why=p.why,
                probability=p.probability,
                worth=p.worth,
                state=p.state,
                taken=_taken(access, p),
            )
            for p in shown
        ),
        follow,
    )


def _taken(access: Access, pair: ReviewPair) -> bool:
    return bool(
        pair.claimed_by not in ("", access.actor)
        and pair.claimed_until
        and pair.claimed_until > timezone.now()
    )


def _ends(pairs: Iterable[ReviewPair]) -> list[tuple[str, str]]:
    return [end for p in pairs for end in ((p.source_a, p.record_a), (p.source_b, p.record_b))]


def _records(keys: Sequence[tuple[str, str]]) -> dict[tuple[str, str], SourceRecord]:
    wanted = set(keys)
    rows = SourceRecord.objects.filter(
        source__in={s for s, _ in wanted}, record_id__in={r for _, r in wanted}
    ).select_related("person")
    return {(r.source, r.record_id): r for r in rows if (r.source, r.record_id) in wanted}


def _names(keys: Sequence[tuple[str, str]]) -> dict[tuple[str, str], str]:
    return {key: (opened(r).said("name") or ("", ""))[0] for key, r in _records(keys).items()}


@door(reads="review", act="count")
def review_counts(access: Access) -> ReviewCounts:
    """How many pairs wait, by why they are asked; how many were decided, and how."""
    rows = _pairs(access).values("state", "why").annotate(n=Count("id")).order_by("state", "why")
    states: dict[str, int] = {}
    whys: dict[str, int] = {}
    for row in rows:
        states[row["state"]] = states.get(row["state"], 0) + row["n"]
        if row["state"] == PairState.WAITING:
            whys[row["why"]] = whys.get(row["why"], 0) + row["n"]
    return ReviewCounts(
        waiting=states.get(PairState.WAITING, 0),
        unsure=states.get(PairState.UNSURE, 0),
        same=states.get(PairState.SAME, 0),
        different=states.get(PairState.DIFFERENT, 0),
        why=whys,
    )


@door(reads="review", act="open")
def review_pair(access: Access, *, pair: UUID) -> PairView:
    """A pair with both records side by side, the evidence for and against, and what saying "same" would do."""
    found = _pairs(access).filter(id=pair).first()
    records = _records(_ends([found])) if found else {}
    if found is None or len(records) < 2:
        raise NotFound(code="pair_unknown", zh="没有此待复核对。", en="There is no such pair to review.")
    a, b = records[found.source_a, found.record_a], records[found.source_b, found.record_b]
    contents = (opened(a), opened(b))
    return PairView(
        id=found.id,
        why=found.why,
        probability=found.probability,
        worth=found.worth,
        state=found.state,
        reason=found.reason,
        act=found.act,
        taken=_taken(access, found),
        sides=tuple(_side(c) for c in contents),
        values=_beside(*contents),
        bits=steps_of(found.evidence),
        one_person=a.person_id == b.person_id,
        preview=None if a.person_id == b.person_id else _merged(access, a.person, b.person),
    )


def _side(content: Content) -> PairSide:
    r = content.record
    return PairSide(
        record=r.id,
        person_id=r.person_id,
        source=r.source,
        record_id=r.record_id,
        batch=r.batch,
        sheet=r.sheet,
        row_no=r.row_no,
        as_of_on=r.as_of_on,
        records=r.person.records,
        name=r.person.name,
    )


def _beside(a: Content, b: Content) -> tuple[PairValue, ...]:
    rows = []
    for field in FIELDS:
        one, two = a.said(field), b.said(field)
        if one is None and two is None:
            continue
        same = bool(one and two and one[1] and one[1] == two[1])
        rows.append(
            PairValue(
                field=field,
                left=one[0] if one else "",
                right=two[0] if two else "",
                agreement="missing" if one is None or two is None else "same" if same else "different",
            )
        )
    return tuple(rows)


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
