"""What the register already knows, asked before anybody is: by column, for a target, and person by person."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

from django.db import connection
from django.utils import timezone

from wangge.access.vault import vault
from wangge.kernel.access import Access
from wangge.kernel.doors import door
from wangge.kernel.privacy import Privacy
from wangge.kernel.problems import BadInput, Refused
from wangge.registry.analysis import load_schema
from wangge.registry.models import Dwelling, Person
from wangge.registry.states import FACTS
from wangge.registry.types import (
    DoorRow,
    Gap,
    Holder,
    Holding,
    Holdings,
    KnownPerson,
    KnownValue,
    Target,
    Wanted,
)

STALE_AFTER = timedelta(days=365)
# How each column is seen to be held: SQL over registry_person. Further facts stand in `facts`.
_GOLDEN = {
    "name": "name <> ''",
    "id_no": "id_no_sealed IS NOT NULL",
    "sex": "sex <> ''",
    "birth": "birth_on IS NOT NULL",
    "phone": "phone_sealed IS NOT NULL",
    "address": "dwelling_id IS NOT NULL",
}
_PLACED = {"household_ref": "household_id IS NOT NULL", "grid_code": "unit_no % 1000 <> 0"}
HELD_COLUMNS: tuple[str, ...] = (*_GOLDEN, *_PLACED, *FACTS)
FLAGS = ("lives_alone", "disability", "left_behind", "boards")


def _held(column: str) -> str:
    if column in FACTS:
        return f"coalesce(facts -> '{column}' ->> 'v', '') <> ''"
    return _GOLDEN.get(column) or _PLACED.get(column) or "false"


def _told(column: str) -> tuple[str, str, str]:
    """SQL of source, day and certainty of a held value."""
    if column in FACTS:
        return f"facts -> '{column}' ->> 's'", f"facts -> '{column}' ->> 'd'", "NULL::float8"
    seen = f"provenance -> '{'address' if column in _PLACED else column}'"
    return f"{seen} ->> 0", f"{seen} ->> 2", f"({seen} ->> 5)::float8"


def _missing(wanted: Wanted) -> tuple[str, str]:
    """SQL of held and of derivable (where not held)."""
    groups = [" AND ".join(f"({_held(c)})" for c in group) for group in wanted.follows if group]
    follows = " OR ".join(f"({g})" for g in groups) or "false"
    return f"({_held(wanted.column)})", f"({follows})"


def _target(access: Access, target: Target) -> tuple[str, dict[str, Any]]:
    """SQL of who belongs to a target, with its values. Raises Refused for a target beyond the territory."""
    if not access.scope.covers(target.scope):
        raise Refused(
            code="area_out_of_scope",
            zh="所选范围不在您的辖区内。",
            en="The chosen area is not in your territory.",
        )
    if target.sex not in ("", "male", "female") or not set(target.facts) <= set(FLAGS):
        raise BadInput(
            code="target_unknown",
            zh=f"对象条件无法识别；可用：{'、'.join(FLAGS)}。",
            en=f"The condition of the target is not known; there are {', '.join(FLAGS)}.",
            place="target",
        )
    years = "date_part('year', age(%(today)s::date, birth_on))"
    parts = ["NOT retired AND unit_no BETWEEN %(lo)s AND %(hi)s"]
    parts += [f"{years} >= %(age_from)s"] if target.age_from is not None else []
    parts += [f"{years} <= %(age_to)s"] if target.age_to is not None else []
    parts += ["sex = %(sex)s"] if target.sex else []
    parts += [f"facts -> '{fact}' ->> 'v' IN ('true', 'yes')" for fact in target.facts]
    return " AND ".join(parts), {
        "today": timezone.localdate(), "lo": target.scope.lo, "hi": target.scope.hi, "age_from": target.age_from,
        "age_to": target.age_to, "sex": target.sex,
    }  # fmt: skip


_COUNT = """
SELECT {source} AS source, grouping({source}) AS everyone,
       count(*) FILTER (WHERE {held}), count(*) FILTER (WHERE NOT {held} AND {follows}),
       count(*) FILTER (WHERE NOT {held} AND NOT {follows}),
       count(*) FILTER (WHERE {held} AND nullif({day}, '') < %(old)s),
       min(nullif({day}, '')) FILTER (WHERE {held}),
       percentile_disc(0.5) WITHIN GROUP (ORDER BY nullif({day}, '')) FILTER (WHERE {held}),
       max(nullif({day}, '')) FILTER (WHERE {held}), avg({sure}) FILTER (WHERE {held})
