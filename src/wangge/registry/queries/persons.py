"""Every read that leaves the registry."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from django.db import connection
from django.db.models import Q, QuerySet
from django.utils import timezone

from wangge.access.vault import vault
from wangge.kernel.access import Access
from wangge.kernel.doors import door
from wangge.kernel.pages import PAGE_SIZE, Cursor, Page
from wangge.kernel.problems import BadInput, NotFound
from wangge.registry.contents import FIELDS, choices, copies, opened
from wangge.registry.models import (
    Dwelling,
    Household,
    LinkDecision,
    Person,
    SourceRecord,
)
from wangge.registry.rules.identity import looks_like_id_no, looks_like_phone, normal_digits
from wangge.registry.rules.survivorship import RULE
from wangge.registry.types import (
    Decision,
    EvidenceStep,
    FactView,
    FieldView,
    Introduced,
    LinkView,
    MemberView,
    Pair,
    PersonRow,
    PersonView,
    Reached,
    RecordView,
    RegistryCounts,
    Said,
    ScreeningColumns,
    Told,
)

_LAST = "\U0010ffff"  # after every character, so a prefix is a range that an index serves


def _address(person: Person) -> str:
    door_ = person.dwelling
    if door_ is None:
        return ""
    parts = (
        door_.estate,
        door_.building and f"{door_.building}号楼",
        door_.unit and f"{door_.unit}单元",
        door_.room,
    )
    return "".join(p for p in parts if p)


def _unsealed(value: bytes | memoryview | None) -> str:
    return vault("registry").unseal(value) if value else ""


def _row(person: Person) -> PersonRow:
    return PersonRow(
        person_id=person.id,
        name=person.name,
        sex=person.sex,
        birth_on=person.birth_on,
        phone=_unsealed(person.phone_sealed),
        address=_address(person),
        unit_no=person.unit_no,
        records=person.records,
    )


def _in_scope(access: Access) -> QuerySet[Person]:
    return Person.objects.filter(unit_no__gte=access.scope.lo, unit_no__lte=access.scope.hi, retired=False)


def _matching(text: str) -> Q:
    """What a search text means: an identity number, a phone, a sound or a name."""
    digits = normal_digits(text)
    sealer = vault("registry")
    if looks_like_id_no(digits):
        return Q(id_no_blind=sealer.blind("id_no", digits.upper()))
    if looks_like_phone(digits):
        return Q(phone_blind=sealer.blind("phone", digits))
    plain = "".join(text.split())
    if plain.isascii():
        low = plain.lower()
        return Q(sound__gte=low, sound__lt=low + _LAST) | Q(initials=low)
    named = Q(name__gte=plain, name__lt=plain + _LAST)
    if len(plain) == 1:
        return named  # one character is a surname
    return named | Q(given__gte=plain, given__lt=plain + _LAST)


@door(reads="person", act="search")
def search_persons(
    access: Access, *, text: str, after: str | None = None, size: int = PAGE_SIZE
) -> Page[PersonRow]:
    """Persons in the access's territory by name or beginning of a name, sound (pinyin or initials), whole
    identity number or whole phone; in pinyin order."""
    if not text.strip():
        raise BadInput(
            code="search_empty",
            zh="请输入姓名、拼音、证件号码或电话。",
            en="Type a name, pinyin, an identity number or a phone.",
            place="q",
        )
    rows = (
        _in_scope(access).filter(_matching(text.strip())).select_related("dwelling").order_by("pinyin", "id")
    )
    mark = Cursor.decode(after, 1, UUID)
    if mark is not None:
        pinyin, last = _place_of(mark.values[0])
        rows = rows.filter(Q(pinyin__gt=pinyin) | Q(pinyin=pinyin, id__gt=last))
    found = list(rows[: size + 1])
    shown = found[:size]
    follow = Cursor((str(shown[-1].id),)).encode() if len(found) > size else None
    return Page(tuple(map(_row, shown)), follow)


def _place_of(last: UUID) -> tuple[str, UUID]:
    """Where a person stands in the order. The mark says only who: a name in it would stand in addresses and logs, and
    tell what is masked."""
    found = Person.objects.filter(id=last).values_list("pinyin", "id").first()
    if found is None:
        raise BadInput(
            code="page_mark_unreadable",
            zh="翻页标记无法识别，请从第一页重新开始。",
            en="The page mark cannot be read. Start again from the first page.",
        )
    return found


@door(reads="person", act="open", subject="person_id")
def person(access: Access, *, person_id: UUID) -> PersonView:
    """One person with every field's sources, further facts and household."""
    found = _in_scope(access).select_related("dwelling").filter(id=person_id).first()
    if found is None:
        raise NotFound(
            code="person_unknown", zh="没有此人，或不在您的辖区。", en="No such person in your territory."
        )
    records = list(SourceRecord.objects.filter(person=found).order_by("source", "record_id"))
    return PersonView(
        person_id=found.id,
        name=found.name,
        sex=found.sex,
        birth_on=found.birth_on,
        id_no=_unsealed(found.id_no_sealed),
        phone=_unsealed(found.phone_sealed),
        address=_address(found),
        household=found.household_id,
        dwelling=found.dwelling_id,
        unit_no=found.unit_no,
        records=found.records,
        rule=RULE,
        fields=_provenance(records),
        links=_links(records),
        facts=tuple(
            FactView(fact, str(told["v"]), str(told["s"]), str(told["d"]))
            for fact, told in sorted(found.facts.items())
        ),
        members=_members(found),
    )


