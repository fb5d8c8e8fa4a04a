"""Records change sides: what a merge, a split and their undoing have in common. Private to the room."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.db.models import Q
from django.utils import timezone

from wangge.access.vault import vault
from wangge.kernel.access import Access
from wangge.kernel.problems import NotFound
from wangge.registry.contents import Content, choices, copies, facts_of, opened
from wangge.registry.models import Dwelling, Household, LinkDecision, Person, SourceRecord
from wangge.registry.rules.names import sound_of
from wangge.registry.rules.survivorship import Choice
from wangge.registry.states import Verdict

SEXES = {"M": "male", "F": "female"}
Key = tuple[str, str]  # (source, record id)


@dataclass(frozen=True, slots=True)
class Standing:
    """A decision about a pair that holds now."""

    a: Key
    b: Key
    verdict: str
    act: UUID | None


def held(access: Access, *ids: UUID) -> list[Person]:
    """Persons of the access's territory, locked in one order, in the order asked. Raises NotFound for any missing."""
    rows = Person.objects.select_for_update().filter(
        id__in=ids, unit_no__gte=access.scope.lo, unit_no__lte=access.scope.hi
    )
    found = {p.id: p for p in rows.order_by("id")}
    if len(found) < len(set(ids)):
        raise NotFound(
            code="person_unknown", zh="没有此人，或不在您的辖区。", en="No such person in your territory."
        )
    return [found[i] for i in ids]


def contents_of(person: Person) -> list[Content]:
    return [opened(r) for r in SourceRecord.objects.filter(person=person).order_by("source", "record_id")]


def standing_among(keys: Iterable[Key]) -> list[Standing]:
    """Decisions that hold between any two of these records."""
    wanted = set(keys)
    ids = {record for _, record in wanted}
    rows = LinkDecision.objects.filter(record_a__in=ids, record_b__in=ids).order_by("decided_at", "id")
    last: dict[tuple[Key, Key], LinkDecision] = {}
    for row in rows:
        a, b = (row.source_a, row.record_a), (row.source_b, row.record_b)
        if a in wanted and b in wanted:
            last[a, b] = row
    return [
        Standing(a, b, row.verdict, row.act)
        for (a, b), row in last.items()
        if row.verdict != Verdict.WITHDRAWN
    ]


def say(access: Access, act: UUID, pairs: Iterable[tuple[Key, Key]], verdict: str, reason: str) -> None:
    """Write decisions about pairs of records; each pair in one order, so that the last about it is found."""
    now = timezone.now()
    LinkDecision.objects.bulk_create(
        LinkDecision(
            source_a=min(a, b)[0],
            record_a=min(a, b)[1],
            source_b=max(a, b)[0],
            record_b=max(a, b)[1],
            verdict=verdict,
            reason=reason,
            decided_by=access.actor,
            decided_at=now,
            act=act,
        )
        for a, b in pairs
    )


def take_back(access: Access, act: UUID) -> None:
    """Withdraw what an act decided, and let hold again what it had overruled."""
    mine = list(LinkDecision.objects.filter(act=act))
    keys = {k for d in mine for k in ((d.source_a, d.record_a), (d.source_b, d.record_b))}
    pairs = {((d.source_a, d.record_a), (d.source_b, d.record_b)) for d in mine}
    before: dict[tuple[Key, Key], LinkDecision] = {}
    first = min((d.decided_at for d in mine), default=timezone.now())
    rows = LinkDecision.objects.filter(record_a__in={r for _, r in keys}, decided_at__lt=first)
    for row in rows.order_by("decided_at", "id"):
        before[(row.source_a, row.record_a), (row.source_b, row.record_b)] = row
    again: dict[str, list[tuple[Key, Key]]] = {}
    for pair in sorted(pairs):
        old = before.get(pair)
        again.setdefault(old.verdict if old else Verdict.WITHDRAWN, []).append(pair)
    for verdict, some in again.items():
        say(access, act, some, verdict, "undone")


