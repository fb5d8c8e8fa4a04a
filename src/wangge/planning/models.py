"""Tables of planning; private to the room. All of it is ground: nothing here is about a person."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from wangge.kernel.ids import new_id
from wangge.kernel.privacy import Privacy
from wangge.planning.states import Approach, NetSide, PairFate, PlanState, PlotKind, StepVerb


class GridPlan(models.Model):
    """网格方案: a plan of grids for an area, as somebody asked for it, and where it stands."""

    SCOPE = "none"
    PRIVACY = dict.fromkeys(
        (
            "id", "under", "lo", "hi", "approach", "target", "tolerance", "seed", "state", "asked_at", "asked_by",
            "began_at", "progress_at", "ended_at", "fault", "valid_from", "settled_at", "settled_by", "grid_import",
            "comparison",
        ),
        Privacy.OPEN,
    )  # fmt: skip

    id = models.UUIDField(primary_key=True, default=new_id)
    under = models.CharField(max_length=12)  # code of the district, street or community
    lo = models.BigIntegerField()
    hi = models.BigIntegerField()
    approach = models.CharField(max_length=12, choices=[(a.value, a.value) for a in Approach])
    target = models.FloatField()  # households of a grid
    tolerance = models.FloatField()  # share of the target
    seed = models.IntegerField(default=1)
    state = models.CharField(max_length=12, choices=[(s.value, s.value) for s in PlanState])
    asked_at = models.DateTimeField()
    asked_by = models.CharField(max_length=64)
    began_at = models.DateTimeField(null=True)
    progress_at = models.DateTimeField(null=True)  # when a community was last finished
    ended_at = models.DateTimeField(null=True)  # when the drawing came to its end
    fault = models.CharField(max_length=200, blank=True)
    valid_from = models.DateField(null=True)  # the first day of the published version
    settled_at = models.DateTimeField(null=True)
    settled_by = models.CharField(max_length=64, blank=True)
    grid_import = models.UUIDField(null=True)  # the territory's import that published it
    comparison = models.ForeignKey(
        "planning.NetComparison", null=True, on_delete=models.PROTECT, related_name="+"
    )  # of a plan that makes two nets one

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=~Q(state="published") | Q(valid_from__isnull=False, grid_import__isnull=False),
                name="a_published_plan_says_from_when",
            ),
            models.CheckConstraint(
                condition=Q(target__gt=0, tolerance__gt=0, tolerance__lt=1),
                name="a_plan_aims_at_a_positive_size",
            ),
        ]
        indexes = [models.Index(fields=["-asked_at", "id"], name="planning_plan_latest")]


class PlanCommunity(models.Model):
    """方案社区: one community of a plan: its ground when it was drawn, and what was proven of it."""

    SCOPE = "none"
    PRIVACY = dict.fromkeys(
        (
            "id",
            "plan",
            "code",
            "name",
            "stamp",
            "highest",
            "drawn_at",
            "least_outside",
            "proven",
            "unplaced",
            "fault",
        ),
        Privacy.OPEN,
    )

    id = models.BigAutoField(primary_key=True)
    plan = models.ForeignKey(GridPlan, on_delete=models.CASCADE, related_name="+")
    code = models.CharField(max_length=12)
    name = models.CharField(max_length=120)
    stamp = models.CharField(max_length=64, blank=True)  # of the standing grids that the plan was drawn on
    highest = models.IntegerField(default=0)  # the largest number a grid of it ever had in force
    drawn_at = models.DateTimeField(null=True)
    least_outside = models.IntegerField(default=0)
    proven = models.BooleanField(default=False)
    unplaced = models.IntegerField(default=0)  # households of buildings without a place on the map
    fault = models.CharField(max_length=40, blank=True)  # why it could not be drawn

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["plan", "code"], name="a_plan_has_a_community_once"),
        ]


class PlanPlot(models.Model):
    """方案单元: a building's ground in a plan, the grid it lay in and the one it is to lie in."""

    SCOPE = "none"
    PRIVACY = dict.fromkeys(
        (
            "id", "plan", "community", "key", "name", "kind", "households", "estate", "lon", "lat", "shape", "before",
            "code", "pinned", "beside",
        ),
        Privacy.OPEN,
    )  # fmt: skip

    id = models.BigAutoField(primary_key=True)
    plan = models.ForeignKey(GridPlan, on_delete=models.CASCADE, related_name="+")
    community = models.CharField(max_length=12)
    key = models.CharField(max_length=64)  # building id, or "grid:" and the code of ground without a building
    name = models.CharField(max_length=200)
    kind = models.CharField(max_length=12, choices=[(k.value, k.value) for k in PlotKind])
    households = models.IntegerField()
    estate = models.CharField(max_length=120, blank=True)
    lon = models.FloatField()
    lat = models.FloatField()
    shape = models.BinaryField()  # WKB, WGS-84
    before = models.CharField(max_length=15, blank=True)
    code = models.CharField(max_length=15)
    pinned = models.BooleanField(default=False)  # a person put it where it is
    beside = ArrayField(models.CharField(max_length=64))  # keys of the plots it borders

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["plan", "key"], name="a_plan_has_a_plot_once"),
        ]
        indexes = [models.Index(fields=["plan", "community"], name="planning_plot_community")]