def _provenance(records: Sequence[SourceRecord]) -> tuple[FieldView, ...]:
    """Each field's told values, the surviving one first, with its bits and the point of the rule that decided."""
    contents = [opened(r) for r in records]
    chosen = choices(contents, copies())
    views = []
    for field in FIELDS:
        choice = chosen.get(field)
        support = (
            {(s.telling.source, s.telling.record_id): s for v in choice.values for s in v.support}
            if choice
            else {}
        )
        best = choice.best if choice else None
        rows = []
        for content in contents:
            said = content.said(field)
            if said is None:
                continue
            r, (raw, read) = content.record, said
            adds = support.get((r.source, r.record_id))
            kept = best is not None and (best.best.source, best.best.record_id) == (r.source, r.record_id)
            rows.append(
                Told(
                    value=raw,
                    source=r.source,
                    record_id=r.record_id,
                    batch=r.batch,
                    sheet=r.sheet,
                    row_no=r.row_no,
                    as_of_on=r.as_of_on,
                    chosen=kept,
                    why=choice.why if choice and kept else "",
                    agrees=best is not None and best.value == read,
                    bits=adds.gain / 1000 if adds else 0.0,
                    copied=adds.copied if adds else False,
                    verified=content.verified,
                )
            )
        if not rows:
            continue
        rows.sort(key=lambda t: (not t.chosen, not t.agrees, t.source, t.record_id))
        views.append(
            FieldView(
                field=field,
                value=next((t.value for t in rows if t.chosen), ""),
                agreeing=len(best.support) if best else 0,
                different=len(choice.values) if choice else 0,
                told=tuple(rows),
                sure=best.sure if best else 0.0,
            )
        )
    return tuple(views)


def _links(records: Sequence[SourceRecord]) -> tuple[LinkView, ...]:
    """Why each record is held to be this person: its strongest link to another of the person's records."""
    here = {(r.source, r.record_id) for r in records}
    found = []
    for record in records:
        told = record.evidence or {}
        other = tuple(told.get("with") or ())
        found.append(
            LinkView(
                record=record.id,
                source=record.source,
                record_id=record.record_id,
                other_source=str(other[0]) if other in here else "",
                other_record=str(other[1]) if other in here else "",
                kind=str(told.get("kind", "")) if other in here else ("moved" if other else ""),
                probability=told.get("p") if other in here else None,
                bits=EvidenceStep.of(told.get("bits") or {}) if other in here else (),
            )
        )
    return tuple(found)


def _members(found: Person) -> tuple[MemberView, ...]:
    if found.household_id is None:
        return ()
    others = Person.objects.filter(household_id=found.household_id, retired=False).exclude(id=found.id)
    return tuple(MemberView(p.id, p.name, p.sex, p.birth_on) for p in others.order_by("birth_on", "id"))


@door(reads="person", act="match")
def match_id_numbers(access: Access, *, numbers: tuple[str, ...]) -> dict[str, UUID]:
    """Person ids by valid identity number; numbers nobody has are left out."""
    sealer = vault("registry")
    wanted = {sealer.blind("id_no", n.upper()): n for n in numbers if n}
    rows = (
        _in_scope(access).filter(id_no_blind__in=list(wanted)).values_list("id_no_blind", "id").order_by("id")
    )
    return {wanted[bytes(blind)]: found for blind, found in rows if blind is not None}


