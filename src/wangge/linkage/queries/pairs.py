"""What the one who reviews sees: the queue, and two records side by side with what "same" would do."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from django.db.models import Count, Q, QuerySet
from django.utils import timezone

from wangge.kernel.access import Access
from wangge.kernel.doors import door
from wangge.kernel.pages import PAGE_SIZE, Cursor, Page
from wangge.kernel.problems import BadInput, NotFound
from wangge.linkage.models import ReviewPair
from wangge.linkage.states import NAMESAKE, PairState
from wangge.linkage.types import PairRow, PairValue, PairView, ReviewCounts
from wangge.registry.queries import preview_merge, preview_split, records_told
from wangge.registry.states import Field
from wangge.registry.types import EvidenceStep, Preview, RecordView


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
    names = [r.told_name if r else "" for r in records_told(access, keys=tuple(_ends(shown)))]
    follow = Cursor((repr(shown[-1].worth), str(shown[-1].id))).encode() if len(found) > size else None
    return Page(
        tuple(
            PairRow(
                id=p.id,
                source_a=p.source_a,
                source_b=p.source_b,
                name_a=a,
                name_b=b,
                why=p.why,
                probability=p.probability,
                worth=p.worth,
                state=p.state,
                taken=_taken(access, p),
            )
            for p, a, b in zip(shown, names[::2], names[1::2], strict=True)
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
    a, b = records_told(access, keys=tuple(_ends([found]))) if found else (None, None)
    if found is None or a is None or b is None:
        raise NotFound(code="pair_unknown", zh="没有此待复核对。", en="There is no such pair to review.")
    return PairView(
        id=found.id,
        why=found.why,
        probability=found.probability,
        worth=found.worth,
        state=found.state,
        reason=found.reason,
        act=found.act,
        taken=_taken(access, found),
        sides=(a.place(), b.place()),
        values=_beside(a, b),
        bits=EvidenceStep.of(found.evidence),
        one_person=a.person_id == b.person_id,
        preview=_preview(access, a.person_id, b.person_id)
        if found.why != NAMESAKE
        else _parted(access, a.person_id, found),
    )


def _preview(access: Access, a: UUID, b: UUID) -> Preview | None:
    """None where the two are one already, or one of them is beyond the territory."""
    if a == b:
        return None
    try:
        return preview_merge(access, person_id=a, other=b)
    except NotFound:
        return None


def _parted(access: Access, person: UUID, pair: ReviewPair) -> Preview | None:
    """Two that linkage joined, as two again; None where they were parted meanwhile or are joined otherwise, too."""
    keys = tuple((str(source), str(record)) for source, record in pair.side)
    told = [r for r in records_told(access, keys=keys) if r is not None]
    if not told or any(r.person_id != person for r in told):
        return None
    try:
        return preview_split(access, person_id=person, records=tuple(r.record for r in told))
    except (BadInput, NotFound):
        return None


def _beside(a: RecordView, b: RecordView) -> tuple[PairValue, ...]:
    rows = []
    for field in Field:
        one, two = (next((s for s in r.said if s.field == field), None) for r in (a, b))
        if one is None and two is None:
            continue
        same = bool(one and two and one.read and one.read == two.read)
        rows.append(
            PairValue(
                field=field,
                left=one.raw if one else "",
                right=two.raw if two else "",
                agreement="missing" if one is None or two is None else "same" if same else "different",
            )
        )
    return tuple(rows)
