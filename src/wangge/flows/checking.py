"""A department's answer to a correction request goes back to the sources as a batch, like any of its data."""

from __future__ import annotations

from uuid import UUID

from django.db import transaction

from wangge.access.actions import enter_system
from wangge.flows.linkage import source_of
from wangge.kernel.access import Access
from wangge.kernel.problems import NotFound
from wangge.linkage.actions import answer_request, note_answer_batch
from wangge.linkage.types import Answered
from wangge.sources.actions import receive_corrections
from wangge.sources.queries import sources
from wangge.sources.types import Correction

PURPOSE = "registry_maintenance"


def answer(access: Access, *, request: UUID, verdict: str, value: str = "", note: str = "") -> Answered:
    """Take an answer in and send it on: a value confirmed or corrected becomes a batch of the owner's resource.

    The register follows when it is linked anew. An answer that cannot be told brings no batch.
    """
    with transaction.atomic():
        answered = answer_request(access, request=request, answer=verdict, value=value, note=note)
        if answered.value:
            system = enter_system(name="checking", purpose=PURPOSE)
            made = receive_corrections(
                system,
                resource=_resource(system, answered.source),
                key=str(request),
                corrections=(
                    Correction(
                        record_id=str(request),
                        values={answered.field: answered.value},
                        person=answered.person_id,
                    ),
                ),
            )
            note_answer_batch(system, request=request, batch=made.id)
    return answered


def _resource(access: Access, source: str) -> UUID:
    """The resource in which a source's persons come; the first, where it comes in several files."""
    for resource in sources(access):
        if resource.schema == "person" and source_of(resource.code) == source:
            return resource.id
    raise NotFound(
        code="resource_unknown", zh="没有此数据资源。", en="There is no such data resource.", place=source
    )
