"""Which entrance answers which address."""

from __future__ import annotations

from django.apps import apps
from django.urls import URLPattern, URLResolver, include, path

urlpatterns: list[URLPattern | URLResolver] = [
    path("accounts/", include("allauth.urls")),
    path("i18n/", include("django.conf.urls.i18n")),
]
if apps.is_installed("wangge.api"):
    urlpatterns.append(path("api/", include("wangge.api.urls")))
if apps.is_installed("wangge.console"):
    urlpatterns.append(path("", include("wangge.console.urls")))
