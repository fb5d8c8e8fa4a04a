"""Every write of planning."""

from wangge.planning.actions.asking import discard_plan, draft_plan
from wangge.planning.actions.comparing import compare_nets, draft_from_nets
from wangge.planning.actions.drawing import begin_plan, draw_next, fail_plan
from wangge.planning.actions.editing import lock_grid, move_plot, undo_step
from wangge.planning.actions.publishing import publish_plan
from wangge.planning.actions.sweeping import standing_still, sweep_plots

__all__ = [
    "begin_plan",
    "compare_nets",
    "discard_plan",
    "draft_from_nets",
    "draft_plan",
    "draw_next",
    "fail_plan",
    "lock_grid",
    "move_plot",
    "publish_plan",
    "standing_still",
    "sweep_plots",
    "undo_step",
]
