"""发现上报: a matter comes in."""

from __future__ import annotations

from datetime import datetime
from math import isfinite
from typing import Any
from uuid import UUID

from django.db import connection
from django.utils import timezone

from wangge.cases.catalogue import category_in, in_force
from wangge.cases.models import Case
from wangge.cases.rules.clock import shipped_calendar
from wangge.cases.rules.place import judge_position
from wangge.cases.sealed import Details, blind_phone, seal_details
from wangge.cases.states import CaseState, LimitUnit, SourceKind
from wangge.cases.types import Reported
from wangge.kernel.access import Access
from wangge.kernel.doors import door
from wangge.kernel.ids import new_id
from wangge.kernel.problems import BadInput, Conflict

TITLE_LENGTH = 200
DESCRIPTION_LENGTH = 4000

# Case, number and first step in one statement: a report is the hot path (a third of the round trips of three
# ORM calls). A client id that is there already inserts nothing and gives no row.
_INSERT = """
WITH serial AS (SELECT nextval('cases_case_serial')::text AS digits),
fresh AS (
  INSERT INTO cases_case (id, number, client_id, taxonomy, taxonomy_version, category_code, title, details_sealed,
    reporter_phone_blind, source_kind, origin, external_system, unit_no, lon, lat, located, state, steps,
    reported_by, handling_actor, opened_at, updated_at, deadline_at, limit_unit, limit_rule)
  SELECT %(id)s, %(day)s || '-' || lpad(digits, greatest(6, length(digits)), '0'), %(client_id)s, %(taxonomy)s,
    %(taxonomy_version)s, %(category_code)s, %(title)s, %(details_sealed)s, %(reporter_phone_blind)s,
    %(source_kind)s, %(origin)s, '', %(unit_no)s, %(lon)s, %(lat)s, %(located)s, %(state)s, 1, %(actor)s, '',
    %(now)s, %(now)s, %(deadline_at)s, %(limit_unit)s, %(limit_rule)s
  FROM serial
  ON CONFLICT (client_id) WHERE client_id IS NOT NULL DO NOTHING
  RETURNING id, number
),
step AS (
  INSERT INTO cases_casestep (id, case_id, seq, verb, from_state, to_state, actor, role, organisation_id, to_actor,
    at, deadline_at, unit_no)
  SELECT %(step_id)s, id, 1, 'report', '', %(state)s, %(actor)s, %(role)s, %(organisation)s, '', %(now)s,
    %(deadline_at)s, %(unit_no)s
  FROM fresh
)
SELECT id, number FROM fresh
"""


