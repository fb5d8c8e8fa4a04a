"""Every read of planning that leaves the room."""

from wangge.planning.queries.choices import move_choices
from wangge.planning.queries.contents import plan_flows, plan_grids, plan_heirs, plan_plots, plan_steps
from wangge.planning.queries.listing import grid_plan, grid_plans
from wangge.planning.queries.maps import plan_areas, plan_points
from wangge.planning.queries.nets import net_areas, net_changes, net_comparison, net_comparisons, net_pairs

__all__ = [
    "grid_plan",
    "grid_plans",
    "move_choices",
    "net_areas",
    "net_changes",
    "net_comparison",
    "net_comparisons",
    "net_pairs",
    "plan_areas",
    "plan_flows",
    "plan_grids",
    "plan_heirs",
    "plan_plots",
    "plan_points",
    "plan_steps",
]
