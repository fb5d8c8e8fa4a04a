"""How staff accounts sign in: nobody opens an account for himself, and second factors stand sealed."""

from __future__ import annotations

from base64 import b64decode, b64encode

from allauth.account.adapter import DefaultAccountAdapter
from allauth.mfa.adapter import DefaultMFAAdapter
from django.http import HttpRequest

from wangge.access.vault import vault

SECOND_FACTORS = "second-factors"


class StaffAdapter(DefaultAccountAdapter):  # type: ignore[misc]  # allauth ships no types
    """Accounts are opened by the administrator's door, never by a sign-up form."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False


class SealedFactors(DefaultMFAAdapter):  # type: ignore[misc]  # allauth ships no types
    """TOTP secrets and the seeds of recovery codes under a key outside the database: a copy of the database, or a
    glance into it, gives nobody's second factor."""

    def encrypt(self, text: str) -> str:
        return b64encode(vault(SECOND_FACTORS).seal(text)).decode()

    def decrypt(self, encrypted_text: str) -> str:
        return vault(SECOND_FACTORS).unseal(b64decode(encrypted_text))
