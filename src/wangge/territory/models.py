"""Tables of the territory room; private to it.

Divisions and grids are versions: a row says what held from a day (included) until a day (excluded; null is
open). A version whose two days are equal was withdrawn on the day it was made; it never held, but is kept.
The database itself refuses two versions of one code on one day.
"""

from __future__ import annotations

from typing import Any

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import ArrayField, BigIntegerRangeField, DateRangeField, RangeOperators
from django.db import models
from django.db.models import F, Func, Q, Value

from wangge.kernel.ids import new_id
from wangge.kernel.privacy import Privacy
from wangge.territory.states import (
    BuildingKind,
    Datum,
    DefectKind,
    GeoFormat,
    GridKind,
    GridSubkind,
    ImportState,
    Level,
    Severity,
)


def _choices(enum: Any) -> list[tuple[Any, str]]:
    return [(item.value, item.name.lower()) for item in enum]


def _one_version_a_day(name: str, number: str) -> ExclusionConstraint:
    """No two rows of one number on one day. Ranges on both sides, so that no extension is needed."""
    days = Func("valid_from", "valid_to", Value("[)"), function="daterange", output_field=DateRangeField())
    same = Func(number, number, Value("[]"), function="int8range", output_field=BigIntegerRangeField())
    return ExclusionConstraint(
        name=name, expressions=[(same, RangeOperators.OVERLAPS), (days, RangeOperators.OVERLAPS)]
    )


class MapEdition(models.Model):
    """地图版次: one row that counts every change of the ground, so that what was derived from it can be kept.

    Writers lock it first, which puts changes of the map in one order.
    """

    SCOPE = "none"
    PRIVACY = dict.fromkeys(("id", "number"), Privacy.OPEN)

    id = models.SmallIntegerField(primary_key=True, default=1)
    number = models.BigIntegerField(default=0)

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(id=1), name="there_is_one_map_edition")]


class Division(models.Model):
    """行政区划: a province, city, district, street or community, as it held from a day until a day."""

    SCOPE = "none"
    PRIVACY = dict.fromkeys(
        (
            "id", "code", "level", "name", "parent", "lo", "hi", "valid_from", "valid_to", "border",
            "border_declared", "source",
        ),
        Privacy.OPEN,
    )  # fmt: skip

    id = models.UUIDField(primary_key=True, default=new_id)
    code = models.CharField(max_length=12)
    level = models.SmallIntegerField(choices=_choices(Level))
    name = models.CharField(max_length=120)
    parent = models.CharField(max_length=12, blank=True)
    lo = models.BigIntegerField()
    hi = models.BigIntegerField()
    valid_from = models.DateField()
    valid_to = models.DateField(null=True)
    border = models.BinaryField(null=True)  # WKB, WGS-84
    border_declared = models.CharField(max_length=12, blank=True, choices=_choices(Datum))
    source = models.CharField(max_length=300)

    class Meta:
        constraints = [
            _one_version_a_day("one_division_code_holds_once_a_day", "lo"),
            models.CheckConstraint(
                condition=Q(valid_to=None) | Q(valid_to__gte=F("valid_from")),
                name="division_ends_after_it_begins",
            ),
        ]
        indexes = [
            models.Index(fields=["code"], name="territory_division_code"),
            models.Index(fields=["parent", "code"], name="territory_division_parent"),
            models.Index(fields=["level", "lo"], name="territory_division_level"),
        ]


class GridImport(models.Model):
    """网格导入: one file of grids or borders, what became of it, and the report, kept also when refused."""

    SCOPE = "none"
    PRIVACY = dict.fromkeys(
        (
            "id", "at", "actor", "file_name", "sha256", "format", "crs", "scheme", "declared_datum",
            "valid_from", "state", "counts", "covered_m2", "notes",
        ),
        Privacy.OPEN,
    )  # fmt: skip

    id = models.UUIDField(primary_key=True, default=new_id)
    at = models.DateTimeField()
    actor = models.CharField(max_length=64)
    file_name = models.CharField(max_length=255)
    sha256 = models.CharField(max_length=64)
    format = models.CharField(max_length=12, choices=_choices(GeoFormat))
    crs = models.CharField(max_length=200, blank=True)
    scheme = models.CharField(max_length=40)
    declared_datum = models.CharField(max_length=12, choices=_choices(Datum))
    valid_from = models.DateField()
    state = models.CharField(max_length=12, choices=_choices(ImportState))
    counts = models.JSONField(default=dict)
    covered_m2 = models.FloatField(default=0)
    notes = models.JSONField(default=list)

    class Meta:
        indexes = [models.Index(fields=["-at"], name="territory_import_latest")]


class HeldFile(models.Model):
    """待定文件: a file of grids that was looked at and waits to be taken in or discarded; then it is gone."""

    SCOPE = "none"
    PRIVACY = dict.fromkeys(("grid_import", "body", "mend", "columns"), Privacy.OPEN)

    grid_import = models.OneToOneField(
        GridImport, primary_key=True, on_delete=models.CASCADE, related_name="+"
    )
    body = models.BinaryField()
    mend = models.BooleanField()
    columns = models.JSONField(default=dict)