def move(records: Sequence[UUID], source: Person, target: Person) -> int:
    """Give those of the records that are still one person's to another; returns how many."""
    return SourceRecord.objects.filter(id__in=records, person=source).update(
        person=target, unit_no=target.unit_no
    )


def make_person(like: Person) -> Person:
    """A new person where another one stands, in a household of its own until the next linkage."""
    made = Person(unit_no=like.unit_no, dwelling=None, provenance={}, facts={})
    made.household = Household.objects.create(key=f"split:{made.id}", unit_no=like.unit_no, members=1)
    made.save()
    return made


def choose_again(access: Access, person: Person) -> None:
    """Write a person's golden record anew from the records it has now; without records it is retired."""
    contents = contents_of(person)
    chosen = choices(contents, copies())
    sealer = vault("registry")
    name, id_no, phone = (_value(chosen, f) for f in ("name", "id_no", "phone"))
    sound = sound_of(name)
    person.name, person.given = name, _of_best(contents, chosen, "name").given if name else ""
    person.pinyin, person.sound, person.initials = sound.ordered, sound.typed, sound.initials
    person.sex = SEXES.get(_value(chosen, "sex"), "")
    person.birth_on = _day(_value(chosen, "birth"))
    person.id_no_sealed = sealer.seal(id_no) if id_no else None
    person.id_no_blind = sealer.blind("id_no", id_no) if id_no else None
    person.phone_sealed = sealer.seal(phone) if phone else None
    person.phone_blind = sealer.blind("phone", phone) if phone else None
    person.dwelling = _dwelling(access, contents, chosen, person) if "address" in chosen else None
    if person.dwelling is not None:
        person.unit_no = person.dwelling.unit_no
    person.facts = facts_of(contents)
    person.provenance = {f: _ground(c) for f, c in chosen.items()}
    person.records, person.retired = len(contents), not contents
    person.digest = None  # it stands no more as linkage wrote it
    person.as_of_on = max((c.record.as_of_on for c in contents if c.record.as_of_on), default=None)
    person.save()
    SourceRecord.objects.filter(person=person).update(unit_no=person.unit_no)
    if person.household_id is not None:
        members = Person.objects.filter(household_id=person.household_id, retired=False).count()
        Household.objects.filter(id=person.household_id).update(members=members)


def _ground(choice: Choice) -> list[object]:
    """Where a value came from, as the import writes it."""
    best, kept = choice.best, choice.best.best
    return [
        kept.source,
        kept.record_id,
        kept.as_of,
        len(best.support),
        len(choice.values),
        round(best.sure, 4),
    ]


def _value(chosen: dict[str, Choice], field: str) -> str:
    return chosen[field].best.value if field in chosen else ""


def _of_best(contents: Sequence[Content], chosen: dict[str, Choice], field: str) -> Content:
    best = chosen[field].best.best
    return next(c for c in contents if (c.record.source, c.record.record_id) == (best.source, best.record_id))


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        return None


def _dwelling(
    access: Access, contents: Sequence[Content], chosen: dict[str, Choice], person: Person
) -> Dwelling:
    key = chosen["address"].best.value
    found = Dwelling.objects.filter(key=key).first()
    if found is not None:
        return found
    place, building, unit, room = _of_best(contents, chosen, "address").door
    return Dwelling.objects.create(
        key=key, estate=place, building=building, unit=unit, room=room, unit_no=person.unit_no
    )


def records_in(access: Access, ids: Sequence[UUID], person: Person) -> list[SourceRecord]:
    """Those source records, which must all be this person's. Raises NotFound."""
    found = list(SourceRecord.objects.filter(Q(id__in=ids), person=person))
    if len(found) < len(set(ids)):
        raise NotFound(
            code="record_unknown", zh="此人没有这条来源记录。", en="This person has no such source record."
        )
    return found
