"""The room's port to the engine: words and figures that both must have alike."""

from __future__ import annotations

from wangge_engine.columns import load_schema
from wangge_engine.golden.parameters import RIVALS

__all__ = ["RIVALS", "load_schema"]