FROM registry_person WHERE {target} GROUP BY GROUPING SETS (({source}), ())
"""


def _holding(cursor: Any, wanted: Wanted, where: str, values: dict[str, Any]) -> Holding:
    held, follows = _missing(wanted)
    source, day, sure = _told(wanted.column)
    cursor.execute(
        _COUNT.format(source=source, held=held, follows=follows, day=day, sure=sure, target=where), values
    )
    rows = cursor.fetchall()
    whole = next(r for r in rows if r[1] == 1)
    holders = sorted((Holder(r[0] or "", r[2]) for r in rows if r[1] == 0 and r[2]), key=lambda h: -h.people)
    _source, _everyone, n_held, n_follows, n_missing, stale, oldest, middle, newest, certain = whole
    return Holding(
        wanted.column, n_held, n_follows, n_missing, stale, oldest or "", middle or "", newest or "", certain,
        tuple(holders),
    )  # fmt: skip


@door(reads="registry", act="weigh")
def holdings(access: Access, *, target: Target, wanted: tuple[Wanted, ...]) -> Holdings:
    """For each wanted column: for how many people of a target it is held, by whom, as of when, how surely; for how many
    it follows from others; for how many it is missing. Counts only; a column the register does not keep is missing."""
    where, values = _target(access, target)
    aged = target.age_from is not None or target.age_to is not None
    unaged, _values = _target(access, Target(target.scope, sex=target.sex, facts=target.facts))
    values["old"] = (timezone.localdate() - STALE_AFTER).isoformat()
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT count(*) FROM registry_person WHERE {where}", values)
        people = int(cursor.fetchone()[0])
        unknown = 0
        if aged:
            cursor.execute(
                f"SELECT count(*) FROM registry_person WHERE {unaged} AND birth_on IS NULL", values
            )
            unknown = int(cursor.fetchone()[0])
        found = tuple(_holding(cursor, w, where, values) for w in wanted)
    return Holdings(people, unknown, found)


@door(reads="person", act="gaps")
def gaps(access: Access, *, target: Target, wanted: tuple[Wanted, ...]) -> tuple[Gap, ...]:
    """Everybody of a target, door by door, with the wanted columns that are missing; people who lack none too."""
    where, values = _target(access, target)
    parts = [_missing(w) for w in wanted]
    bits = " + ".join(
        f"CASE WHEN {held} OR {follows} THEN 0 ELSE {1 << n} END" for n, (held, follows) in enumerate(parts)
    )
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT id, dwelling_id, unit_no, ({bits or '0'})::bigint FROM registry_person WHERE {where}"
            " ORDER BY unit_no, dwelling_id, id",
            values,
        )
        rows = cursor.fetchall()
    named: dict[int, tuple[str, ...]] = {}
    for mask in {row[3] for row in rows}:
        named[mask] = tuple(w.column for n, w in enumerate(wanted) if mask >> n & 1)
    return tuple(Gap(person, dwelling, unit, named[mask]) for person, dwelling, unit, mask in rows)


def _address(dwelling: Dwelling) -> str:
    building = f"{dwelling.building}号楼" if dwelling.building else ""
    unit = f"{dwelling.unit}单元" if dwelling.unit else ""
    return f"{dwelling.estate}{building}{unit}{dwelling.room}"


@door(reads="registry", act="doors")
def dwellings(
    access: Access, *, target: Target | None = None, ids: tuple[UUID, ...] | None = None
) -> tuple[DoorRow, ...]:
    """The doors of a territory (of the access, or of a target), or those of `ids`, by grid and address."""
    scope = access.scope
    if target is not None:
        _target(access, target)
        scope = target.scope
    rows = Dwelling.objects.filter(unit_no__gte=scope.lo, unit_no__lte=scope.hi)
    if ids is not None:
        rows = rows.filter(id__in=ids)
    ordered = rows.order_by("unit_no", "estate", "building", "unit", "room", "id")
    return tuple(DoorRow(d.id, d.unit_no, _address(d)) for d in ordered)


@door(reads="person", act="prefill")
def prefill(
    access: Access, *, ids: tuple[UUID, ...], columns: tuple[str, ...] = ()
) -> tuple[KnownPerson, ...]:
    """Who these people are and what is held of the given columns, so that it is shown and not asked again."""
    rows = (
        Person.objects.filter(
            id__in=ids, unit_no__gte=access.scope.lo, unit_no__lte=access.scope.hi, retired=False
        )
        .select_related("dwelling")
        .order_by("birth_on", "id")
    )
    return tuple(
        KnownPerson(
            p.id,
            p.name,
            p.birth_on,
            p.dwelling_id,
            tuple(v for c in columns if (v := _value(p, c)) is not None),
        )
        for p in rows
    )


def _value(person: Person, column: str) -> KnownValue | None:
    if column in FACTS:
        told = person.facts.get(column) or {}
        if not told.get("v"):
            return None
        value = str(told["v"])
        if load_schema("person").column(column).privacy == Privacy.SENSITIVE:
            return KnownValue(column, "", value, str(told["s"]), str(told["d"]))
        return KnownValue(column, value, "", str(told["s"]), str(told["d"]))
    plain = {
        "name": person.name,
        "sex": person.sex,
        "birth": person.birth_on.isoformat() if person.birth_on else "",
        "address": _address(person.dwelling) if person.dwelling else "",
    }
    sealed = {"id_no": person.id_no_sealed, "phone": person.phone_sealed}.get(column)
    value = vault("registry").unseal(sealed) if sealed else plain.get(column, "")
    if not value:
        return None
    source, _record, as_of = (person.provenance.get(column) or ["", "", ""])[:3]
    return KnownValue(column, value, "", str(source or ""), str(as_of or ""))
