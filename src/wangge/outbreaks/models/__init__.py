"""Tables of the outbreaks room; private to it."""

from wangge.outbreaks.models.arrivals import AffectedArea, Arrival
from wangge.outbreaks.models.contacts import CloseContact, Exposure, Manifest
from wangge.outbreaks.models.patients import Patient

__all__ = [
    "AffectedArea",
    "Arrival",
    "CloseContact",
    "Exposure",
    "Manifest",
    "Patient",
]
