"""Tables of the registry; private to the room."""

from wangge.registry.models.grounds import (
    CorrectionRequest,
    RegistryAct,
    ReviewPair,
    SourceDependence,
    SourceReliability,
)
from wangge.registry.models.people import (
    Dwelling,
    Household,
    LegalEntity,
    LinkageRun,
    LinkDecision,
    Person,
    SourceRecord,
)

__all__ = [
    "CorrectionRequest",
    "Dwelling",
    "Household",
    "LegalEntity",
    "LinkDecision",
    "LinkageRun",
    "Person",
    "RegistryAct",
    "ReviewPair",
    "SourceDependence",
    "SourceRecord",
    "SourceReliability",
]
