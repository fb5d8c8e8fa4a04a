"""What every page of the console is given."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpRequest
from django.utils.translation import get_language

from wangge.access.queries import posts_of
from wangge.console.names import purpose_word, role_word
from wangge.console.nav import navigation
from wangge.kernel.access import Access
from wangge.kernel.problems import Problem

THEMES = ("light", "dark")
HTML_LANGUAGES = {"zh-hans": "zh-Hans"}


def _access(request: HttpRequest) -> Access | None:
    """The access, or None for who is not signed in or has no post: the shell must stand even then."""
    access: Access | None = getattr(request, "access", None)
    try:
        return access if access is not None and access.role else None
    except Problem:
        return None


def _posts(request: HttpRequest, access: Access) -> list[dict[str, Any]]:
    chinese = (get_language() or "").startswith("zh")
    return [
        {
            "id": post.id,
            "role": role_word(post.role),
            "organisation": post.organisation_zh if chinese else post.organisation_en,
            "division": post.division,
            "current": post.id == access.post,
            "purposes": [
                {"code": code, "word": purpose_word(code), "current": code == access.purpose}
                for code in post.purposes
            ],
        }
        for post in posts_of(UUID(str(request.user.pk)))
    ]


def _name(request: HttpRequest) -> str:
    user: Any = request.user
    chinese = (get_language() or "").startswith("zh")
    return str((user.display_zh if chinese else user.display_en) or user.get_username())


def shell(request: HttpRequest) -> dict[str, Any]:
    """Context processor; the access is asked for only by a template that shows it."""
    theme = request.COOKIES.get("theme", "")

    def standing() -> dict[str, Any] | None:
        access = _access(request)
        if access is None:
            return None
        return {
            "access": access,
            "name": _name(request),
            "role": role_word(access.role),
            "purpose": purpose_word(access.purpose),
            "emergency": access.emergency,
            "posts": _posts(request, access),
            "nav": navigation(access, request.path),
        }

    language = get_language() or "zh-hans"
    return {
        "standing": standing,
        "theme": theme if theme in THEMES else "",
        "html_lang": HTML_LANGUAGES.get(language, language),
        "other_language": ("en", "EN") if language.startswith("zh") else ("zh-hans", "中"),
    }
