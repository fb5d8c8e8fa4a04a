"""Reproduction number against sums by hand, a known epidemic, and bad input."""

from __future__ import annotations

import csv
import json
from datetime import date, timedelta

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from wangge_engine.frame.cli import main
from wangge_engine.reproduction.estimate import reproduction


def by_hand(cases, local, serial, start, window):
    """Shape and rate of the posterior, one sum at a time."""
    infected = sum(local[start : start + window])
    exposed = sum(
        serial[lag] * cases[day - lag]
        for day in range(start, start + window)
        for lag in range(1, len(serial))
        if day - lag >= 0
    )
    return 1 + infected, 1 / 5 + exposed


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 40), st.integers(0, 3)), min_size=9, max_size=25),
       st.lists(st.floats(0.01, 1), min_size=1, max_size=12), st.integers(1, 8))  # fmt: skip
def test_the_posterior_is_what_sums_by_hand_give(days, weights, window):
    cases = [float(count) for count, _ in days]
    local = [float(max(count - arrived, 0)) for count, arrived in days]
    serial = [0.0, *(w / sum(weights) for w in weights)]
    found = reproduction(
        np.array(local), np.array(cases), np.array(serial), window=window, prior_mean=5, prior_sd=5
    )
    assert found.start.tolist() == list(range(1, len(cases) - window + 1))
    for place, start in enumerate(found.start.tolist()):
        shape, rate = by_hand(cases, local, serial, start, window)
        if rate == 1 / 5:
            assert np.isnan(found.mean[place])
            continue
        assert found.mean[place] == pytest.approx(shape / rate)
        told = stats.gamma.ppf([0.025, 0.5, 0.975], shape, scale=1 / rate)
        assert found.quantiles[:, place] == pytest.approx(told, rel=1e-9)


def written(path, header, rows):
    with path.open("w", encoding="utf-8", newline="") as handle:
        csv.writer(handle).writerows([header.split(","), *rows])
    return str(path)


SERIAL = [[0, 0], [1, 0.25], [2, 0.5], [3, 0.25]]
GROWING = [[date(2026, 11, 1) + timedelta(days=i), round(10 * 1.1**i)] for i in range(20)]


def estimated(tmp_path, rows=GROWING, serial=SERIAL, more=()):
    files = [
        "--incidence", written(tmp_path / "i.csv", "date,count", rows),
        "--serial-interval", written(tmp_path / "s.csv", "lag_days,probability", serial),
    ]  # fmt: skip
    return main(["reproduction", *files, "--out", str(tmp_path / "o.csv"), "--quiet", *more])


def test_a_growing_epidemic_has_the_r_that_its_growth_says(tmp_path, capsys):
    assert estimated(tmp_path, more=["--json", "--plot", str(tmp_path / "p.svg")]) == 0
    with (tmp_path / "o.csv").open(encoding="utf-8") as handle:
        found = list(csv.DictReader(handle))
    assert list(found[0]) == ["from", "to", "mean", "q025", "q500", "q975"]
    assert (found[0]["from"], found[0]["to"]) == ("2026-11-02", "2026-11-08")
    assert found[-1]["to"] == "2026-11-20"
    growth = 1 / sum(p * 1.1**-lag for lag, p in SERIAL)
    assert float(found[-1]["q025"]) < growth < float(found[-1]["q975"])
    assert float(found[-1]["mean"]) == pytest.approx(growth, rel=0.03)
    assert json.loads(capsys.readouterr().out)["windows"] == len(found) == 13
    assert (tmp_path / "p.svg").exists()


def test_nobody_infectious_says_nothing(tmp_path):
    assert estimated(tmp_path, [[day, 0] for day, _ in GROWING]) == 0
    with (tmp_path / "o.csv").open(encoding="utf-8") as handle:
        assert {(row["mean"], row["q975"]) for row in csv.DictReader(handle)} == {("", "")}


@pytest.mark.parametrize(
    ("rows", "serial", "code"),
    [
        (GROWING[:7], SERIAL, "history_too_short"),
        (GROWING[:5] + GROWING[6:], SERIAL, "gap_in_series"),
        ([[day, -3 if i == 4 else n] for i, (day, n) in enumerate(GROWING)], SERIAL, "gap_in_series"),
        (GROWING, [[0, 0.5], [1, 0.5]], "serial_interval_at_0"),
        (GROWING, [[-1, 0.5], [1, 0.5]], "bad_serial_interval"),
        (GROWING, [[1, 0.5], [1, 0.5]], "bad_serial_interval"),
        (GROWING, [[1, 0.5], [2, 0.3]], "serial_interval_sum"),
    ],
)
def test_what_cannot_be_estimated_is_refused(tmp_path, capsys, rows, serial, code):
    assert estimated(tmp_path, rows, serial) == 2
    assert code in capsys.readouterr().err
    assert not (tmp_path / "o.csv").exists()


def test_a_gap_may_be_said_to_be_none(tmp_path):
    assert estimated(tmp_path, GROWING[:5] + GROWING[6:], more=["--fill-gaps"]) == 0
    assert (tmp_path / "o.csv").exists()
