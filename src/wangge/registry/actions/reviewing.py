"""Persons merged, split and kept apart by hand: obeyed at once and by every linkage after; all can be undone."""

from __future__ import annotations

from itertools import product
from uuid import UUID

from django.utils import timezone

from wangge.kernel.access import Access
from wangge.kernel.doors import door
from wangge.kernel.problems import BadInput, Conflict, NotFound
from wangge.registry.models import Person, RegistryAct, SourceRecord
from wangge.registry.moving import (
    Key,
    choose_again,
    held,
    make_person,
    move,
    records_in,
    say,
    standing_among,
    take_back,
)
from wangge.registry.rules.sides import keeps
from wangge.registry.states import ActKind, Verdict

PAIRS_AT_MOST = 2_000


@door(writes="registry", act="decide")
def merge_records(access: Access, *, a: Key, b: Key, reason: str = "", pair: UUID | None = None) -> UUID:
    """Make the persons of two source records one. Gives the act, which can be undone; `pair` is what asked for it."""
    one, two = _record(*a), _record(*b)
    return _merge_pair(access, one, two, reason, pair)


@door(writes="registry", act="decide")
def keep_apart(access: Access, *, a: Key, b: Key, reason: str = "", pair: UUID | None = None) -> UUID:
    """Say that two source records are two persons, for good. Gives the act, which can be undone."""
    return _keep_apart(access, _record(*a), _record(*b), reason, pair)


@door(writes="registry", act="decide")
def keep_together(access: Access, *, a: Key, b: Key, reason: str = "", pair: UUID | None = None) -> UUID:
    """Say that two source records of one person are rightly one. Gives the act, which can be undone."""
    one, two = _record(*a), _record(*b)
    if one.person_id != two.person_id:
        raise Conflict(
            code="two_persons_now", zh="两条记录现属两人。", en="The two records are two persons now."
        )
    (person,) = held(access, one.person_id)
    act = _note(access, ActKind.TOGETHER, person=person, other=None, moved=[], reason=reason, pair=pair)
    say(access, act.id, [(a, b)], Verdict.SAME, reason)
    return act.id


@door(writes="registry", act="decide")
def part_records(
    access: Access, *, a: Key, b: Key, leaving: tuple[Key, ...], reason: str = "", pair: UUID | None = None
) -> UUID:
    """Say that two source records of one person are two people: those `leaving` with `b` become a person of their own.

    Only `a` and `b` are said to be different; how the others belong is linkage's to say. Gives the act.
    """
    one, two = _record(*a), _record(*b)
    if one.person_id != two.person_id:
        return _keep_apart(access, one, two, reason, pair)
    (person,) = held(access, one.person_id)
    going = [r for r in (_record(*key) for key in leaving) if r.person_id == person.id]
    if two.id not in {r.id for r in going} or one.id in {r.id for r in going}:
        raise Conflict(
            code="joined_otherwise_too",
            zh="两条记录还经其他记录相连，请在人员页拆分。",
            en="The two records are linked through others, too; split them on the person's page.",
        )
    made = make_person(person)
    act = _note(
        access,
        ActKind.SPLIT,
        person=person,
        other=made,
        moved=[r.id for r in going],
        reason=reason,
        pair=pair,
    )
    say(access, act.id, [(a, b)], Verdict.DIFFERENT, reason)
    move(act.moved, person, made)
    choose_again(access, person)
    choose_again(access, made)
    return act.id


@door(writes="registry", act="decide", subject="keep")
def merge_persons(access: Access, *, keep: UUID, other: UUID, reason: str) -> UUID:
    """Make two persons one: `keep` stays and takes the other's records. Gives the act, which can be undone.

    Earlier decisions that held them apart are overruled; `preview_merge` tells of them before.
    """
    if keep == other:
        raise BadInput(code="one_person_twice", zh="请选择两个不同的人。", en="Choose two different persons.")
    stays, goes = held(access, keep, other)
    return _merge(access, stays=stays, goes=goes, reason=_need(reason), pair=None).id


@door(writes="registry", act="decide", subject="person_id")
def split_person(access: Access, *, person_id: UUID, records: tuple[UUID, ...], reason: str) -> UUID:
    """Make these records of a person a person of their own. Gives the act; its `other` is the new person."""
    (person,) = held(access, person_id)
    leaving = records_in(access, records, person)
    keys = [(r.source, r.record_id) for r in leaving]
    staying = [k for k in _keys(person) if k not in set(keys)]
    if not keys or not staying:
        raise BadInput(
            code="one_side_empty", zh="两边都要有记录。", en="Both sides need a record.", place="records"
        )
    if len(keys) * len(staying) > PAIRS_AT_MOST:
        raise BadInput(
            code="too_many_records",
            zh="记录太多，请分几次拆分。",
            en="Too many records at once; split in several steps.",
            place="records",
        )
    made = make_person(person)
    act = _note(
        access,
        ActKind.SPLIT,
        person=person,
        other=made,
        moved=[r.id for r in leaving],
        reason=_need(reason),
        pair=None,
    )
    say(access, act.id, product(keys, staying), Verdict.DIFFERENT, reason)
    move(act.moved, person, made)
    choose_again(access, person)
    choose_again(access, made)
    return act.id


