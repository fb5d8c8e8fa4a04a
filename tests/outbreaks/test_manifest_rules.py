"""Who on a list met a patient, by the engine's rule packs: rides in, classes out; unknown seats, the infectious window."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from wangge.kernel.problems import BadInput
from wangge.outbreaks.analysis import Source, Stay, contact_pack, meetings
from wangge.outbreaks.rules.journeys import Ride, infectious, ride_of, ride_words, widened_by
from wangge.outbreaks.states import ContactClass
from wangge.outbreaks.types import PassengerRow
from wangge.outbreaks.when import day_begins, day_ends

DAY = date(2020, 1, 22)
NEAR, FAR = ContactClass.CLOSE_CONTACT, ContactClass.GENERAL_CONTACT
TWO_DAYS = timedelta(days=2)


def stay(
    key: str, row: int | str = 10, carriage: str = "5", *, kind: str = "train", place: str = "G1"
) -> Stay:
    return Stay(key, place, kind, day_begins(DAY), day_ends(DAY), carriage, str(row))


def classes(stays: list[Stay], pack: str = "cn-2020-rows", patient: Stay | None = None):
    ill = patient or stay("ill")
    found = meetings([ill, *stays], [Source(ill.key, day_begins(DAY), None)], contact_pack(pack))
    return {met.key: (met.contact_class, met.unknown, met.rows) for met in found}


def test_rows_carriages_and_unknown_seats() -> None:
    """One run: three rows are near, the carriage is far, others met nobody; what is unknown is wider and said."""
    seats = [stay(f"r{row}", row) for row in range(1, 20)]
    odd = [
        stay("no_row", ""),
        stay("no_carriage", 9, ""),
        stay("other", carriage="6"),
        stay("train", place="G2"),
    ]
    got = classes([*seats, *odd])
    assert {key for key, told in got.items() if told[0] is NEAR} == {f"r{row}" for row in range(7, 14)}
    assert got["r7"] == (NEAR, False, 3) and got["r6"] == (FAR, False, 4)
    assert got["no_row"] == (FAR, True, None) and got["no_carriage"][:2] == (FAR, True)
    assert set(got) == {*(f"r{row}" for row in range(1, 20)), "no_row", "no_carriage"}


def test_the_wider_pack_takes_the_whole_carriage() -> None:
    got = classes([stay("a", 1), stay("b", ""), stay("c", carriage="6")], "cn-2020-carriage", stay("ill", ""))
    assert {key: told[:2] for key, told in got.items()} == {"a": (NEAR, False), "b": (NEAR, False)}


@pytest.mark.parametrize(
    ("onset", "confirmed", "met"),
    [
        (DAY + timedelta(2), DAY + timedelta(5), True),
        (DAY + timedelta(3), DAY + timedelta(5), False),
        (DAY - timedelta(5), DAY, True),
        (DAY - timedelta(5), DAY - timedelta(1), False),
        (DAY - timedelta(5), None, True),
        (None, DAY + timedelta(2), True),
        (None, DAY + timedelta(3), False),
        (None, None, True),
    ],
)
def test_the_infectious_window_runs_from_two_days_before_onset_to_confirmation(onset, confirmed, met) -> None:
    assert (DAY in infectious(onset, confirmed, TWO_DAYS)) is met


def ride(seat: str, carriage: str = "05", train: str = "G1709") -> Ride:
    return ride_of(PassengerRow(train, DAY, carriage, seat, "甲"), 1, DAY)


def test_a_row_of_a_manifest_is_read_as_a_ride() -> None:
    assert (ride("07A").kind, ride("07A").row, ride("07A").carriage) == ("train", "7", "5")
    assert (ride("31K", "", "MF8315").kind, ride("31K", "", "MF8315").row) == ("flight", "31")
    assert ride("无座").unseated and not ride("列车员").unseated and not ride("无座", "").unseated


def test_what_is_unknown_is_named_with_whose_it_is() -> None:
    known = ride("07A")
    assert widened_by(ride("07A", ""), known) == "carriage"
    assert widened_by(known, ride("07A", "")) == "patient_carriage"
    assert widened_by(ride("无座"), known) == "seat"
    assert widened_by(known, ride("无座")) == "patient_seat"
    zh, en = ride_words("train", ("同车厢", "same carriage"), None, "patient_seat")
    assert "病例座位不详" in zh and "the patient's seat is not known" in en


def test_a_rule_names_its_source_and_an_unknown_one_is_refused() -> None:
    assert contact_pack("cn-2020-rows").source and contact_pack("cn-2020-rows").before_onset == TWO_DAYS
    with pytest.raises(BadInput) as refusal:
        contact_pack("bus")
    assert "cn-2020-rows" in refusal.value.en