def next_numbers(count: int) -> list[int]:
    """Fresh serial numbers from the sequence, in order."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT nextval('cases_case_serial') FROM generate_series(1, %s)", [count])
        return [row[0] for row in cursor.fetchall()]


def case_number(opened_at: datetime, serial: int) -> str:
    """The number people say on the phone: local day of opening, then a serial."""
    return f"{opened_at.astimezone(shipped_calendar().zone):%Y%m%d}-{serial:06d}"


def real(value: float | None) -> float | None:
    """A coordinate that the database can hold: not-a-number and infinities are missing values."""
    return value if value is not None and isfinite(value) else None


def check_unit(access: Access, unit_no: int) -> None:
    """Raise BadInput for a place outside the territory of the access."""
    if unit_no not in access.scope:
        raise BadInput(
            code="unit_outside_scope",
            zh=f"网格“{unit_no}”不在您的辖区内，请核对位置或转有权单位登记。",
            en=f'The grid "{unit_no}" lies outside your territory; check the place or pass the report on.',
        )


def check_plain(*texts: str) -> None:
    """Raise BadInput for a NUL character, which the database cannot hold."""
    if any("\0" in text for text in texts):
        raise BadInput(
            code="text_unreadable",
            zh="文字中含有无法识别的字符。",
            en="The text holds a character that cannot be kept.",
        )


def _check(title: str, description: str, deadline_at: datetime | None, now: datetime) -> None:
    if len(title) > TITLE_LENGTH or len(description) > DESCRIPTION_LENGTH:
        raise BadInput(
            code="case_text_too_long",
            zh=f"标题不超过 {TITLE_LENGTH} 字，描述不超过 {DESCRIPTION_LENGTH} 字。",
            en=f"The title holds {TITLE_LENGTH} characters, the description {DESCRIPTION_LENGTH}.",
        )
    check_deadline(deadline_at, now)


def check_deadline(deadline_at: datetime | None, now: datetime) -> None:
    """Raise BadInput for a deadline without zone or in the past."""
    if deadline_at is None:
        return
    if deadline_at.tzinfo is None:
        raise BadInput(code="deadline_without_zone", zh="期限缺少时区。", en="The deadline has no time zone.")
    if deadline_at <= now:
        raise BadInput(
            code="deadline_in_the_past",
            zh=f"期限 {deadline_at:%Y-%m-%d %H:%M} 已过，请设定今后的时间。",
            en=f"The deadline {deadline_at:%Y-%m-%d %H:%M} is in the past; set one that lies ahead.",
        )


def _received_before(access: Access, client_id: UUID | None) -> Reported:
    """The case that an earlier sending of the same report made. Conflict when it was another's report."""
    held = (
        Case.objects.filter(client_id=client_id).values_list("id", "number", "state", "reported_by").first()
    )
    if held is None or held[3] != access.actor:
        raise Conflict(
            code="client_id_taken",
            zh="此上报编号已被使用，请重新生成。",
            en="This client id is taken; make a new one.",
        )
    return Reported(held[0], held[1], CaseState(held[2]), existing=True)


@door(writes="case", act="report")
def report(
    access: Access,
    *,
    category_code: str,
    unit_no: int,
    title: str = "",
    description: str = "",
    place: str = "",
    lon: float | None = None,
    lat: float | None = None,
    source_kind: SourceKind = SourceKind.GRID_WORKER,
    origin: str = "",
    reporter_name: str = "",
    reporter_phone: str = "",
    client_id: UUID | None = None,
    deadline_at: datetime | None = None,
    taxonomy: str = "",
) -> Reported:
    """Report a matter (发现上报).

    ``lon`` and ``lat`` are WGS-84 degrees; a position that cannot be trusted is kept and flagged. ``origin``
    names where it came from, such as "visit:<id>". ``client_id`` makes the report safe to send again: the same
    one gives the same case. ``deadline_at`` sets an own deadline in place of the category's limit. Raises
    BadInput for an unknown category, a place outside the territory, or a deadline in the past.
    """
    now = timezone.now()
    _check(title, description, deadline_at, now)
    check_plain(title, origin)
    check_unit(access, unit_no)
    table = in_force(taxonomy, now)
    category = category_in(table, category_code)
    facts: dict[str, Any] = {
        "id": new_id(),
        "day": f"{now.astimezone(shipped_calendar().zone):%Y%m%d}",
        "client_id": client_id,
        "taxonomy": table.name,
        "taxonomy_version": table.version,
        "category_code": category.code,
        "title": title.strip(),
        "details_sealed": seal_details(Details(description, place, reporter_name, reporter_phone)),
        "reporter_phone_blind": blind_phone(reporter_phone),
        "source_kind": SourceKind(source_kind).value,
        "origin": origin,
        "unit_no": unit_no,
        "lon": real(lon),
        "lat": real(lat),
        "located": judge_position(lon, lat).value,
        "state": CaseState.REPORTED.value,
        "actor": access.actor,
        "role": access.role,
        "organisation": access.organisation,
        "now": now,
        "deadline_at": deadline_at,
        "limit_unit": LimitUnit.OWN_DATE.value if deadline_at else "",
        "limit_rule": "own" if deadline_at else "",
        "step_id": new_id(),
    }
    with connection.cursor() as cursor:
        cursor.execute(_INSERT, facts)
        fresh = cursor.fetchone()
    if fresh is not None:
        return Reported(fresh[0], fresh[1], CaseState.REPORTED, existing=False)
    return _received_before(access, client_id)
