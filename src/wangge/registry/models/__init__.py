"""Tables of the registry; private to the room."""

from wangge.registry.models.grounds import (
    RegistryAct,
    SourceDependence,
    SourceReliability,
)
from wangge.registry.models.people import (
    Dwelling,
    Household,
    LinkDecision,
    Person,
    SourceRecord,
)

__all__ = [
    "Dwelling",
    "Household",
    "LinkDecision",
    "Person",
    "RegistryAct",
    "SourceDependence",
    "SourceRecord",
    "SourceReliability",
]
