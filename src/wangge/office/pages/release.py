"""出口: certificates that what an emergency brought together is destroyed."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.urls import path
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from wangge.console.page import Nav, access_of, show
from wangge.console.people import staff_names
from wangge.office.store_words import store_word
from wangge.release import queries

NAV = Nav(
    "console:certificates", gettext_lazy("Certificates"), "print", queries.certificates, order=90, group=2
)


def certificates(request: HttpRequest) -> HttpResponse:
    access = access_of(request)
    context = {"title": _("Certificates of destruction"), "certificates": queries.certificates(access)}
    return show(request, "office/release/list.html", context)


def certificate(request: HttpRequest, certificate: UUID) -> HttpResponse:
    """One certificate, fit to be printed; its signature is checked each time it is shown."""
    access = access_of(request)
    view = queries.certificate(access, certificate_id=certificate)
    context = {
        "title": _("Certificate of destruction"),
        "certificate": view,
        "stores": [(store_word(s.store), s.store, s.count) for s in view.stores],
        "destroyed_by": staff_names(access, [view.destroyed_by]).get(view.destroyed_by, view.destroyed_by),
    }
    return show(request, "office/release/certificate.html", context)


urlpatterns = [
    path("certificates/", certificates, name="certificates"),
    path("certificates/<uuid:certificate>/", certificate, name="certificate"),
]
