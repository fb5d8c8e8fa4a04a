"""Cases and categories from other systems, in bulk."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import datetime
from itertools import islice
from typing import Any, NamedTuple, TypeVar

from django.utils import timezone

from wangge.access.bulk import insert_rows
from wangge.cases.actions.reporting import (
    TITLE_LENGTH,
    case_number,
    check_plain,
    check_unit,
    next_numbers,
    real,
)
from wangge.cases.catalogue import category_in, forget, in_force, packed
from wangge.cases.models import Case, CaseStep, TaxonomyVersion
from wangge.cases.rules.categories import Taxonomy, read_taxonomy
from wangge.cases.rules.place import Point, judge_position
from wangge.cases.sealed import Details, seal_details, seal_note, sealer
from wangge.cases.states import CaseState, LimitUnit, Located, SourceKind
from wangge.cases.types import ImportedCase, ImportResult, RefusedImport
from wangge.kernel.access import Access
from wangge.kernel.doors import door
from wangge.kernel.ids import new_id
from wangge.kernel.problems import BadInput, Conflict, Problem
from wangge.kernel.sealing import Sealer

CHUNK = 20_000
T = TypeVar("T")

_CASE_COLUMNS = (
    "id",
    "number",
    "taxonomy",
    "taxonomy_version",
    "category_code",
    "title",
    "details_sealed",
    "source_kind",
    "origin",
    "external_system",
    "external_id",
    "unit_no",
    "lon",
    "lat",
    "located",
    "state",
    "steps",
    "reported_by",
    "handling_organisation_id",
    "handling_actor",
    "opened_at",
    "updated_at",
    "deadline_at",
    "closed_at",
    "limit_unit",
    "limit_rule",
)
_STEP_COLUMNS = (
    "id",
    "case_id",
    "seq",
    "verb",
    "from_state",
    "to_state",
    "actor",
    "role",
    "organisation_id",
    "to_actor",
    "at",
    "deadline_at",
    "note_sealed",
    "unit_no",
)


class _Batch(NamedTuple):
    """What all rows of one import share."""

    table: Taxonomy
    system: str
    now: datetime
    seals: Sealer


class _Good(NamedTuple):
    """A row that can be taken in, and how far its position can be trusted."""

    row: ImportedCase
    located: Located


def _chunks(rows: Iterable[T], size: int) -> Iterator[list[T]]:
    source = iter(rows)
    while chunk := list(islice(source, size)):
        yield chunk


@door(writes="case", act="import")
def import_cases(
    access: Access,
    *,
    cases: Iterable[ImportedCase],
    system: str,
    taxonomy: str = "",
    placeholders: Collection[Point] = (),
) -> ImportResult:
    """Take in cases of another system with their own deadlines.

    A case is known by ``system`` and its external id: sent again it changes nothing. One closed there enters
    closed, with that as its only step; all others enter reported. ``placeholders`` are (lon, lat) points that
    the system writes when it knows no place. Rows that cannot stand are returned with their reason and the
    others are taken in. Raises BadInput for an unknown taxonomy or an empty system name.
    """
    if not system or len(system) > 40:
        raise BadInput(
            code="external_system_missing",
            zh="请写明来源系统名称。",
            en="Name the system the cases come from.",
        )
    now = timezone.now()
    batch = _Batch(in_force(taxonomy, now), system, now, sealer())
    created = sent = not_located = 0
    refused: list[RefusedImport] = []
    for start, chunk in enumerate(_chunks(cases, CHUNK)):
        good: dict[str, _Good] = {}
        for number, row in enumerate(chunk, start * CHUNK + 1):
            try:
                _check(access, batch.table, row)
            except Problem as problem:
                refused.append(RefusedImport.of(row.external_id, number, problem))
                continue
            located = judge_position(row.lon, row.lat, placeholders=placeholders)
            good.setdefault(row.external_id, _Good(row, located))
        fresh = _insert(access, batch, good)
        created += len(fresh)
        not_located += sum(good[external].located is not Located.POINT for external in fresh)
        sent += len(chunk)
    return ImportResult(created, sent - created - len(refused), not_located, tuple(refused))


def _check(access: Access, table: Taxonomy, row: ImportedCase) -> None:
    if not row.external_id or len(row.external_id) > 80:
        raise BadInput(code="external_id_missing", zh="缺少来源编号。", en="The id in the source is missing.")
    check_plain(row.title, row.external_id)
    times = (row.opened_at, row.deadline_at, row.closed_at)
    if any(moment is not None and moment.tzinfo is None for moment in times):
        raise BadInput(code="time_without_zone", zh="时间缺少时区。", en="A time has no time zone.")
    category_in(table, row.category_code)
    check_unit(access, row.unit_no)


def _insert(access: Access, batch: _Batch, good: dict[str, _Good]) -> Sequence[str]:
    """Insert what is new; gives the external ids that were."""
    serials = next_numbers(len(good)) if good else []
    fresh = insert_rows(
        Case,
        _CASE_COLUMNS,
        (
            _case_row(access, batch, entry, serial)
            for entry, serial in zip(good.values(), serials, strict=True)
        ),
        on_conflict="ON CONFLICT (external_id, external_system) WHERE external_id IS NOT NULL DO NOTHING",
        returning=("id", "external_id"),
    )
    insert_rows(
        CaseStep,
        _STEP_COLUMNS,
        (_step_row(access, batch, case_id, good[external].row) for case_id, external in fresh),
    )
    return [external for _, external in fresh]


def _state(row: ImportedCase) -> CaseState:
    return CaseState.CLOSED if row.closed_at is not None else CaseState.REPORTED


def _case_row(access: Access, batch: _Batch, entry: _Good, serial: int) -> tuple[Any, ...]:
    row, table, system = entry.row, batch.table, batch.system
    return (
        new_id(),
        case_number(row.opened_at, serial),
        table.name,
        table.version,
        row.category_code,
        row.title.strip()[:TITLE_LENGTH],
        seal_details(Details(row.description, row.place), batch.seals),
        SourceKind.IMPORT.value,
        "",
        system,
        row.external_id,
        row.unit_no,
        real(row.lon),
        real(row.lat),
        entry.located.value,
        _state(row).value,
        1,
        access.actor,
        row.handling_organisation,
        "",
        row.opened_at,
        batch.now,
        row.deadline_at,
        row.closed_at,
        LimitUnit.OWN_DATE.value if row.deadline_at else "",
        f"own: {system}" if row.deadline_at else "",
    )


def _step_row(access: Access, batch: _Batch, case_id: Any, row: ImportedCase) -> tuple[Any, ...]:
    return (
        new_id(),
        case_id,
        1,
        "import",
        "",
        _state(row).value,
        access.actor,
        access.role,
        access.organisation,
        "",
        row.closed_at or row.opened_at,
        row.deadline_at,
        seal_note(row.closing_note, batch.seals),
        row.unit_no,
    )


@door(writes="category", act="load")
def load_categories(access: Access, *, text: str, valid_from: datetime | None = None, place: str = "") -> int:
    """Load one version of a taxonomy from the text of its CSV file; gives the number of categories.

    The same version again changes nothing; another content under the same version is refused (Conflict),
    because cases already point to it. ``valid_from`` is when new cases begin to use it (default: now).
    """
    taxonomy = read_taxonomy(text.splitlines(), name=place)
    categories = packed(taxonomy)
    held = TaxonomyVersion.objects.filter(name=taxonomy.name, version=taxonomy.version).first()
    if held is None:
        TaxonomyVersion.objects.create(
            name=taxonomy.name,
            version=taxonomy.version,
            source=taxonomy.source,
            valid_from=valid_from or timezone.now(),
            categories=categories,
        )
        forget()
    elif held.categories != categories:
        raise Conflict(
            code="taxonomy_version_differs",
            zh=f"版本“{taxonomy.version}”已存在且内容不同，请使用新的版本号。",
            en=f'The version "{taxonomy.version}" exists with other content; give it a new number.',
        )
    return len(categories)