@door(writes="registry", act="decide")
def undo(access: Access, *, act: UUID, reason: str = "") -> None:
    """Take a merge, a split or a verdict back: the records return, the decisions it made hold no more."""
    found = RegistryAct.objects.select_for_update().filter(id=act).first()
    if found is None or not access.scope.lo <= found.unit_no <= access.scope.hi:
        raise NotFound(code="act_unknown", zh="没有此操作。", en="There is no such act.")
    if found.undone_at is not None:
        raise Conflict(code="act_undone", zh="此操作已撤销。", en="This act is undone already.")
    take_back(access, found.id)
    if found.kind != ActKind.CONFIRM and found.other_id is not None:
        person, other = held(access, found.person_id, found.other_id)
        source, target = (person, other) if found.kind == ActKind.MERGE else (other, person)
        move(found.moved, source, target)
        choose_again(access, person)
        choose_again(access, other)
    found.undone_by, found.undone_at, found.undone_reason = access.actor, timezone.now(), reason
    found.save()


def _record(source: str, record_id: str) -> SourceRecord:
    found = SourceRecord.objects.filter(source=source, record_id=record_id).first()
    if found is None:
        raise NotFound(
            code="record_unknown", zh="没有此来源记录。", en="There is no such source record.", place=source
        )
    return found


def _keys(person: Person) -> list[Key]:
    return list(SourceRecord.objects.filter(person=person).values_list("source", "record_id"))


def _need(reason: str) -> str:
    if not reason.strip():
        raise BadInput(code="reason_missing", zh="请说明理由。", en="Give the reason.", place="reason")
    return reason.strip()


def _note(
    access: Access,
    kind: ActKind,
    *,
    person: Person,
    other: Person | None,
    moved: list[UUID],
    reason: str,
    pair: UUID | None,
) -> RegistryAct:
    return RegistryAct.objects.create(
        unit_no=person.unit_no,
        kind=kind,
        person=person,
        other=other,
        moved=[str(m) for m in moved],
        pair=pair,
        reason=reason,
        made_by=access.actor,
        made_at=timezone.now(),
    )


def _merge_pair(access: Access, a: SourceRecord, b: SourceRecord, reason: str, pair: UUID | None) -> UUID:
    if a.person_id == b.person_id:
        raise Conflict(
            code="one_person_already", zh="两条记录已是同一人。", en="The two records are one person already."
        )
    one, two = held(access, a.person_id, b.person_id)
    stays, goes = (one, two) if keeps(one.records, one.id, two.records, two.id) else (two, one)
    key_a, key_b = (a.source, a.record_id), (b.source, b.record_id)
    return _merge(access, stays=stays, goes=goes, reason=reason, pair=pair, said=(key_a, key_b)).id


def _merge(
    access: Access,
    *,
    stays: Person,
    goes: Person,
    reason: str,
    pair: UUID | None,
    said: tuple[Key, Key] | None = None,
) -> RegistryAct:
    if stays.retired or goes.retired:
        raise Conflict(
            code="person_retired", zh="其中一人已并入他人。", en="One of the two was merged into another."
        )
    ours, theirs = _keys(stays), _keys(goes)
    moved = list(SourceRecord.objects.filter(person=goes).values_list("id", flat=True))
    act = _note(access, ActKind.MERGE, person=stays, other=goes, moved=moved, reason=reason, pair=pair)
    mine, across = set(ours), standing_among([*ours, *theirs])
    against = [
        (s.a, s.b) for s in across if s.verdict == Verdict.DIFFERENT and (s.a in mine) != (s.b in mine)
    ]
    say(access, act.id, against, Verdict.WITHDRAWN, reason)
    say(access, act.id, [said or (min(ours), min(theirs))], Verdict.SAME, reason)
    move(moved, goes, stays)
    choose_again(access, stays)
    choose_again(access, goes)
    return act


def _keep_apart(access: Access, a: SourceRecord, b: SourceRecord, reason: str, pair: UUID | None) -> UUID:
    if a.person_id == b.person_id:
        raise Conflict(
            code="one_person_already",
            zh="两条记录现属同一人，请在人员页拆分。",
            en="The two records are one person now; split them on the person's page.",
        )
    one, two = held(access, a.person_id, b.person_id)
    act = _note(access, ActKind.CONFIRM, person=one, other=two, moved=[], reason=reason, pair=pair)
    say(access, act.id, [((a.source, a.record_id), (b.source, b.record_id))], Verdict.DIFFERENT, reason)
    return act.id


__all__ = [
    "keep_apart",
    "keep_together",
    "merge_persons",
    "merge_records",
    "part_records",
    "split_person",
    "undo",
]
