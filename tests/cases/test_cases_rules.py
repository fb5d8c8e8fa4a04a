"""Categories, positions, and supervision apart from handling."""

from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wangge.cases.rules.categories import read_taxonomy, shipped_taxonomy
from wangge.cases.rules.place import judge_position
from wangge.cases.rules.separation import Deed, check_separation
from wangge.cases.states import SUPERVISING_VERBS, LimitUnit, Located
from wangge.kernel.problems import BadInput, Refused

WATER, STREET = UUID(int=1), UUID(int=2)


def test_the_shipped_categories_name_their_source_and_their_limits() -> None:
    table = shipped_taxonomy()
    assert "GB/T 30428.2" in table.source
    assert table.categories["M0501"].zh == "供水管道破裂"
    assert table.categories["F0101"].limit_unit is LimitUnit.EMERGENCY_HOURS
    assert all(
        c.limit_amount and c.limit_unit and c.filing_zh and c.closing_zh for c in table.categories.values()
    )


HEAD = ["# taxonomy: t", "# version: 1", "# source: s"]
COLUMNS = "kind,code,group_code,group_zh,group_en,zh,en,filing_zh,limit_amount,limit_unit,closing_zh"


@pytest.mark.parametrize(
    ("lines", "code"),
    [
        ([*HEAD[:2], COLUMNS], "taxonomy_head_missing"),
        (
            [*HEAD, COLUMNS, "M,0101,01,a,a,b,b,,1,working_days,", "M,0101,01,a,a,b,b,,1,working_days,"],
            "taxonomy_code_repeated",
        ),
        ([*HEAD, COLUMNS, "M,0101,01,a,a,b,b,,soon,working_days,"], "taxonomy_row_unreadable"),
        ([*HEAD, COLUMNS, "M,0101,01,a,a,b,b,,1,fortnights,"], "taxonomy_row_unreadable"),
    ],
)
def test_a_faulty_table_is_refused_with_its_place(lines: list[str], code: str) -> None:
    with pytest.raises(BadInput) as refused:
        read_taxonomy(lines, name="city.csv")
    assert refused.value.code == code
    assert "city.csv" in refused.value.place


@pytest.mark.parametrize(
    ("lon", "lat", "judged"),
    [
        (117.31, 39.09, Located.POINT),
        (-71.0587, 42.3594, Located.PLACEHOLDER),
        (0.0, 0.0, Located.PLACEHOLDER),
        (None, 39.0, Located.MISSING),
        (117.0, 91.0, Located.OUT_OF_RANGE),
        (float("nan"), 39.0, Located.OUT_OF_RANGE),
    ],
)
def test_positions_are_judged(lon: float | None, lat: float | None, judged: Located) -> None:
    assert judge_position(lon, lat, placeholders=[(-71.0587, 42.3594)]) is judged


@pytest.mark.parametrize("verb", sorted(SUPERVISING_VERBS))
def test_neither_the_handler_nor_the_handling_unit_judges(verb: str) -> None:
    deeds = [Deed("dispatch", "dan", STREET), Deed("resolve", "hu", WATER)]
    with pytest.raises(Refused, match="own_handling"):
        check_separation(verb, actor="hu", organisation=STREET, handling_organisation=WATER, deeds=deeds)
    with pytest.raises(Refused, match="own_unit"):
        check_separation(verb, actor="wu", organisation=WATER, handling_organisation=None, deeds=deeds)
    check_separation(verb, actor="su", organisation=STREET, handling_organisation=WATER, deeds=deeds)


ACTORS = st.sampled_from(["a", "b", "c"])
UNITS = st.sampled_from([None, WATER, STREET])


@given(st.lists(st.tuples(st.sampled_from(["resolve", "dispatch", "rework"]), ACTORS, UNITS)), ACTORS, UNITS)
def test_handling_once_counts_for_good(
    past: list[tuple[str, str, UUID | None]], actor: str, unit: UUID | None
) -> None:
    deeds = [Deed(*deed) for deed in past]
    handled = [d for d in deeds if d.verb == "resolve"]
    tainted = any(d.actor == actor or (unit is not None and d.organisation == unit) for d in handled)
    try:
        check_separation("verify", actor=actor, organisation=unit, handling_organisation=None, deeds=deeds)
    except Refused:
        assert tainted
    else:
        assert not tainted
