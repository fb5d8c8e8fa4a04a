"""Addresses of the API, version 1."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.urls import path
from ninja import NinjaAPI
from ninja.errors import AuthenticationError, ValidationError

from wangge.api import __doc__ as about
from wangge.api import cases, emergencies, ledger, persons, sources, tasks, territory
from wangge.api.answers import answer, problem
from wangge.api.entering import SessionAuth, TokenAuth
from wangge.kernel.problems import Problem

api = NinjaAPI(
    title="Wangge 网格",
    version="1",
    description=about or "",
    docs_url=None,  # its page loads scripts from elsewhere; docs/api.md is the manual
    auth=[TokenAuth(), SessionAuth()],
    urls_namespace="api-1",
)
api.add_router("/cases", cases.router, tags=["cases"])
api.add_router("/ledger", ledger.router, tags=["ledger"])
api.add_router("/persons", persons.router, tags=["persons"])
api.add_router("/sources", sources.router, tags=["sources"])
api.add_router("/emergencies", emergencies.router, tags=["emergencies"])
api.add_router("/field", tasks.router, tags=["field"])
api.add_router("/territory", territory.router, tags=["territory"])
api.add_exception_handler(Problem, problem)  # type: ignore[arg-type]  # its handlers may take the class too


@api.exception_handler(AuthenticationError)
def not_signed_in(_: HttpRequest, __: AuthenticationError) -> HttpResponse:
    return answer(
        {
            "code": "not_signed_in",
            "zh": "请先登录或出示令牌。",
            "en": "Sign in or show a token.",
            "place": "",
        },
        401,
    )


@api.exception_handler(ValidationError)
def malformed(_: HttpRequest, error: ValidationError) -> HttpResponse:
    first = error.errors[0] if error.errors else {}
    place = ".".join(str(p) for p in first.get("loc", ()))
    said = first.get("msg", "")
    return answer(
        {
            "code": "input_malformed",
            "zh": f"输入格式不正确：{said}",
            "en": f"The input is malformed: {said}",
            "place": place,
        },
        422,
    )


urlpatterns = [path("v1/", api.urls)]
