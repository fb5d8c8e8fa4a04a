"""Language by choice, and problems as pages."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import quote

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import translation

from wangge.console.page import Fault, private, redirect_to, show
from wangge.kernel.problems import Problem

Answer = Callable[[HttpRequest], HttpResponse]


class LanguageMiddleware:
    """Chinese until the reader switches; what the browser prefers is not asked."""

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        asked = request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME, "")
        known = {code for code, _ in settings.LANGUAGES}
        language = asked if asked in known else settings.LANGUAGE_CODE
        with translation.override(language):
            request.LANGUAGE_CODE = language
            response = self.get_response(request)
        response.headers.setdefault("Content-Language", language)
        return response


class ProblemMiddleware:
    """A problem that a view did not catch becomes a page (or the part that was asked for), never a bare 500."""

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        if not isinstance(exception, Problem) or request.path.startswith("/api/"):
            return None
        if exception.status == 401:
            here = request.get_full_path() if request.method == "GET" else "/"
            return redirect_to(request, f"{settings.LOGIN_URL}?next={quote(here)}")
        return problem_page(request, exception)


def problem_page(request: HttpRequest, problem: Problem) -> HttpResponse:
    """What happened, where, and the way on; with the status an entrance answers with."""
    language = translation.get_language() or settings.LANGUAGE_CODE
    context = {
        "title": problem.text(language),
        "problem": problem,
        "faults": (Fault(problem.text(language), place=problem.place),),
    }
    part = "console/components/problem.html"
    target = request.headers.get("HX-Target", "")
    response = show(
        request,
        "console/problem.html",
        context,
        parts={target: part} if target else {},
        status=problem.status,
    )
    return private(response)
