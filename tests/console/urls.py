"""Addresses under test: the product's own and the style guide."""

from __future__ import annotations

from django.urls import include, path

from wangge.project.urls import urlpatterns as product

urlpatterns = [path("styleguide/", include("wangge.console.styleguide.urls")), *product]
