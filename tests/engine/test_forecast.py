"""Forecasts: scores against sums by hand, models against what they must know, and bad input."""

from __future__ import annotations

import csv
import json
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from wangge_engine.forecast.models import MODELS, endemic_epidemic, level, naive, season
from wangge_engine.forecast.scores import log_score, ranked_probability_score
from wangge_engine.frame.cli import main


def pmf(k, mean, size):
    """One probability of a negative binomial, from its definition."""
    log = math.lgamma(k + size) - math.lgamma(size) - math.lgamma(k + 1)
    return math.exp(log + size * math.log(size / (size + mean)) + k * math.log(mean / (size + mean)))


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 40), st.floats(0.1, 30), st.floats(0.5, 60))
def test_scores_are_what_sums_by_hand_give(y, mean, size):
    assert log_score(y, mean, size) == pytest.approx(-math.log(pmf(y, mean, size)), rel=1e-9)
    total, score = 0.0, 0.0
    for k in range(2000):
        total += pmf(k, mean, size)
        score += (total - (k >= y)) ** 2
    assert ranked_probability_score(y, mean, size) == pytest.approx(score, rel=1e-6, abs=1e-9)


@settings(max_examples=12, deadline=None)
@given(
    st.lists(st.one_of(st.none(), st.integers(0, 60)), min_size=12, max_size=60),
    st.sampled_from(sorted(MODELS)),
)
def test_any_history_gives_a_distribution(counts, model):
    y = np.array([math.nan if c is None else float(c) for c in counts])
    y[0], y[-1] = 3.0, 5.0
    y[5:9] = [1, 0, 2, 4]
    found = MODELS[model](y, 4, 12)
    assert found.mean.shape == found.size.shape == (4,)
    assert np.isfinite(found.mean).all()
    assert (found.mean > 0).all()
    assert (found.size > 0).all()


def test_the_models_know_what_they_must():
    random = np.random.default_rng(4)
    weeks = np.arange(5 * 52)
    wave = 30 * np.exp(0.8 * np.cos(2 * np.pi * weeks / 52))
    y = random.poisson(wave[:-4]).astype(float)
    assert season(y, 52, 4)[-4:] == pytest.approx(wave[-4:], rel=0.12)
    assert level(y, 4, 52).mean == pytest.approx(wave[-4:], rel=0.15)
    assert naive(y, 4, 52).mean.tolist() == [y[-1]] * 4
    counts = [4.0]
    for _ in range(400):
        counts.append(float(random.poisson(2 + 0.7 * counts[-1])))
    counts[-1] = 20.0
    told = endemic_epidemic(np.array(counts), 3, 1).mean
    by_hand = [16.0, 13.2, 11.24]  # 2 + 0.7 y, over and over
    assert told == pytest.approx(by_hand, rel=0.12)


def written(path, rows, header="series,t,date,observed"):
    with path.open("w", encoding="utf-8", newline="") as handle:
        csv.writer(handle).writerows([header.split(","), *rows])
    return str(path)


def forecast(tmp_path, rows, *more):
    out = tmp_path / "o.csv"
    code = main(
        ["forecast", "--series", written(tmp_path / "s.csv", rows), "--out", str(out), "--quiet", *more]
    )
    if not out.exists():
        return code, None
    with out.open(encoding="utf-8") as handle:
        return code, list(csv.DictReader(handle))


def test_rows_are_the_next_times_of_each_series_that_has_history(tmp_path, capsys):
    rows = (
        [["a", t, "", t % 3] for t in range(1, 31)]
        + [["b", 7, "", 3]]
        + [["c", t, "", 0] for t in range(1, 13)]
    )
    rows[4][3] = -1
    code, found = forecast(tmp_path, rows, "--json", "--plot", str(tmp_path / "p.png"))
    assert code == 0
    assert list(found[0]) == ["series", "t", "horizon", "mean", "q025", "q500", "q975"]
    assert [(r["series"], r["t"], r["horizon"]) for r in found] == [
        (name, str(last + h), str(h)) for name, last in (("a", 30), ("c", 12)) for h in range(1, 5)
    ]
    assert all(float(r["q025"]) <= float(r["q500"]) <= float(r["q975"]) for r in found)
    assert all(float(r["mean"]) < 0.5 for r in found if r["series"] == "c")
    report = json.loads(capsys.readouterr().out)
    assert (report["not_forecast"], report["rejects"]) == (["b"], {"negative_count": 1})
    assert (tmp_path / "p.png").exists()


@pytest.mark.parametrize(
    ("rows", "more", "code"),
    [
        ([["a", 1, "", 3]], [], "history_too_short"),
        ([["a", t, "", 3] for t in range(9)], ["--horizons", "0"], "bad_parameter"),
        ([["a", t, "", 3] for t in range(9)], ["--plot-series", "b", "--plot", "p.png"], "unknown_series"),
    ],
)
def test_what_cannot_be_forecast_is_refused(tmp_path, capsys, rows, more, code):
    assert forecast(tmp_path, rows, *more) == (2, None)
    assert code in capsys.readouterr().err