class PlanGrid(models.Model):
    """方案网格: a grid of a plan with its figures and its ground."""

    SCOPE = "none"
    PRIVACY = dict.fromkeys(
        (
            "id", "plan", "community", "code", "name", "kind", "subkind", "standing", "households", "deviation",
            "pieces", "compactness", "estates_cut", "why", "locked", "shape",
        ),
        Privacy.OPEN,
    )  # fmt: skip

    id = models.BigAutoField(primary_key=True)
    plan = models.ForeignKey(GridPlan, on_delete=models.CASCADE, related_name="+")
    community = models.CharField(max_length=12)
    code = models.CharField(max_length=15)
    name = models.CharField(max_length=120)
    kind = models.CharField(max_length=12, choices=[(k.value, k.value) for k in PlotKind])
    subkind = models.CharField(max_length=20, blank=True)
    standing = models.BooleanField()  # its code was in force before
    households = models.IntegerField()
    deviation = models.FloatField(null=True)  # share of the target; none for grids that are not divided
    pieces = models.IntegerField()
    compactness = models.FloatField(null=True)
    estates_cut = models.IntegerField()
    why = models.CharField(max_length=12, blank=True)  # why it is outside the tolerance
    locked = models.BooleanField(default=False)
    shape = models.BinaryField()  # WKB, WGS-84

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["plan", "code"], name="a_plan_has_a_grid_once"),
        ]


class PlanStep(models.Model):
    """方案改动: one thing a person did to a plan, with what it was before, so that it can be taken back."""

    SCOPE = "none"
    PRIVACY = dict.fromkeys(
        ("id", "plan", "at", "actor", "verb", "community", "plot", "code", "moved", "households", "undone"),
        Privacy.OPEN,
    )

    id = models.BigAutoField(primary_key=True)
    plan = models.ForeignKey(GridPlan, on_delete=models.CASCADE, related_name="+")
    at = models.DateTimeField()
    actor = models.CharField(max_length=64)
    verb = models.CharField(max_length=8, choices=[(v.value, v.value) for v in StepVerb])
    community = models.CharField(max_length=12)
    plot = models.CharField(max_length=64, blank=True)
    code = models.CharField(max_length=15)  # the grid it was about
    moved = models.JSONField(default=list)  # [[key, code before, code after, pinned before], ...]
    households = models.IntegerField(default=0)  # that changed their grid by it
    undone = models.BooleanField(default=False)

    class Meta:
        indexes = [models.Index(fields=["plan", "-id"], name="planning_step_latest")]


class NetComparison(models.Model):
    """网格比对: two departments' nets of grids laid over each other, and the fewest changes that make them one."""

    SCOPE = "none"
    PRIVACY = dict.fromkeys(
        (
            "id", "under", "lo", "hi", "name_a", "name_b", "standing", "at", "actor", "basis", "unit", "moves", "stays",
            "grids_a", "grids_b", "told", "west", "south", "east", "north",
        ),
        Privacy.OPEN,
    )  # fmt: skip

    id = models.UUIDField(primary_key=True, default=new_id)
    under = models.CharField(max_length=12)
    lo = models.BigIntegerField()
    hi = models.BigIntegerField()
    name_a = models.CharField(max_length=255)
    name_b = models.CharField(max_length=255)
    standing = models.BooleanField()  # net a is the grids that were in force
    at = models.DateTimeField()
    actor = models.CharField(max_length=64)
    basis = models.CharField(max_length=40)  # where households come from
    unit = models.CharField(max_length=12)  # households, or m2 where nobody counted them
    moves = models.FloatField()
    stays = models.FloatField()
    grids_a = models.IntegerField()
    grids_b = models.IntegerField()
    told = models.JSONField(default=dict)  # relations and defects of each net, rows left out
    west = models.FloatField()
    south = models.FloatField()
    east = models.FloatField()
    north = models.FloatField()

    class Meta:
        indexes = [models.Index(fields=["-at", "id"], name="planning_comparison_latest")]


class NetGrid(models.Model):
    """比对网格: a grid of one of two nets that are compared, and how it stands to the other net."""

    SCOPE = "none"
    PRIVACY = dict.fromkeys(("id", "comparison", "side", "code", "relation", "shape"), Privacy.OPEN)

    id = models.BigAutoField(primary_key=True)
    comparison = models.ForeignKey(NetComparison, on_delete=models.CASCADE, related_name="+")
    side = models.CharField(max_length=1, choices=[(s.value, s.value) for s in NetSide])
    code = models.CharField(max_length=40)
    relation = models.CharField(max_length=12)
    shape = models.BinaryField()  # WKB, WGS-84

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["comparison", "side", "code"], name="a_net_has_a_grid_once"),
        ]


class NetPair(models.Model):
    """比对地块: ground that lies in one grid of each net (or of one alone), and what would become of it."""

    SCOPE = "none"
    PRIVACY = dict.fromkeys(
        (
            "id", "comparison", "a", "b", "area_m2", "share_a", "share_b", "households", "fate", "to_a", "to_b",
            "weight", "shape",
        ),
        Privacy.OPEN,
    )  # fmt: skip

    id = models.BigAutoField(primary_key=True)
    comparison = models.ForeignKey(NetComparison, on_delete=models.CASCADE, related_name="+")
    a = models.CharField(max_length=40, blank=True)
    b = models.CharField(max_length=40, blank=True)
    area_m2 = models.FloatField()
    share_a = models.FloatField(null=True)
    share_b = models.FloatField(null=True)
    households = models.FloatField(null=True)
    fate = models.CharField(max_length=8, choices=[(f.value, f.value) for f in PairFate])
    to_a = models.CharField(max_length=40, blank=True)  # where it would go in net a; empty: a new grid
    to_b = models.CharField(max_length=40, blank=True)
    weight = models.FloatField()
    shape = models.BinaryField()  # WKB, WGS-84

    class Meta:
        indexes = [models.Index(fields=["comparison", "fate", "-weight"], name="planning_pair_heaviest")]
