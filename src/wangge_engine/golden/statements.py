"""The SQL files beside this module, their ``$names`` replaced."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from string import Template

from wangge_engine.frame.tables import literal


@cache
def _text(file: str) -> str:
    lines = (Path(__file__).parent / file).read_text(encoding="utf-8").splitlines()
    return "\n".join(line for line in lines if not line.lstrip().startswith("--"))


def statements(file: str, **values: object) -> list[str]:
    """The statements of a file. Texts that are not names of tables come quoted from the caller."""
    body = Template(_text(file)).substitute({k: str(v) for k, v in values.items()})
    return [part for part in body.split(";") if part.strip()]


__all__ = ["literal", "statements"]
