"""Tables of the outbreaks room; private to it."""

from wangge.outbreaks.models.contacts import CloseContact, Exposure, Manifest
from wangge.outbreaks.models.patients import Patient

__all__ = [
    "CloseContact",
    "Exposure",
    "Manifest",
    "Patient",
]
