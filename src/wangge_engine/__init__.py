"""Analytics on plain files; knows neither Django nor the rooms.

Two ways in, one body:

* a command for people: ``python -m wangge_engine link --input a=a.csv --out out``;
* :func:`run` for rooms: a snapshot folder in, a snapshot folder out.

Each analysis is a folder here. ``command.py`` gives ``arguments(parser)`` and ``run(args)``; ``analysis.py``
gives ``run(snapshot, params, out)``; ``examples.toml`` is its table of examples, which tests run and which
is rendered as its manual page.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from wangge_engine.frame.snapshots import Snapshot

__all__ = ["run"]


def run(analysis: str, manifest: Path | str, params: Mapping[str, Any], *, out: Path | str) -> Snapshot:
    """Run one analysis on a published snapshot and return the snapshot it wrote into ``out``.

    ``manifest`` is the snapshot's folder or its ``manifest.json``. Every table is checked against its
    recorded hash first. Nothing is left in ``out`` when the run fails. Raises ``frame.problems.Refused``
    for input that cannot be used, with the place in both languages.
    """
    from wangge_engine.frame.registry import find_analysis
    from wangge_engine.frame.snapshots import Snapshot

    snapshot = Snapshot.read(Path(manifest))
    return find_analysis(analysis).run(snapshot, dict(params), Path(out))
