"""Every write of the room: files that leave, and certificates."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import is_dataclass, replace
from datetime import datetime
from hashlib import sha256
from typing import Any
from uuid import UUID

from django.utils import timezone

from wangge.access.queries import mandate
from wangge.access.vault import public_key, sign, vault
from wangge.emergencies.queries import destroyed_counts
from wangge.emergencies.queries import emergency as emergency_of
from wangge.emergencies.states import EmergencyState
from wangge.kernel.access import Access
from wangge.kernel.doors import door
from wangge.kernel.ids import new_id
from wangge.kernel.keystore import KeyDestroyed
from wangge.kernel.privacy import Privacy, shape_of
from wangge.kernel.problems import BadInput, Conflict, Refused
from wangge.ledger.actions import record
from wangge.ledger.states import EntryKind
from wangge.release.models import DestructionCertificate, Export
from wangge.release.reading import certificate_view
from wangge.release.rules.certificates import statement
from wangge.release.rules.files import csv_bytes, digest_of, xlsx_bytes
from wangge.release.states import FileFormat
from wangge.release.types import CertificateView, Column, ExportFile

MAX_ROWS = 1_000_000  # what a worksheet holds, less its header
ABOUT_PEOPLE = frozenset({Privacy.PERSONAL, Privacy.SENSITIVE})


@door(writes="export")
def export_csv(
    access: Access,
    *,
    noun: str,
    title: str,
    columns: Sequence[Column],
    rows: Iterable[object],
    justification: str = "",
) -> ExportFile:
    """Let rows leave as CSV. The rows are views that a door gave, already masked; `noun` says what they are.

    Every row carries the export's number and purpose; no cell can be run as a formula; secret columns never leave, and
    columns about people leave only with a written justification. The file is not kept; that it left is.
    """
    return _export(access, FileFormat.CSV, noun, title, columns, rows, justification)


@door(writes="export")
def export_xlsx(
    access: Access,
    *,
    noun: str,
    title: str,
    columns: Sequence[Column],
    rows: Iterable[object],
    justification: str = "",
) -> ExportFile:
    """The same as a workbook, with a sheet that says what the file is, who took it and what for."""
    return _export(access, FileFormat.XLSX, noun, title, columns, rows, justification)


def _export(  # noqa: PLR0917 -- the doors above name each one
    access: Access,
    format_: FileFormat,
    noun: str,
    title: str,
    columns: Sequence[Column],
    rows: Iterable[object],
    justification: str,
) -> ExportFile:
    rows = list(rows)
    columns = _as_private_as_declared(columns, rows)
    _check_columns(columns, justification)
    _check_emergency(access)
    cells = [[_value(row, column.name) for column in columns] for row in rows]
    if len(cells) > MAX_ROWS:
        raise BadInput(
            code="export_too_large",
            zh=f"一次最多导出 {MAX_ROWS} 行，现有 {len(cells)} 行；请缩小范围。",
            en=f"An export holds at most {MAX_ROWS} rows; there are {len(cells)}. Narrow it down.",
            place="rows",
        )
    headers = [column.header for column in columns]
    export_id, now = new_id(), timezone.now()
    digest = digest_of(headers, cells)
    details: dict[str, Any] = {
        "export": str(export_id),
        "noun": noun,
        "columns": [column.name for column in columns],
        "count": len(cells),
        "digest": digest,
    }
    entry = record(access, kind=EntryKind.WRITE, door=f"release.export:{noun}", details=details)
    marks = (str(export_id), access.purpose)
    if format_ is FileFormat.CSV:
        content = csv_bytes(headers, cells, marks)
    else:
        about = _about(access, title, export_id, entry, len(cells), digest, now, justification)
        content = xlsx_bytes(headers, cells, marks, title=title, about=about, at=now)
    Export.objects.create(
        id=export_id,
        noun=noun,
        title=title,
        columns=[column.name for column in columns],
        classes=sorted({column.privacy.value for column in columns}),
        rows=len(cells),
        format=format_,
        purpose=access.purpose,
        justification=justification.strip(),
        scope_lo=access.scope.lo,
        scope_hi=access.scope.hi,
        emergency_id=access.emergency,
        ledger_entry=entry,
        digest=digest,
        made_at=now,
        made_by=access.actor,
    )
    name = f"{noun}-{now:%Y%m%d}-{str(export_id)[-8:]}.{format_}"
    return ExportFile(
        export_id, name, format_.media_type, content, sha256(content).hexdigest(), len(cells), entry
    )


def _as_private_as_declared(columns: Sequence[Column], rows: Sequence[object]) -> list[Column]:
    """Columns at least as private as the views say that they are taken from: who calls cannot make a name open."""
    order = list(Privacy)
    declared: dict[str, Privacy] = {}
    for view in {type(row) for row in rows if is_dataclass(row)}:
        for name, privacy, _ in shape_of(view).classed:
            declared[name] = max(privacy, declared.get(name, Privacy.OPEN), key=order.index)
    return [
        replace(c, privacy=max(c.privacy, declared.get(c.name, Privacy.OPEN), key=order.index))
        for c in columns
    ]


def _check_columns(columns: Sequence[Column], justification: str) -> None:
    if not columns:
        raise BadInput(
            code="columns_missing", zh="请选择要导出的列。", en="Choose columns to export.", place="columns"
        )
    secret = [column.header for column in columns if column.privacy is Privacy.SECRET]
    if secret:
        raise BadInput(
            code="secret_column",
            zh=f"列“{'、'.join(secret)}”属于机密，任何情况下不得导出。",
            en=f"The columns {', '.join(secret)} are secret and never leave.",
            place="columns",
        )
    people = [column.header for column in columns if column.privacy in ABOUT_PEOPLE]
    if people and len(justification.strip()) < 10:
        raise BadInput(
            code="justification_missing",
            zh=f"列“{'、'.join(people)}”含个人信息，导出须写明理由（不少于 10 个字）。",
            en=f"The columns {', '.join(people)} are about people; say why they must leave (10 characters or more).",
            place="justification",
        )


def _check_emergency(access: Access) -> None:
    if access.emergency is None:
        return
    power = mandate(access, id=access.emergency)
    if not power.in_force or access.purpose not in power.purposes:
        raise Refused(
            code="emergency_not_in_force",
            zh="该应急事件不在有效期内，其数据不得导出。",
            en="This emergency is not in force; its data does not leave.",
        )


def _value(row: object, name: str) -> object:
    return row.get(name) if isinstance(row, Mapping) else getattr(row, name)


def _about(  # noqa: PLR0917 -- lines of one sheet
    access: Access,
    title: str,
    export_id: UUID,
    entry: int,
    rows: int,
    digest: str,
    at: datetime,
    justification: str,
) -> list[tuple[str, str]]:
    lines = [
        ("名称 title", title),
        ("导出编号 export", str(export_id)),
        ("留痕序号 ledger entry", str(entry)),
        ("用途 purpose", access.purpose),
        ("理由 justification", justification.strip()),
        ("导出人 by", access.actor),
        ("时间 at", at.isoformat()),
        ("行数 rows", str(rows)),
        ("内容摘要 digest (SHA-256)", digest),
        ("提示 notice", "仅限上述用途使用，不得转发；每一行都带有导出编号。"),
        ("", "For the stated purpose only; do not pass on. Every row carries the number of this export."),
    ]
    if access.emergency is not None:
        lines.append(("应急事件 emergency", f"{access.emergency} 应急结束时须销毁 destroy when it ends"))
    return lines


@door(writes="certificate", act="issue")
def issue_certificate(access: Access, *, emergency_id: UUID) -> CertificateView:
    """Sign that an ended emergency's data is destroyed: each store with its count, and the key.

    The counts are those the rooms noted as they deleted. Raises Conflict while the emergency is active or its key still
    exists. Issued once; asking again gives the same certificate.
    """
    known = DestructionCertificate.objects.filter(emergency_id=emergency_id).first()
    if known is not None:
        return certificate_view(known)
    seen = emergency_of(access, emergency_id=emergency_id)
    if seen.state == EmergencyState.ACTIVE or seen.ended_at is None:
        raise Conflict(
            code="emergency_still_active",
            zh=f"应急事件“{seen.name}”尚未结束，不能出具销毁证明。",
            en=f'The emergency "{seen.name}" has not ended; nothing can be certified.',
        )
    if not _key_is_gone(emergency_id):
        raise Conflict(
            code="key_not_destroyed",
            zh="该应急事件的密钥尚未销毁，不能出具销毁证明。",
            en="The emergency's key still exists; nothing can be certified.",
        )
    counts = destroyed_counts(access, emergency_id=emergency_id)
    now = timezone.now()
    certificate_id = new_id()
    said = statement(
        certificate_id=certificate_id,
        emergency_id=emergency_id,
        name=seen.name,
        legal_basis=f"{seen.law_zh} {seen.article}",
        declared_at=seen.declared_at,
        ended_at=seen.ended_at,
        destroyed_at=now,
        destroyed_by=access.actor,
        key_destroyed=True,
        stores=[(c.store, c.count) for c in counts],
    )
    issued = DestructionCertificate.objects.create(
        id=certificate_id,
        emergency_id=emergency_id,
        statement=said.decode(),
        signature=sign(said),
        public_key=public_key(),
        issued_at=now,
        issued_by=access.actor,
    )
    return certificate_view(issued)


def _key_is_gone(emergency_id: UUID) -> bool:
    try:
        vault(emergency_id)
    except KeyDestroyed:
        return True
    return False
