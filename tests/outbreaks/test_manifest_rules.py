"""Who on a train met a patient: rule packs, unknown seats, the infectious window."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from wangge.kernel.problems import BadInput
from wangge.kernel.seats import Seat
from wangge.outbreaks.rules.manifests import PatientRide, Ride, manifest_rule, manifest_rules, who_met
from wangge.outbreaks.states import ContactClass

DAY = date(2020, 1, 22)
ROWS = manifest_rule("train_rows")
CARRIAGE = manifest_rule("train_carriage")
NEAR, FAR = ContactClass.CLOSE_CONTACT, ContactClass.GENERAL_CONTACT


def ride(
    key: int, seat: str | None = "10A", carriage: str = "5", *, train: str = "G1", day: date = DAY
) -> Ride:
    return Ride(key, train, day, carriage, Seat(int(seat[:-1]), seat[-1]) if seat else None)


def patient(seat: str | None = "10A", carriage: str = "5", **dates) -> PatientRide:
    return PatientRide(
        ride(0, seat, carriage),
        "TJ5",
        dates.get("onset_on", DAY),
        dates.get("confirmed_on", DAY + timedelta(3)),
    )


def classes(rides: list[Ride], one: PatientRide, rule=ROWS) -> dict[int, ContactClass]:
    return {met.key: met.contact_class for met in who_met([one.ride, *rides], [one], rule).met}


def test_three_rows_either_way_are_near_and_the_rest_of_the_carriage_is_far() -> None:
    rides = [ride(row, f"{row}C") for row in range(1, 20)]
    got = classes(rides, patient("10A"))
    assert {key for key, cls in got.items() if cls is NEAR} == {7, 8, 9, 10, 11, 12, 13}
    assert {key for key, cls in got.items() if cls is FAR} == set(range(1, 20)) - set(range(7, 14))


def test_other_carriages_trains_and_days_met_nobody() -> None:
    rides = [ride(1, carriage="6"), ride(2, train="G2"), ride(3, day=DAY + timedelta(1))]
    outcome = who_met([patient().ride, *rides], [patient()], ROWS)
    assert (outcome.met, outcome.contacts, outcome.non_contacts) == ((), 0, 3)


def test_the_protocol_pack_takes_the_whole_carriage() -> None:
    assert classes([ride(1, "1A"), ride(2, "19F"), ride(3, None)], patient(), CARRIAGE) == {
        1: NEAR,
        2: NEAR,
        3: NEAR,
    }


def test_an_unknown_seat_widens_the_class_and_says_so() -> None:
    outcome = who_met([patient().ride, ride(1, None)], [patient()], ROWS)
    assert [(m.contact_class, m.widened) for m in outcome.met] == [(FAR, "seat")]
    assert "座位不详" in outcome.met[0].reason_zh
    assert "seat is not known" in outcome.met[0].reason_en


def test_the_patients_own_unknown_seat_makes_the_carriage_close() -> None:
    one = patient(None)
    outcome = who_met([one.ride, ride(1, "1A"), ride(2, "19F"), ride(3, carriage="6")], [one], ROWS)
    assert {m.key: (m.contact_class, m.widened) for m in outcome.met} == {
        1: (NEAR, "patient_seat"),
        2: (NEAR, "patient_seat"),
    }


def test_an_unknown_carriage_widens_to_the_train() -> None:
    outcome = who_met([patient().ride, ride(1, "9A", "")], [patient()], ROWS)
    assert [(m.contact_class, m.widened) for m in outcome.met] == [(FAR, "carriage")]


@pytest.mark.parametrize(
    ("onset", "confirmed", "met"),
    [
        (DAY + timedelta(2), DAY + timedelta(5), True),
        (DAY + timedelta(3), DAY + timedelta(5), False),
        (DAY - timedelta(5), DAY, True),
        (DAY - timedelta(5), DAY - timedelta(1), False),
        (None, DAY + timedelta(2), True),
        (None, DAY + timedelta(3), False),
        (None, None, True),
    ],
)
def test_the_infectious_window_runs_from_two_days_before_onset_to_confirmation(
    onset, confirmed, met: bool
) -> None:
    outcome = who_met([patient().ride, ride(1)], [patient(onset_on=onset, confirmed_on=confirmed)], ROWS)
    assert bool(outcome.met) is met
    assert outcome.patients_outside_window == (not met)


@settings(max_examples=80, deadline=None)
@given(
    seats=st.lists(
        st.tuples(st.none() | st.integers(1, 18), st.sampled_from("ABCDF"), st.sampled_from(["4", "5", ""]))
    ),
    at=st.none() | st.integers(1, 18),
)
def test_everybody_is_counted_once_and_stating_a_seat_never_brings_a_new_person_in(seats, at) -> None:
    one = patient(f"{at}A" if at else None)
    rides = [
        ride(i, f"{row}{letter}" if row else None, car) for i, (row, letter, car) in enumerate(seats, start=1)
    ]
    outcome = who_met([one.ride, *rides], [one], ROWS)
    assert outcome.contacts + outcome.non_contacts == len(rides)
    assert len({m.key for m in outcome.met}) == outcome.contacts
    unknown = classes([ride(r.key, None, r.carriage) for r in rides], one)
    assert {m.key for m in outcome.met} == set(unknown)


def test_rules_name_their_source_and_an_unknown_rule_is_refused() -> None:
    assert all(rule.source and rule.version for rule in manifest_rules().values())
    with pytest.raises(BadInput) as refusal:
        manifest_rule("bus")
    assert "train_rows" in refusal.value.en
