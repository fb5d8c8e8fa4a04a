"""Tables of the sources room; private to it.

Whatever came out of a file - its name, sheet names, headers, cells, even the words of a problem - is sealed under
the key of its scope: peacetime's, or the emergency's, whose end then leaves nothing readable.
"""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from wangge.kernel.ids import new_id
from wangge.kernel.privacy import Privacy
from wangge.sources.states import BatchState, Media, RowState

_OPEN, _PERSONAL = Privacy.OPEN, Privacy.PERSONAL


def _choices(states: type[BatchState] | type[RowState] | type[Media]) -> list[tuple[str, str]]:
    return [(state.value, state.value) for state in states]


class DataResource(models.Model):
    """数据资源: one table that a department keeps and sends, with its canonical form and territory."""

    SCOPE = "unit+emergency"
    PRIVACY = {
        "id": _OPEN, "code": _OPEN, "name_zh": _OPEN, "name_en": _OPEN, "organisation": _OPEN, "schema": _OPEN,
        "unit_no": _OPEN, "division": _OPEN, "emergency_id": _OPEN, "cycle_days": _OPEN, "registered_at": _OPEN,
        "registered_by": _OPEN,
    }  # fmt: skip

    id = models.UUIDField(primary_key=True, default=new_id)
    code = models.CharField(max_length=64, unique=True)
    name_zh = models.CharField(max_length=120)
    name_en = models.CharField(max_length=120)
    organisation = models.ForeignKey("access.Organisation", on_delete=models.PROTECT, related_name="+")
    schema = models.CharField(max_length=32)
    unit_no = models.BigIntegerField(db_index=True)
    division = models.CharField(max_length=15)
    emergency_id = models.UUIDField(null=True, db_index=True)
    cycle_days = models.PositiveSmallIntegerField(null=True)  # after how many days a new file was promised
    registered_at = models.DateTimeField()
    registered_by = models.CharField(max_length=64)


class Batch(models.Model):
    """批次: one file (or the corrections of one visit) on its way from a department into the house."""

    SCOPE = "unit+emergency"
    PRIVACY = {
        "id": _OPEN, "resource": _OPEN, "emergency_id": _OPEN, "unit_no": _OPEN, "state": _OPEN, "media": _OPEN,
        "filename": _PERSONAL, "digest": _OPEN, "size_bytes": _OPEN, "encoding": _OPEN, "as_of_on": _OPEN,
        "received_at": _OPEN, "received_by": _OPEN, "accepted_at": _OPEN, "accepted_by": _OPEN, "revision": _OPEN,
        "rows_in": _OPEN, "rows_accepted": _OPEN, "rows_quarantined": _OPEN, "rows_repeated": _OPEN,
        "rows_unchanged": _OPEN, "original_file": _OPEN, "problem": _PERSONAL,
    }  # fmt: skip

    id = models.UUIDField(primary_key=True, default=new_id)
    resource = models.ForeignKey(DataResource, on_delete=models.PROTECT, related_name="+")
    emergency_id = models.UUIDField(null=True, db_index=True)
    unit_no = models.BigIntegerField(db_index=True)
    state = models.CharField(max_length=16, choices=_choices(BatchState))
    media = models.CharField(max_length=16, choices=_choices(Media), blank=True)
    filename = models.BinaryField()
    digest = models.BinaryField(max_length=16)
    size_bytes = models.BigIntegerField()
    encoding = models.CharField(max_length=16, blank=True)
    as_of_on = models.DateField()
    received_at = models.DateTimeField()
    received_by = models.CharField(max_length=64)
    accepted_at = models.DateTimeField(null=True)
    accepted_by = models.CharField(max_length=64, blank=True)
    revision = models.IntegerField(default=1)
    rows_in = models.BigIntegerField(default=0)
    rows_accepted = models.BigIntegerField(default=0)
    rows_quarantined = models.BigIntegerField(default=0)
    rows_repeated = models.BigIntegerField(default=0)
    rows_unchanged = models.BigIntegerField(default=0)
    original_file = models.CharField(max_length=120, blank=True)
    problem = models.BinaryField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["resource", "digest"],
                condition=~Q(state=BatchState.REFUSED.value),
                name="a_file_is_taken_once",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=[BatchState.VALIDATED.value, BatchState.ACCEPTED.value])
                | Q(rows_in=F("rows_accepted") + F("rows_quarantined") + F("rows_repeated")),
                name="every_row_is_accounted_for",
            ),
            models.CheckConstraint(
                condition=~Q(state=BatchState.REFUSED.value) | Q(original_file=""),
                name="nothing_is_kept_of_a_refused_file",
            ),
        ]
        indexes = [models.Index(fields=["resource", "-received_at"], name="sources_batch_newest")]


