"""What verifiers load, as plain files: they hold keys and revoked ids, and no person.

    PUBLISHED/credentials/verifier.trust             one file for a verifier: root, trust list, revoked ids
    PUBLISHED/credentials/root.pub.json              the root, for a province that would recognise it
    PUBLISHED/credentials/EMERGENCY/signer.pub.json  who signs under that emergency
    PUBLISHED/credentials/EMERGENCY/revoked.list     its revoked ids, as a signed coded set

A signer's folder goes at the emergency's END, and the trust file is made anew without it.
"""

from __future__ import annotations

import shutil
from datetime import datetime, timedelta
from pathlib import Path
from uuid import UUID

from django.conf import settings
from django.db import connection

from wangge.access.vault import vault
from wangge.credentials import keys
from wangge.credentials.making import moment
from wangge.credentials.models import IssuedCredential
from wangge.credentials.types import Published
from wangge.emergencies.types import EmergencyView
from wangge.kernel.access import Access
from wangge.territory.queries import divisions
from wangge_credential import lists, trust
from wangge_credential.claims import RID_BYTES
from wangge_credential.files import write_all
from wangge_credential.issuing import hour_of
from wangge_credential.keys import PublicFile, read_public

TERM = timedelta(
    days=7
)  # lists run out: a verifier that has heard nothing for a week says that it cannot judge
USES = ("credential", lists.REVOKED)
_LOCK = 0x43726564


def folder() -> Path:
    return Path(settings.WANGGE_PUBLISHED) / "credentials"


def _term(now: datetime) -> tuple[int, int]:
    """From the full hour, so that a verifier's clock may be a little behind, for a week."""
    return hour_of(int(now.timestamp())), hour_of(int((now + TERM).timestamp()))


def name_of(access: Access, district: str) -> str:
    """What the issuing district is called; its code where the territory does not hold it."""
    beside = divisions(access, parent=district[:-2])
    return next((d.name for d in beside if d.code.startswith(district)), district)


def write_part(access: Access, emergency: EmergencyView, now: datetime) -> None:
    """This emergency's public key and revoked ids."""
    key, own = keys.signer(emergency.id), vault(emergency.id)
    rows = IssuedCredential.objects.filter(emergency_id=emergency.id, expires_at__gt=now)
    rids: dict[bool, list[bytes]] = {True: [], False: []}
    for sealed, revoked_at in rows.values_list("sealed", "revoked_at").iterator():
        rids[revoked_at is not None].append(own.unseal_bytes(sealed)[:RID_BYTES])
    head = lists.Head(keys.province_of(emergency), *_term(now))
    revoked = lists.revocation_list(key, head, rids[True], living=rids[False])
    district = keys.district_of(emergency)
    name = name_of(access, district)
    public = PublicFile(keys.issuer_of(emergency), key.public, name, f"District {district}")
    root = PublicFile(keys.province_of(emergency), keys.root().public, "", "")
    place = folder() / str(emergency.id)
    place.mkdir(parents=True, exist_ok=True)
    files = {
        place / "signer.pub.json": public.text().encode(),
        place / "revoked.list": revoked,
        folder() / "root.pub.json": root.text().encode(),
    }
    write_all(files, force=True, mode=0o644)


def assemble(now: datetime) -> Published:
    """The trust file from what every emergency has published; one at a time, whoever asks."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])
    issued, until = _term(now)
    root = read_public(folder() / "root.pub.json")
    parts = sorted(path.parent for path in folder().glob("*/signer.pub.json"))
    signers = [(read_public(part / "signer.pub.json"), USES) for part in parts]
    revoked = [(part / "revoked.list").read_bytes() for part in parts]
    signed = lists.trust_list(keys.root(), lists.Head(root.issuer, issued, until), signers)
    text = trust.bundle_text(root, [signed, *revoked])
    opened = trust.parse_bundle(text)  # what a verifier would refuse is not written
    write_all({folder() / "verifier.trust": text.encode()}, force=True, mode=0o644)
    struck = sum(len(one.places) for found in opened.revoked.values() for one in found)
    return Published(len(signers), struck, moment(until))


def withdraw(emergency: UUID, now: datetime) -> None:
    """The emergency is over: its signer is vouched for no longer."""
    part = folder() / str(emergency)
    if part.is_dir():
        shutil.rmtree(part)
        assemble(now)
