"""Finds the analyses: every folder of the package that has a ``command.py`` or an ``analysis.py``."""

from __future__ import annotations

import importlib
from argparse import ArgumentParser, Namespace
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, cast

from wangge_engine.frame.problems import refuse

if TYPE_CHECKING:  # loads Arrow, which not every command needs
    from wangge_engine.frame.snapshots import Snapshot

ROOT = Path(__file__).parents[1]


class Command(Protocol):
    """What ``command.py`` gives."""

    def arguments(self, parser: ArgumentParser) -> None: ...
    def run(self, args: Namespace) -> Mapping[str, Any]: ...


class Analysis(Protocol):
    """What ``analysis.py`` gives."""

    def run(self, snapshot: Snapshot, params: dict[str, Any], out: Path) -> Snapshot: ...


def names(module: str = "command") -> list[str]:
    """Names of the folders that have this module, as typed on the command line (hyphens)."""
    return sorted(path.parent.name.replace("_", "-") for path in ROOT.glob(f"*/{module}.py"))


def _module(name: str, module: str) -> Any:
    if name not in names(module):
        known = ", ".join(names(module))
        raise refuse(
            "unknown_analysis", f"没有这个分析：{name}（有：{known}）", f"no analysis {name} (known: {known})"
        )
    return importlib.import_module(f"wangge_engine.{name.replace('-', '_')}.{module}")


def find_command(name: str) -> Command:
    return cast(Command, _module(name, "command"))


def find_analysis(name: str) -> Analysis:
    return cast(Analysis, _module(name, "analysis"))


def summary(name: str) -> str:
    """First line of the folder's docstring, without importing it."""
    text = (ROOT / name.replace("-", "_") / "__init__.py").read_text(encoding="utf-8")
    return text.split('"""')[1].strip().splitlines()[0] if '"""' in text else ""