@door(reads="person", act="reach")
def reach(access: Access, *, ids: tuple[UUID, ...]) -> tuple[Reached, ...]:
    """Name, door and phone of persons, for the tasks that lead to them."""
    rows = _in_scope(access).filter(id__in=ids).select_related("dwelling").order_by("id")
    return tuple(
        Reached(p.id, p.name, _unsealed(p.phone_sealed), _address(p), p.dwelling_id, p.unit_no) for p in rows
    )


@door(reads="person", act="introduce")
def introduced(access: Access, *, person_id: UUID) -> Introduced:
    """What a status credential shows of a person, and the grid. Raises NotFound outside the access's territory."""
    found = _in_scope(access).filter(id=person_id).values_list("initials", "birth_on", "unit_no").first()
    if found is None:
        raise NotFound(
            code="person_unknown",
            zh="没有此人，或不在您的管辖范围内。",
            en="There is no such person in your territory.",
        )
    initials, birth_on, unit = found
    letters = "".join(c for c in initials.upper() if "A" <= c <= "Z")[:4]
    return Introduced(person_id, letters, birth_on.month * 100 + birth_on.day if birth_on else 0, unit)


@door(reads="person", act="screen")
def households_of(access: Access, *, ids: tuple[UUID, ...]) -> tuple[Pair, ...]:
    """Who lives with each of these persons: one pair for each other member of the household."""
    own = dict(
        _in_scope(access).filter(id__in=ids, household__isnull=False).values_list("id", "household_id")
    )
    members: dict[UUID, list[UUID]] = {}
    for member, household in (
        _in_scope(access)
        .filter(household_id__in=set(own.values()))
        .order_by("id")
        .values_list("id", "household_id")
    ):
        members.setdefault(household, []).append(member)
    return tuple(
        Pair(person_id, other, household)
        for person_id, household in sorted(own.items())
        for other in members.get(household, [])
        if other != person_id
    )


_COLUMNS = """
WITH seen AS (
  SELECT id, unit_no, household_id, birth_on, facts, phone_blind, dwelling_id, as_of_on, provenance,
         date_part('year', age(%(today)s::date, birth_on))::int AS years,
         (facts -> 'employer' ->> 'v') ~ %(frontline)s AS serves
  FROM registry_person
  WHERE NOT retired AND unit_no BETWEEN %(lo)s AND %(hi)s {only}),
homes AS (
  SELECT household_id, count(*) AS members, count(*) FILTER (WHERE birth_on IS NULL) AS unsure,
         count(*) FILTER (WHERE date_part('year', age(%(today)s::date, birth_on)) BETWEEN 18 AND 79) AS adults,
         count(*) FILTER (WHERE (facts -> 'employer' ->> 'v') ~ %(frontline)s) AS serving
  FROM registry_person WHERE NOT retired AND household_id IS NOT NULL AND unit_no BETWEEN %(lo)s AND %(hi)s {homes}
  GROUP BY household_id)
SELECT s.id::text, s.unit_no, s.years,
       (s.facts -> 'lives_alone' ->> 'v')::boolean,
       CASE WHEN coalesce(h.members, 0) < 2 OR (h.unsure > 0 AND h.adults - own.one <= 0) THEN NULL
            ELSE h.adults - own.one END,
       coalesce(h.serving, 0) - (CASE WHEN s.serves THEN 1 ELSE 0 END) > 0,
       (s.facts -> 'last_visit_on' ->> 'v')::date,
       s.phone_blind IS NOT NULL,
       (s.facts -> 'disability' ->> 'v')::boolean,
       (s.facts -> 'pregnant' ->> 'v')::boolean,
       (s.facts -> 'left_behind' ->> 'v')::boolean,
       s.as_of_on,
       s.dwelling_id IS NOT NULL
FROM seen s LEFT JOIN homes h USING (household_id)
CROSS JOIN LATERAL (SELECT CASE WHEN s.years BETWEEN 18 AND 79 THEN 1 ELSE 0 END AS one) own
ORDER BY s.id
"""
_FACTS = (
    "age", "lives_alone", "adults_at_home", "frontline_family", "last_visit_on", "phone_known", "disability",
    "pregnant", "left_behind", "last_verified_on", "dwelling_located",
)  # fmt: skip
# Employers whose staff stand in the front line of an emergency (hospitals, disease control, police, communities).
FRONTLINE = "医院|卫生院|卫生服务|疾病预防|急救|公安|派出所|消防|居民委员会|居委会"


