"""Addresses of the console: each page module brings its own."""

from __future__ import annotations

from django.conf import settings
from django.urls import URLPattern, URLResolver, include, path

from wangge.console.pages import page_modules

app_name = "console"
urlpatterns: list[URLPattern | URLResolver] = [
    pattern for module in page_modules() for pattern in getattr(module, "urlpatterns", ())
]
if settings.DEBUG:
    urlpatterns.append(path("styleguide/", include("wangge.console.styleguide.urls")))
