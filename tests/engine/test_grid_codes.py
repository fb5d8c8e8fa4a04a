"""Division codes, grid code schemes and names."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wangge_engine.grids.codes import (
    CodeFault,
    Level,
    ancestors_of,
    is_virtual_street,
    level_of,
    normal_code,
    parent_of,
    short_code,
)
from wangge_engine.grids.naming import embedded_parent, stem
from wangge_engine.grids.schemes import GridNumber, load_schemes, unit_number

SCHEMES = load_schemes(Path(__file__).parents[2] / "contracts/territory/unit_code_schemes.toml")


@pytest.mark.parametrize(
    ("code", "level", "parent"),
    [
        ("120000000000", Level.PROVINCE, None),
        ("120100000000", Level.CITY, "120000000000"),
        ("120110000000", Level.DISTRICT, "120100000000"),
        ("120110001000", Level.STREET, "120110000000"),
        ("120110001005", Level.COMMUNITY, "120110001000"),
    ],
)
def test_levels_and_parents(code, level, parent):
    assert level_of(code) is level
    assert parent_of(code) == parent


def test_ancestors_run_from_the_province_down():
    assert [short_code(code) for code in ancestors_of("120110001005")] == [
        "12",
        "1201",
        "120110",
        "120110001",
    ]


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("12011", "code_length"),
        ("12011a", "code_not_digits"),
        ("", "code_not_digits"),
        ("000110", "code_zero"),
    ],
)
def test_what_is_no_code_says_why_in_both_languages(text, fault):
    verdict = normal_code(text)
    assert isinstance(verdict, CodeFault)
    assert verdict.code == fault
    assert verdict.zh
    assert verdict.en
    with pytest.raises(ValueError, match=r"code|province"):
        level_of(text)


def test_full_width_digits_are_read():
    assert normal_code(" １２０１１０ ") == "120110000000"


def test_virtual_streets():
    assert is_virtual_street("120110401001")
    assert not is_virtual_street("120110001001")
    assert not is_virtual_street("120110000000")


communities = st.integers(110_000_000_001, 659_999_999_999).map(str).filter(lambda c: not c.endswith("000"))


@given(communities, st.integers(1, 999))
def test_fifteen_digits_round_trip(community, sequence):
    scheme = SCHEMES["DB11-15"]
    code = scheme.render(community, sequence)
    assert len(code) == scheme.length == 15
    assert scheme.parse(code) == GridNumber(community, sequence)
    assert int(code) == GridNumber(community, sequence).unit_no
    assert unit_number(int(code)) == GridNumber(community, sequence)


@given(communities, st.integers(1, 99))
def test_twenty_digits_read(community, sequence):
    scheme = SCHEMES["CJT349-20"]
    assert scheme.parse(f"010203{community}{sequence:02d}") == GridNumber(community, sequence)


def test_undivided_community_is_sequence_one_inside():
    assert SCHEMES["CJT349-20"].parse("01020012011000160100") == GridNumber("120110001601", 1)


def test_unset_object_code_cannot_be_written():
    with pytest.raises(ValueError, match="not set"):
        SCHEMES["CJT349-20"].render("120110001601", 1)


@pytest.mark.parametrize(
    ("code", "fault"),
    [
        ("12011000100501", "grid_code_length"),
        ("12011000100500A", "grid_code_not_digits"),
        ("120110001005000", "grid_code_sequence"),
        ("120110001000001", "grid_code_community"),
    ],
)
def test_bad_grid_codes(code, fault):
    verdict = SCHEMES["DB11-15"].parse(code)
    assert isinstance(verdict, CodeFault)
    assert verdict.code == fault


def test_a_scheme_that_does_not_add_up_is_named(tmp_path):
    path = tmp_path / "schemes.toml"
    path.write_text(
        '[[scheme]]\nid="x"\ntitle_zh="x"\ntitle_en="x"\nsource="x"\nparts=[{role="community",digits=9},{role="sequence",digits=3}]\n',
        encoding="utf-8",
    )
    with pytest.raises(ValueError, match="scheme x"):
        load_schemes(path)


def test_sequence_too_large_for_the_scheme():
    with pytest.raises(ValueError, match="not a grid number"):
        SCHEMES["DB11-15"].render("120110001005", 1000)


@pytest.mark.parametrize(
    ("name", "core"),
    [("华亭里社区居委会", "华亭里"), ("张贵庄街道", "张贵庄"), ("东丽区", "东丽"), ("市区", "市区")],
)
def test_stems(name, core):
    assert stem(name) == core


def test_a_name_must_not_carry_its_parent():
    parents = ["白荡海社区居委会", "北山街道"]
    assert embedded_parent("白荡海社区第四网格", parents) == "白荡海社区居委会"
    assert embedded_parent("第四网格", parents) is None