class Mapping(models.Model):
    """列映射: which column of a form holds which canonical value, as a person confirmed it; remembered."""

    SCOPE = "unit+emergency"
    PRIVACY = {
        "id": _OPEN, "resource": _OPEN, "emergency_id": _OPEN, "unit_no": _OPEN, "signature": _OPEN, "version": _OPEN,
        "columns": _PERSONAL, "confirmed_at": _OPEN, "confirmed_by": _OPEN,
    }  # fmt: skip

    id = models.UUIDField(primary_key=True, default=new_id)
    resource = models.ForeignKey(DataResource, on_delete=models.PROTECT, related_name="+")
    emergency_id = models.UUIDField(null=True, db_index=True)
    unit_no = models.BigIntegerField()
    signature = models.BinaryField(max_length=16)
    version = models.IntegerField()
    columns = models.BinaryField()
    confirmed_at = models.DateTimeField()
    confirmed_by = models.CharField(max_length=64)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["resource", "signature", "version"], name="a_mapping_has_one_version"
            )
        ]


class Sheet(models.Model):
    """工作表: one sheet of a batch, with its header and what its columns were taken to be."""

    SCOPE = "unit+emergency"
    PRIVACY = {
        "id": _OPEN, "batch": _OPEN, "emergency_id": _OPEN, "unit_no": _OPEN, "number": _OPEN, "name": _PERSONAL,
        "headers": _PERSONAL, "proposal": _PERSONAL, "signature": _OPEN, "header_row": _OPEN, "rows": _OPEN,
        "mapping": _OPEN,
    }  # fmt: skip

    id = models.UUIDField(primary_key=True, default=new_id)
    batch = models.ForeignKey(Batch, on_delete=models.CASCADE, related_name="+")
    emergency_id = models.UUIDField(null=True, db_index=True)
    unit_no = models.BigIntegerField()
    number = models.IntegerField()
    name = models.BinaryField()
    headers = models.BinaryField(null=True)
    proposal = models.BinaryField(null=True)
    signature = models.BinaryField(max_length=16, null=True)
    header_row = models.IntegerField(null=True)
    rows = models.BigIntegerField(default=0)
    mapping = models.ForeignKey(Mapping, null=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["batch", "number"], name="a_sheet_has_one_number")]


class Part(models.Model):
    """分片: some thousand rows of a sheet, as they came and as they were accepted, each in a sealed file."""

    SCOPE = "unit+emergency"
    PRIVACY = {
        "id": _OPEN, "batch": _OPEN, "sheet": _OPEN, "emergency_id": _OPEN, "unit_no": _OPEN, "number": _OPEN,
        "first_row": _OPEN, "last_row": _OPEN, "rows": _OPEN, "raw_file": _OPEN, "accepted_file": _OPEN,
        "accepted": _OPEN, "quarantined": _OPEN, "repeated": _OPEN, "unchanged": _OPEN, "judged_at": _OPEN,
    }  # fmt: skip

    id = models.UUIDField(primary_key=True, default=new_id)
    batch = models.ForeignKey(Batch, on_delete=models.CASCADE, related_name="+")
    sheet = models.ForeignKey(Sheet, on_delete=models.CASCADE, related_name="+")
    emergency_id = models.UUIDField(null=True, db_index=True)
    unit_no = models.BigIntegerField()
    number = models.IntegerField()
    first_row = models.BigIntegerField()
    last_row = models.BigIntegerField()
    rows = models.IntegerField()
    raw_file = models.CharField(max_length=120)
    accepted_file = models.CharField(max_length=120, blank=True)
    accepted = models.IntegerField(default=0)
    quarantined = models.IntegerField(default=0)
    repeated = models.IntegerField(default=0)
    unchanged = models.IntegerField(default=0)
    judged_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["batch", "number"], name="a_part_has_one_number")]


class QuarantinedRow(models.Model):
    """隔离行: a row that could not stand, kept whole with the reasons, until it is corrected."""

    SCOPE = "unit+emergency"
    PRIVACY = {
        "id": _OPEN, "batch": _OPEN, "part": _OPEN, "sheet_no": _OPEN, "row_no": _OPEN, "emergency_id": _OPEN,
        "unit_no": _OPEN, "reasons": _OPEN, "cells": _PERSONAL, "state": _OPEN, "correction": _PERSONAL,
        "settled_at": _OPEN, "settled_by": _OPEN, "note": _PERSONAL,
    }  # fmt: skip

    id = models.UUIDField(primary_key=True, default=new_id)
    batch = models.ForeignKey(Batch, on_delete=models.CASCADE, related_name="+")
    part = models.ForeignKey(Part, on_delete=models.CASCADE, related_name="+")
    sheet_no = models.IntegerField()
    row_no = models.BigIntegerField()
    emergency_id = models.UUIDField(null=True, db_index=True)
    unit_no = models.BigIntegerField(db_index=True)
    reasons = ArrayField(models.CharField(max_length=80))
    cells = models.BinaryField()
    state = models.CharField(max_length=16, choices=_choices(RowState), default=RowState.HELD.value)
    correction = models.BinaryField(null=True)
    settled_at = models.DateTimeField(null=True)
    settled_by = models.CharField(max_length=64, blank=True)
    note = models.BinaryField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["batch", "sheet_no", "row_no"], name="a_row_is_kept_aside_once"),
            models.CheckConstraint(
                condition=~Q(state=RowState.READMITTED.value) | Q(correction__isnull=False),
                name="a_readmitted_row_says_how_it_was_corrected",
            ),
        ]
        indexes = [
            models.Index(fields=["batch", "state", "sheet_no", "row_no"], name="sources_quarantine_page")
        ]
