"""The command line takes in what the doors take in, and says no with exit 2."""

from __future__ import annotations

import io
import json

import pytest
from django.core.management import call_command

from tests.engine.gridfiles import grid_file
from tests.engine.tilings import cells_of, lattice
from wangge.territory import queries

pytestmark = pytest.mark.django_db


def run(*arguments):
    out, err = io.StringIO(), io.StringIO()
    code = 0
    try:
        call_command("territory", *arguments, stdout=out, stderr=err)
    except SystemExit as ended:
        code = ended.code
    return code, json.loads(out.getvalue() or "null"), err.getvalue()


def test_divisions_then_a_check_then_the_grids(tmp_path, system_access):
    code, told, _ = run("divisions", "120110")
    assert code == 0
    assert told["added"] > 150
    cells = cells_of(lattice(2, 2, 1))
    name, body = grid_file(cells)
    path = tmp_path / name
    path.write_bytes(body)
    code, told, said = run("check", str(path), "--from", "2026-01-01")
    assert (code, told["state"]) == (0, "checked")
    assert "[warning]" in said
    code, told, _ = run("grids", str(path), "--from", "2026-01-01")
    assert (code, told["state"], told["counts"]["added"]) == (0, "imported", 4)
    assert len(queries.grids(system_access("territory_management")).rows) == 4
    path.write_bytes(grid_file([*cells[:3], cells[0]])[1])
    code, told, said = run("grids", str(path), "--from", "2026-02-01")
    assert (code, told["state"]) == (2, "refused")
    assert "网格重叠" in said
    assert "grids overlap" in said


def test_what_cannot_be_read_is_said_in_both_languages(tmp_path):
    broken = tmp_path / "a.geojson"
    broken.write_text("{", encoding="utf-8")
    for path in (broken, tmp_path / "absent.geojson"):
        code, told, said = run("borders", str(path))
        assert (code, told) == (2, None)
        assert len(said.strip().splitlines()) == 2
    assert run("grids")[0] == 2
    assert run("divisions", "999999")[0] == 2
