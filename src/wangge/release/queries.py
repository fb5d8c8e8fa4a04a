"""Every read that leaves the room."""

from __future__ import annotations

from uuid import UUID

from wangge.kernel.access import Access
from wangge.kernel.doors import door
from wangge.kernel.pages import PAGE_SIZE, Cursor, Page
from wangge.kernel.problems import NotFound
from wangge.release.models import DestructionCertificate, Export
from wangge.release.reading import certificate_view
from wangge.release.types import CertificateView, ExportView


@door(reads="certificate")
def certificate(access: Access, *, certificate_id: UUID) -> CertificateView:
    """One certificate of destruction, its signature checked. Open to all staff."""
    found = DestructionCertificate.objects.filter(id=certificate_id).first()
    if found is None:
        raise NotFound(
            code="certificate_unknown",
            zh="没有此销毁证明。",
            en="There is no such certificate of destruction.",
        )
    return certificate_view(found)


@door(reads="certificate")
def certificates(access: Access) -> tuple[CertificateView, ...]:
    """All certificates, newest first."""
    return tuple(certificate_view(c) for c in DestructionCertificate.objects.order_by("-issued_at", "-id"))


@door(reads="export")
def exports(access: Access, *, after: str | None = None, size: int = PAGE_SIZE) -> Page[ExportView]:
    """What left the house, newest first: for those who audit."""
    rows = Export.objects.all()
    if cursor := Cursor.decode(after, 1, UUID):
        rows = rows.filter(id__lt=cursor.values[0])
    found = list(rows.order_by("-id")[: size + 1])
    shown = found[:size]
    return Page(
        tuple(
            ExportView(
                id=e.id,
                noun=e.noun,
                title=e.title,
                columns=tuple(e.columns),
                classes=tuple(e.classes),
                rows=e.rows,
                format=e.format,
                purpose=e.purpose,
                justification=e.justification,
                emergency=e.emergency_id,
                ledger_entry=e.ledger_entry,
                made_at=e.made_at,
                made_by=e.made_by,
            )
            for e in shown
        ),
        Cursor((str(shown[-1].id),)).encode() if len(found) > size else None,
    )
