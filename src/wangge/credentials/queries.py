"""Every read that leaves the room."""

from __future__ import annotations

from uuid import UUID

from django.utils import timezone

from wangge.access.vault import vault
from wangge.credentials.keys import issuer_of
from wangge.credentials.models import CredentialApplication, IssuedCredential
from wangge.credentials.publishing import folder, name_of
from wangge.credentials.sealed import open_holder
from wangge.credentials.standing import application, applications, emergency_under
from wangge.credentials.types import CodeView, CredentialCounts, CredentialView, VerifierFiles
from wangge.emergencies.queries import emergency as emergency_of
from wangge.kernel.access import Access
from wangge.kernel.doors import door
from wangge.kernel.problems import NotFound
from wangge_credential.claims import RID_BYTES
from wangge_credential.page import BUILT, with_trust
from wangge_credential.qr import inline


@door(reads="credential")
def credential(access: Access, *, application_id: UUID) -> CredentialView:
    """An application with the codes that hold. Raises NotFound outside the territory and after it was given back."""
    return _view(access, application(access, application_id))


@door(reads="credential", subject="person_id")
def credential_of(access: Access, *, person_id: UUID) -> CredentialView | None:
    """The standing application of a person, if there is one."""
    token = vault(emergency_under(access)).token(str(person_id))
    found = applications(access).filter(subject_token=token).first()
    return None if found is None else _view(access, found)


@door(reads="credential", act="count")
def credential_counts(access: Access) -> CredentialCounts:
    """How many stand under the emergency, in the access's territory."""
    now = timezone.now()
    rows = IssuedCredential.objects.filter(
        emergency_id=emergency_under(access),
        expires_at__gt=now,
        unit_no__gte=access.scope.lo,
        unit_no__lte=access.scope.hi,
    )
    return CredentialCounts(
        applications(access).filter(until_at__gt=now).count(),
        rows.filter(revoked_at=None).count(),
        rows.exclude(revoked_at=None).count(),
    )


@door(reads="credential_trust")
def verifier_files(access: Access) -> VerifierFiles:
    """What a verifier needs, with no network from then on. Raises NotFound before the first credential was issued."""
    path = folder() / "verifier.trust"
    if not path.is_file():
        raise NotFound(
            code="nothing_published",
            zh="尚未签发过凭证，没有可供核验端装载的文件。",
            en="No credential was issued yet, so there is nothing for verifiers to load.",
        )
    trust = path.read_text("utf-8")
    page = with_trust(BUILT.read_text("utf-8"), trust) if BUILT.is_file() else ""
    return VerifierFiles(trust, page)


def _view(access: Access, row: CredentialApplication) -> CredentialView:
    holder = open_holder(row.emergency_id, row.sealed)
    key = vault(row.emergency_id)
    issuer = issuer_of(emergency_of(access, emergency_id=row.emergency_id))
    codes = []
    rows = IssuedCredential.objects.filter(application=row, revoked_at=None, expires_at__gt=timezone.now())
    for one in rows.order_by("expires_at"):
        text = key.unseal_bytes(one.sealed)[RID_BYTES:].decode()
        codes.append(CodeView(one.id, text, inline(text), one.not_before, one.expires_at))
    return CredentialView(
        application_id=row.id,
        person_id=UUID(holder.person_id),
        unit_no=row.unit_no,
        initials=holder.initials,
        birthday="-".join(f"{part:02}" if part else "--" for part in divmod(holder.birthday, 100)),
        colour=holder.colour,
        rule_pack=holder.rule_pack,
        issuer=issuer,
        issuer_name=name_of(access, issuer[3:]),
        carried=row.carried,
        way=holder.way,
        applied_at=row.applied_at,
        until_at=row.until_at,
        codes=tuple(codes),
    )
