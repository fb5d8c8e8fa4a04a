"""Every write of the registry."""

from wangge.registry.actions.deciding import decide
from wangge.registry.actions.importing import import_linkage
from wangge.registry.actions.reviewing import (
    keep_apart,
    keep_together,
    merge_persons,
    merge_records,
    part_records,
    split_person,
    undo,
)
from wangge.registry.actions.worth import import_worth

__all__ = [
    "decide",
    "import_linkage",
    "import_worth",
    "keep_apart",
    "keep_together",
    "merge_persons",
    "merge_records",
    "part_records",
    "split_person",
    "undo",
]