class GridDefect(models.Model):
    """网格缺陷: one gap, overlap, sliver or stray grid of an import, with its place and its size."""

    SCOPE = "none"
    PRIVACY = dict.fromkeys(
        (
            "id", "grid_import", "kind", "severity", "codes", "rows", "lon", "lat", "area_m2", "width_m",
            "mended", "zh", "en",
        ),
        Privacy.OPEN,
    )  # fmt: skip

    id = models.BigAutoField(primary_key=True)
    grid_import = models.ForeignKey(GridImport, on_delete=models.CASCADE, related_name="+")
    kind = models.CharField(max_length=24, choices=_choices(DefectKind))
    severity = models.CharField(max_length=10, choices=_choices(Severity))
    codes = ArrayField(models.CharField(max_length=40))
    rows = ArrayField(models.IntegerField())
    lon = models.FloatField(null=True)
    lat = models.FloatField(null=True)
    area_m2 = models.FloatField()
    width_m = models.FloatField(null=True)
    mended = models.BooleanField()
    zh = models.TextField()
    en = models.TextField()


class GridVersion(models.Model):
    """网格版本: one grid as it was from a day until a day: code, name, kind, ground."""

    SCOPE = "none"
    PRIVACY = dict.fromkeys(
        (
            "id", "unit_no", "code", "community", "name", "kind", "subkind", "households", "geometry",
            "west", "south", "east", "north", "area_m2", "valid_from", "valid_to", "grid_import", "checks",
        ),
        Privacy.OPEN,
    )  # fmt: skip

    id = models.UUIDField(primary_key=True, default=new_id)
    unit_no = models.BigIntegerField()
    code = models.CharField(max_length=40)
    community = models.CharField(max_length=12)
    name = models.CharField(max_length=120)
    kind = models.CharField(max_length=12, choices=_choices(GridKind))
    subkind = models.CharField(max_length=20, choices=_choices(GridSubkind))
    households = models.IntegerField(null=True)
    geometry = models.BinaryField()  # WKB, WGS-84
    west = models.FloatField()
    south = models.FloatField()
    east = models.FloatField()
    north = models.FloatField()
    area_m2 = models.FloatField()
    valid_from = models.DateField()
    valid_to = models.DateField(null=True)
    grid_import = models.ForeignKey(GridImport, null=True, on_delete=models.PROTECT, related_name="+")
    checks = models.JSONField(default=list)  # kinds of the warnings that stood when it came in

    class Meta:
        constraints = [
            _one_version_a_day("one_grid_holds_one_version_a_day", "unit_no"),
            models.CheckConstraint(
                condition=Q(valid_to=None) | Q(valid_to__gte=F("valid_from")),
                name="grid_ends_after_it_begins",
            ),
        ]
        indexes = [
            models.Index(fields=["unit_no", "valid_from"], name="territory_grid_unit"),
            models.Index(fields=["code"], name="territory_grid_code"),
        ]


class Estate(models.Model):
    """小区: a named group of buildings within one community."""

    SCOPE = "none"
    PRIVACY = dict.fromkeys(("id", "community", "name", "key"), Privacy.OPEN)

    id = models.UUIDField(primary_key=True, default=new_id)
    community = models.CharField(max_length=12)  # a district's code while no building of it is located
    name = models.CharField(max_length=120)
    key = models.CharField(max_length=120)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["community", "key"], name="one_estate_of_a_name_in_a_community")
        ]


class Building(models.Model):
    """建筑: a building with its place, its address key and the grid it lies in."""

    SCOPE = "none"
    PRIVACY = dict.fromkeys(
        (
            "id", "record_ref", "estate", "building_no", "address", "address_key", "kind", "lon", "lat",
            "households", "unit_no",
        ),
        Privacy.OPEN,
    )  # fmt: skip

    id = models.UUIDField(primary_key=True, default=new_id)
    record_ref = models.CharField(max_length=120, unique=True)  # source and record number of whoever keeps it
    estate = models.ForeignKey(Estate, null=True, on_delete=models.PROTECT, related_name="+")
    building_no = models.CharField(max_length=40, blank=True)
    address = models.CharField(max_length=300, blank=True)
    address_key = models.CharField(
        max_length=200, blank=True
    )  # place|building, as the address parser writes it
    kind = models.CharField(max_length=16, choices=_choices(BuildingKind))
    lon = models.FloatField(null=True)
    lat = models.FloatField(null=True)
    households = models.IntegerField(null=True)
    unit_no = models.BigIntegerField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(lon=None, lat=None) | Q(lon__range=(73, 136), lat__range=(3, 54)),
                name="building_lies_in_the_country_or_nowhere",
            )
        ]
        indexes = [
            models.Index(fields=["unit_no"], name="territory_building_unit"),
            models.Index(fields=["address_key"], name="territory_building_address"),
        ]
