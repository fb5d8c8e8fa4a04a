"""Tiling, identity numbers, writers: the parts the district is made of."""

import math
from pathlib import Path

import numpy as np
import openpyxl
import polars as pl
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from python_calamine import CalamineWorkbook
from stdnum.cn import ric, uscc

from demo.chance import quota, stream
from demo.identity import check_digit, credit_code, identity_numbers
from demo.old_excel import write_xls
from demo.scales import SCALES, communities_of
from demo.sheets import Sheet, letters, number, serial, write_xlsx
from demo.tiling import Rect, lay_out, split


@pytest.mark.parametrize("name", ["village", "town", "district"])
def test_grids_tile_communities_and_streets(name: str) -> None:
    scale = SCALES[name]
    tiling = lay_out(stream(5, "tiling"), scale, communities_of(scale))
    grids = np.array([tiling.polygon(g.rect) for g in tiling.grids])
    assert shapely.is_valid(grids).all() and shapely.coverage_is_valid(grids)
    streets = shapely.union_all(np.array([tiling.polygon(r) for *_, r in tiling.streets]))
    assert math.isclose(shapely.area(grids).sum(), streets.area, rel_tol=1e-9)
    assert streets.geom_type == "Polygon"
    assert sum(g.kind == "base" for g in tiling.grids) == scale.base_grids
    assert len(grids) == scale.base_grids + scale.exclusive_grids
    assert len({g.code for g in tiling.grids}) == len(grids)
    by_community = {c.code: tiling.polygon(r) for c, r in tiling.communities}
    inside = [
        by_community[g.code[:12]].contains(grid.representative_point())
        for g, grid in zip(tiling.grids, grids, strict=True)
    ]
    assert all(inside)


@given(st.lists(st.floats(0.5, 2.0), min_size=1, max_size=12), st.integers(12, 40), st.integers(12, 40))
def test_a_split_keeps_every_cell_once(weights: list[float], width: int, height: int) -> None:
    parts = split(Rect(0, 0, width, height), weights, 1.0)
    cells = [(x, y) for p in parts for x in range(p.x0, p.x1) for y in range(p.y0, p.y1)]
    assert len(parts) == len(weights)
    assert sorted(cells) == [(x, y) for x in range(width) for y in range(height)]


def test_identity_numbers_are_valid_and_distinct() -> None:
    rng = np.random.default_rng(1)
    birth = pl.Series(rng.integers(-14_000, 20_000, 3_000)).cast(pl.Int32).cast(pl.Date)
    female = rng.random(3_000) < 0.5
    county = np.where(rng.random(3_000) < 0.5, 120110, 130925)
    numbers = identity_numbers(rng, county, birth, female)
    assert numbers.n_unique() == 3_000
    for text, day, woman in zip(numbers, birth, female, strict=True):
        assert ric.calc_check_digit(text) == text[17] and ric.get_birth_date(text) == day
        assert int(text[16]) % 2 == (0 if woman else 1)
        assert check_digit(text[:17]) == text[17]


def test_credit_codes_are_valid() -> None:
    rng = np.random.default_rng(2)
    assert all(uscc.is_valid(credit_code(rng, kind)) for kind in ("91", "92", "12") for _ in range(50))


@given(st.integers(0, 300), st.floats(0, 1))
def test_a_quota_is_never_less_than_its_rate(size: int, rate: float) -> None:
    chosen = quota(np.random.default_rng(0), np.ones(size, dtype=bool), rate)
    assert chosen.sum() == min(size, math.ceil(rate * size))


CELLS = st.one_of(
    st.none(), st.text(st.characters(codec="utf-8", exclude_categories=("C", "Z")), min_size=1, max_size=8)
)


@settings(max_examples=30)
@given(st.lists(st.tuples(CELLS, CELLS), min_size=1, max_size=8))
def test_workbooks_give_back_their_cells(
    tmp_path_factory: pytest.TempPathFactory, rows: list[tuple[str | None, ...]]
) -> None:
    folder = tmp_path_factory.mktemp("books")
    sheet = Sheet(
        "表",
        [["甲", "乙"]],
        pl.DataFrame(rows, schema={"a": pl.String, "b": pl.String}, orient="row"),
        [["合计", None]],
    )
    for name, write in (("x.xlsx", write_xlsx), ("x.xls", write_xls)):
        write(folder / name, [sheet])
        read = (
            CalamineWorkbook.from_path(folder / name).get_sheet_by_index(0).to_python(skip_empty_area=False)
        )
        assert read == [["甲", "乙"], *[[c or "" for c in r] for r in rows], ["合计", ""]]


def test_numbers_dates_and_merges_reach_excel(tmp_path: Path) -> None:
    day = pl.Series([pl.date(2026, 3, 5)]).to_list()
    dates = pl.select(pl.date(2026, 3, 5)).to_series()
    rows = pl.DataFrame({"n": number(pl.Series([12.5])), "d": serial(dates)})
    write_xlsx(tmp_path / "a.xlsx", [Sheet("s", [["题"], ["数", "日"]], rows, merges=["A1:B1"])])
    sheet = openpyxl.load_workbook(tmp_path / "a.xlsx")["s"]
    assert sheet["A3"].value == 12.5 and sheet["B3"].value.date().isoformat() == "2026-03-05"
    assert [str(r) for r in sheet.merged_cells.ranges] == ["A1:B1"]
    assert len(day) == 1


@given(st.integers(0, 20_000))
def test_column_letters_count_like_a_spreadsheet(n: int) -> None:
    text = letters(n)
    value = 0
    for letter in text:
        value = value * 26 + ord(letter) - 64
    assert value == n + 1


def test_a_long_xls_needs_more_than_one_allocation_table_page(tmp_path: Path) -> None:
    rows = pl.DataFrame({f"c{i}": [f"{i}第{n}行的长长的文字内容" for n in range(40_000)] for i in range(5)})
    write_xls(tmp_path / "long.xls", [Sheet("s", [list("abcde")], rows)])
    assert (tmp_path / "long.xls").stat().st_size > 109 * 128 * 512
    read = CalamineWorkbook.from_path(tmp_path / "long.xls").get_sheet_by_index(0).to_python()
    assert tuple(read[-1]) == rows.row(-1) and len(read) == 40_001
