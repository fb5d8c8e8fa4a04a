"""Tables of the landscape room; private to it. All of it is open: no person stands here."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from wangge.kernel.ids import new_id
from wangge.kernel.privacy import Privacy
from wangge.landscape.states import BarrierKind


class BarrierFile(models.Model):
    """隔线文件: a file of lines that part the ground, for one division; sent again it takes the place of the former."""

    SCOPE = "none"
    PRIVACY = dict.fromkeys(
        ("id", "name", "division", "lo", "hi", "sha256", "lines", "metres", "left_out", "at", "actor"),
        Privacy.OPEN,
    )

    id = models.UUIDField(primary_key=True, default=new_id)
    name = models.CharField(max_length=255)
    division = models.CharField(max_length=12)
    lo = models.BigIntegerField()
    hi = models.BigIntegerField()
    sha256 = models.CharField(max_length=64)
    lines = models.IntegerField()
    metres = models.FloatField()
    left_out = models.IntegerField()  # rows that are no line
    at = models.DateTimeField()
    actor = models.CharField(max_length=64)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["division", "name"], name="a_division_has_a_file_of_barriers_once"
            )
        ]


class Barrier(models.Model):
    """隔线: a road, river, railway or wall that a grid should not cross."""

    SCOPE = "none"
    PRIVACY = dict.fromkeys(
        ("id", "file", "kind", "name", "shape", "west", "south", "east", "north"), Privacy.OPEN
    )

    id = models.BigAutoField(primary_key=True)
    file = models.ForeignKey(BarrierFile, on_delete=models.CASCADE, related_name="+")
    kind = models.CharField(max_length=8, choices=[(k.value, k.value) for k in BarrierKind])
    name = models.CharField(max_length=120, blank=True)
    shape = models.BinaryField()  # WKB of lines, WGS-84
    west = models.FloatField()
    south = models.FloatField()
    east = models.FloatField()
    north = models.FloatField()


class CityAsset(models.Model):
    """部件: a fixture of the city that somebody owns and keeps: lamp, manhole, bench, sign."""

    SCOPE = "unit"
    PRIVACY = dict.fromkeys(
        (
            "id", "record_ref", "category", "kind", "owner", "keeper", "address", "lon", "lat", "condition",
            "recorded_on", "unit_no",
        ),
        Privacy.OPEN,
    )  # fmt: skip

    id = models.UUIDField(primary_key=True, default=new_id)
    record_ref = models.CharField(
        max_length=160, unique=True
    )  # resource and record number of whoever keeps the list
    category = models.CharField(max_length=20, blank=True)  # code of GB/T 30428.2 as the list gives it
    kind = models.CharField(max_length=80, blank=True)
    owner = models.CharField(max_length=120, blank=True)
    keeper = models.CharField(max_length=120, blank=True)
    address = models.CharField(max_length=300, blank=True)
    lon = models.FloatField(null=True)
    lat = models.FloatField(null=True)
    condition = models.CharField(max_length=40, blank=True)
    recorded_on = models.DateField(null=True)
    unit_no = models.BigIntegerField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(lon=None, lat=None) | Q(lon__range=(73, 136), lat__range=(3, 54)),
                name="asset_lies_in_the_country_or_nowhere",
            )
        ]
        indexes = [models.Index(fields=["unit_no", "kind"], name="landscape_asset_unit")]
