"""Chains of a patient, forward and back, and what each kind of contact has yielded."""

from __future__ import annotations

from datetime import date, timedelta
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wangge.kernel.problems import NotFound
from wangge.kernel.sealing import Sealer
from wangge.outbreaks import actions, queries
from wangge.outbreaks.rules.infection_sources import infection_source
from wangge.outbreaks.rules.joining import Arrival, joined
from wangge.outbreaks.types import HouseholdExposure, LineListRow, PassengerRow, PersonRef, PlacedPatient

pytestmark = pytest.mark.django_db
DAY = date(2026, 10, 20)
HOME, ELSEWHERE = 120110001001002, 120110002001001


def ill(no: str, day: date, *, source: str = "") -> LineListRow:
    return LineListRow(
        no, name=f"病{no}", id_no=f"ID{no}", onset_on=day, confirmed_on=day + timedelta(days=3),
        source=infection_source(source, own_no=no),
    )  # fmt: skip


@pytest.fixture
def spread(investigator):
    """TJ1 rides with 乙, who falls ill as TJ2 and lives with two; TJ3 states TJ2 as source. Gives ids by number."""
    rows = [
        ill("TJ1", DAY),
        ill("TJ2", DAY + timedelta(days=5)),
        ill("TJ3", DAY + timedelta(days=9), source="TJ2 同事"),
    ]
    ids = actions.import_patients(investigator, rows=rows[:1]).patient_ids
    ride = [
        PassengerRow("G1", DAY, "1", "5A", "病TJ1", "IDTJ1"),
        PassengerRow("G1", DAY, "1", "6A", "病TJ2", "IDTJ2"),
        PassengerRow("G1", DAY, "1", "14A", "远", "X"),
    ]
    actions.import_manifest(investigator, rows=ride)
    ids = actions.import_patients(investigator, rows=rows).patient_ids
    second = uuid4()
    actions.place_patients(investigator, placed=[PlacedPatient(ids[1], HOME, second)])
    actions.record_household_exposures(
        investigator,
        households=[HouseholdExposure(ids[1], (PersonRef(uuid4(), HOME), PersonRef(uuid4(), ELSEWHERE)))],
    )
    return dict(zip(("TJ1", "TJ2", "TJ3"), ids, strict=True))


def test_forward_a_contact_who_fell_ill_carries_the_chain_on(investigator, spread) -> None:
    found = queries.contact_chain(investigator, patient_id=spread["TJ1"])
    assert [(n.distance, n.patient_no or n.contact_class) for n in found] == [
        (1, "TJ2"),
        (1, "general_contact"),
        (2, "TJ3"),
        (2, "close_contact"),
        (2, "close_contact"),
    ]
    assert found[0].contact_id is not None and found[0].first_on == DAY


def test_back_the_likely_sources_are_found(investigator, spread) -> None:
    back = queries.contact_chain(investigator, patient_id=spread["TJ3"], back=True)
    assert [(n.distance, n.patient_no) for n in back] == [(1, "TJ2"), (2, "TJ1")]
    assert queries.contact_chain(investigator, patient_id=spread["TJ1"], back=True) == ()
    with pytest.raises(NotFound, match="patient_unknown"):
        queries.contact_chain(investigator, patient_id=uuid4())


def test_who_lives_elsewhere_is_a_step_without_a_name(access_for, declared, spread) -> None:
    other = access_for("epidemiologist", "epidemic_response", emergency=declared, scope="120110001001")
    found = queries.contact_chain(other, patient_id=spread["TJ2"])
    assert {n.distance for n in found} == {1} and len(found) == 2
    hidden = [n for n in found if n.patient_id is None and n.contact_id is None]
    assert [(n.name, n.patient_no, n.onset_on) for n in hidden] == [("", "", None)]


def test_each_kind_of_contact_says_how_many_fell_ill_later(investigator, spread) -> None:
    """TJ2 is known again by the number; somebody of the household, when TJ3 turns out to be them, by the register."""
    counts = {
        ("train", "close_contact"): (1, 1),
        ("train", "general_contact"): (1, 0),
        ("household", "close_contact"): (2, 0),
    }
    assert told(investigator) == counts
    at_home = next(c for c in queries.close_contacts(investigator).rows if c.matched)
    actions.place_patients(
        investigator, placed=[PlacedPatient(spread["TJ3"], at_home.unit_no, at_home.person_id)]
    )
    assert told(investigator) == counts | {("household", "close_contact"): (2, 1)}


def told(investigator) -> dict[tuple[str, str], tuple[int, int]]:
    """The yield by kind and class, with nothing unsealed on the way."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Sealer, "unseal_bytes", lambda *_: pytest.fail("a view of counts unseals"))
        found = queries.contact_yield(investigator)
    return {(y.kind, y.contact_class): (y.found, y.confirmed) for y in found}


def test_each_of_a_chain_came_through_one_who_was_reached_before(investigator, spread) -> None:
    found = queries.contact_chain(investigator, patient_id=spread["TJ1"])
    assert [n.through for n in found] == [None, None, 0, 0, 0] and all(n.joined for n in found)
    back = queries.contact_chain(investigator, patient_id=spread["TJ3"], back=True)
    assert [n.through for n in back] == [None, 0]


NAMES = st.sampled_from("abcdef")
MET = st.tuples(NAMES, NAMES, st.integers(0, 6).map(lambda n: DAY + timedelta(days=n)))


@given(st.lists(MET, max_size=14), st.booleans())
def test_lines_of_a_drawing_lead_every_reached_one_to_the_root(met, back) -> None:
    """Whoever a naive walk reaches hangs, by lines in the order of time, on the root."""
    links = [(a, b, on) for a, b, on in met if a != b]
    arrived: dict[str, Arrival] = {}
    steps = {"a": 0}
    for on in sorted({on for *_, on in links}, reverse=back):
        grown = True
        while grown:  # within a day a chain may take several steps
            grown = False
            for source, destination, day in links:
                near, far = (destination, source) if back else (source, destination)
                if day == on and near in steps and far != "a" and far not in steps:
                    steps[far] = steps[near] + 1
                    arrived[far], grown = Arrival(on, steps[far]), True
    found = joined("a", arrived, links, back=back)
    for node in arrived:
        seen = {node}
        while node != "a":
            node = found[node]  # noqa: PLW2901 -- the walk to the root
            assert node not in seen
            seen.add(node)