@door(reads="person", act="screen")
def screening_columns(access: Access, *, ids: tuple[UUID, ...] | None = None) -> ScreeningColumns:
    """The plain facts that screening rules read, for everybody in the territory or for `ids` only.

    `adults_at_home` counts the others of the household from 18 to 79; `frontline_family` says that another member works
    where FRONTLINE says. Where the household is not known, has one known member, or has one of unknown age who may be
    the carer, the count is missing: that nobody cares is never concluded from what the register does not know.
    """
    mine = theirs = ""
    if ids is not None:
        mine = "AND id = ANY(%(ids)s)"
        theirs = "AND household_id IN (SELECT household_id FROM registry_person WHERE id = ANY(%(ids)s))"
    with connection.cursor() as cursor:
        cursor.execute(
            _COLUMNS.format(only=mine, homes=theirs),
            {
                "today": timezone.localdate(),
                "frontline": FRONTLINE,
                "lo": access.scope.lo,
                "hi": access.scope.hi,
                "ids": list(ids or ()),
            },
        )
        rows = cursor.fetchall()
    columns = [list(c) for c in zip(*rows, strict=True)] if rows else [[] for _ in range(len(_FACTS) + 2)]
    return ScreeningColumns(columns[0], columns[1], dict(zip(_FACTS, columns[2:], strict=True)))


@door(reads="registry", act="import")
def anchors(access: Access, *, persons: tuple[UUID, ...]) -> dict[UUID, tuple[str, str]]:
    """One source record (source, record id) of each person: what a correction about that person is tied to."""
    rows = (
        SourceRecord.objects.filter(person_id__in=persons)
        .order_by("person_id", "source", "record_id")
        .distinct("person_id")
        .values_list("person_id", "source", "record_id")
    )
    return {person: (source, record) for person, source, record in rows}


@door(reads="registry", act="count")
def counts(access: Access) -> RegistryCounts:
    """How many of each stand in the access's territory."""
    scope = {"unit_no__gte": access.scope.lo, "unit_no__lte": access.scope.hi}
    return RegistryCounts(
        persons=_in_scope(access).count(),
        records=SourceRecord.objects.filter(**scope).count(),
        households=Household.objects.filter(**scope).count(),
        dwellings=Dwelling.objects.filter(**scope).count(),
    )


@door(reads="registry", act="decide")
def decisions(access: Access) -> tuple[Decision, ...]:
    """All link decisions in the order they were made; the last about a pair counts."""
    return tuple(
        Decision(
            d.id,
            d.source_a,
            d.record_a,
            d.source_b,
            d.record_b,
            d.verdict,
            d.reason,
            d.decided_by,
            d.decided_at,
        )
        for d in LinkDecision.objects.order_by("decided_at", "id")
    )


@door(reads="registry", act="import")
def owners_of(
    access: Access, *, keys: tuple[tuple[str, str], ...]
) -> dict[tuple[str, str], tuple[UUID, int]]:
    """Whose each source record (source, record id) is, and in which unit; unknown ones are left out."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT s.source, s.record_id, s.person_id, s.unit_no"
            " FROM unnest(%s::text[], %s::text[]) AS k (source, record)"
            " JOIN registry_sourcerecord s ON s.source = k.source AND s.record_id = k.record",
            [[source for source, _ in keys], [record for _, record in keys]],
        )
        return {(source, record): (person, unit) for source, record, person, unit in cursor.fetchall()}


@door(reads="person", act="recall")
def records_told(access: Access, *, keys: tuple[tuple[str, str], ...]) -> tuple[RecordView | None, ...]:
    """Source records (source, record id) as they came, in the order asked; None for one that is not known."""
    wanted = set(keys)
    rows = SourceRecord.objects.filter(
        source__in={s for s, _ in wanted}, record_id__in={r for _, r in wanted}
    ).select_related("person")
    found = {(r.source, r.record_id): _told_by(r) for r in rows if (r.source, r.record_id) in wanted}
    return tuple(found.get(key) for key in keys)


def _told_by(r: SourceRecord) -> RecordView:
    content = opened(r)
    said = tuple(Said(field, *told) for field in FIELDS if (told := content.said(field)) is not None)
    return RecordView(
        record=r.id,
        person_id=r.person_id,
        source=r.source,
        record_id=r.record_id,
        batch=r.batch,
        sheet=r.sheet,
        row_no=r.row_no,
        as_of_on=r.as_of_on,
        name=r.person.name,
        told_name=next((s.raw for s in said if s.field == "name"), ""),
        records=r.person.records,
        said=said,
    )
