"""What linking writes stands under its own folder: nothing is left to the system's temporary one."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pytest

from tests.engine.population import Population, write
from tests.engine.test_link import command


def test_linking_writes_nothing_into_the_systems_temporary_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    write(folder, Population(300, seed=5))
    made: list[str] = []
    real = tempfile.mkdtemp

    def watched(suffix: str | None = None, prefix: str | None = None, dir: str | None = None) -> str:
        made.append(real(suffix, prefix, dir))
        return made[-1]

    monkeypatch.setattr(tempfile, "mkdtemp", watched)
    assert command(folder, tmp_path / "out") == 0
    assert (tmp_path / "out" / "clusters.csv").stat().st_size > 0
    assert [path for path in made if tmp_path not in Path(path).parents] == []
