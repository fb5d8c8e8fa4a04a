"""疫情: a patient's chain forward and back, and people from affected areas."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.urls import path
from django.utils.translation import gettext as _

from wangge.access.queries import may
from wangge.console.ground import ground
from wangge.console.page import access_of, show
from wangge.emergencies import queries as emergency_queries
from wangge.kernel.access import Access
from wangge.outbreaks import queries
from wangge.outbreaks.types import ChainNode, PatientView
from wangge.registry import queries as registry
from wangge.stays import queries as stays
from wangge.watch.outbreak_words import CONTACT_WORDS, place_word, together
from wangge.watch.tree import Tree, tree

SHOWN = 100  # people of one step that the page lists


def chain(request: HttpRequest, emergency: UUID, patient: UUID) -> HttpResponse:
    """Whom a patient could have infected, and who could have infected the patient, step by step."""
    access = access_of(request)
    back = request.GET.get("to") == "sources"
    found = queries.contact_chain(access, patient_id=patient, back=back)
    names = _names(access, found)
    patient_view = queries.patient(access, patient_id=patient)
    context = {
        "title": _("Chain of a patient"),
        "emergency": emergency_queries.emergency(access, emergency_id=emergency),
        "patient": patient_view,
        "back": back,
        "steps": _steps(found, names),
        "tree": _drawn(patient_view, found, names, back=back),
        "likely": _likely(found) if back else (),
        "people": len(found),
        "ill": sum(bool(n.patient_id) for n in found),
        "reads": True,
    }
    return show(request, "watch/outbreaks/chain.html", context)


def _drawn(
    patient: PatientView, found: tuple[ChainNode, ...], names: dict[UUID | None, str], *, back: bool
) -> Tree | None:
    """The drawing of the chain; patients are called by their number, others by their name where it is known."""
    told = [(n, n.patient_no or n.name or names.get(n.person_id, "") or "–") for n in found]
    return tree(patient.patient_no, patient.onset_on, told, back=back, classes=CONTACT_WORDS)


def _names(access: Access, found: tuple[ChainNode, ...]) -> dict[UUID | None, str]:
    unnamed = tuple({n.person_id for n in found if n.person_id and not n.name})
    if not unnamed or not may(access, registry.reach):
        return {}
    return {r.person_id: r.name for r in registry.reach(access, ids=unnamed)}


def _steps(
    found: tuple[ChainNode, ...], names: dict[UUID | None, str]
) -> list[tuple[int, list[tuple[ChainNode, str, object]], int]]:
    """Nodes by their distance, the first SHOWN of each with name and class, and how many there are."""
    steps: dict[int, list[tuple[ChainNode, str, object]]] = {}
    for node in found:
        name = node.name or names.get(node.person_id, "")
        steps.setdefault(node.distance, []).append((node, name, CONTACT_WORDS.get(node.contact_class, "")))
    return [(distance, nodes[:SHOWN], len(nodes)) for distance, nodes in sorted(steps.items())]


def _likely(found: tuple[ChainNode, ...]) -> tuple[str, ...]:
    """Patients among the sources, the earliest onset first."""
    ill = [n for n in found if n.patient_no and n.onset_on]
    return tuple(n.patient_no for n in sorted(ill, key=lambda n: str(n.onset_on)))


def arrivals(request: HttpRequest, emergency: UUID) -> HttpResponse:
    """Who stayed two hours or more in an affected area."""
    access = access_of(request)
    page = stays.arrivals(access, after=request.GET.get("after"))
    names = ground(access).names
    context = {
        "title": _("From affected areas"),
        "emergency": emergency_queries.emergency(access, emergency_id=emergency),
        "page": page,
        "rows": [
            (a, place_word(names, a.unit_no), [(s, together(s.minutes)) for s in a.stays]) for a in page.rows
        ],
        "reads": True,
    }
    parts = {"more": "watch/outbreaks/arrival_rows.html"}
    return show(request, "watch/outbreaks/arrivals.html", context, parts=parts)


urlpatterns = [
    path("emergencies/<uuid:emergency>/patients/<uuid:patient>/chain/", chain, name="patient_chain"),
    path("emergencies/<uuid:emergency>/arrivals/", arrivals, name="arrivals"),
]
