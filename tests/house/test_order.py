"""Two workers are given halves of the list: the long modules begin, and no test is lost or doubled."""

from hypothesis import given
from hypothesis import strategies as st

from tests.order import halved


@given(st.lists(st.lists(st.integers(), min_size=1)), st.lists(st.integers()))
def test_no_test_is_lost_or_doubled(modules: list[list[int]], short: list[int]) -> None:
    assert sorted(halved(modules, short)) == sorted([*(n for m in modules for n in m), *short])


def test_long_modules_begin_both_halves_and_stay_together() -> None:
    ordered = halved([["a1", "a2"], ["b1"], ["c1"]], [f"s{n}" for n in range(10)])
    assert len(ordered) == 14
    assert ordered[:3] == ["a1", "a2", "c1"]
    assert ordered[7] == "b1"
