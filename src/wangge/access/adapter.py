"""How staff accounts sign in: nobody opens an account for himself."""

from __future__ import annotations

from allauth.account.adapter import DefaultAccountAdapter
from django.http import HttpRequest


class StaffAdapter(DefaultAccountAdapter):  # type: ignore[misc]  # allauth ships no types
    """Accounts are opened by the administrator's door, never by a sign-up form."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False
