"""What leaves the credentials room."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from wangge.kernel.privacy import open_, personal, sensitive, subject


@dataclass(frozen=True, slots=True)
class CodeView:
    """One credential as it is carried: its text and the drawing of its code, an SVG."""

    id: UUID = open_()
    text: str = sensitive()
    drawing: str = sensitive()
    not_before: datetime = open_()
    expires_at: datetime = open_()


@dataclass(frozen=True, slots=True)
class CredentialView:
    """A person's application with what it says and the codes that hold, the present one first.

    `birthday` is MM-DD, a withheld part is --. `issuer` is the code that the credential carries.
    """

    application_id: UUID = open_()
    person_id: UUID = subject()
    unit_no: int = personal()
    initials: str = personal()
    birthday: str = personal()
    colour: str = sensitive()
    rule_pack: str = open_()
    issuer: str = open_()
    issuer_name: str = open_()
    carried: str = open_()
    way: str = open_()
    applied_at: datetime = open_()
    until_at: datetime = open_()
    codes: tuple[CodeView, ...] = open_()


@dataclass(frozen=True, slots=True)
class CredentialCounts:
    """How many applications stand, credentials hold, and revoked ones verifiers are still told of."""

    applications: int
    holding: int
    revoked: int


@dataclass(frozen=True, slots=True)
class Issued:
    """What was done for applications: credentials made, and earlier ones revoked."""

    applications: int
    made: int
    revoked: int


@dataclass(frozen=True, slots=True)
class Published:
    """What verifiers can load now: signers in force, ids revoked, and when the lists run out."""

    signers: int
    revoked: int
    until: datetime


@dataclass(frozen=True, slots=True)
class VerifierFiles:
    """The trust file, and the verifier page with it inside ("" where the front end is not built); no person in them."""

    trust: str
    page: str
