"""Tables of the outbreaks room; private to it."""

from wangge.outbreaks.models.arrivals import AffectedArea, Arrival
from wangge.outbreaks.models.contacts import CloseContact, Exposure, Manifest
from wangge.outbreaks.models.emergencies import DestructionNote, Emergency, EmergencyArea, EmergencyChange
from wangge.outbreaks.models.patients import Patient

__all__ = [
    "AffectedArea",
    "Arrival",
    "CloseContact",
    "DestructionNote",
    "Emergency",
    "EmergencyArea",
    "EmergencyChange",
    "Exposure",
    "Manifest",
    "Patient",
]
