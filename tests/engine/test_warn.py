"""Early warning against R surveillance's bounds, against a count by hand, and on bad input."""

from __future__ import annotations

import csv
import json
from datetime import date, timedelta

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.engine import reference_warn as by_hand
from tests.needs import shared_data_folder
from wangge_engine import run
from wangge_engine.counts.tails import cumulated, exceeded, quantile
from wangge_engine.frame.cli import main
from wangge_engine.frame.snapshots import publish
from wangge_engine.warn.cusum import cusum
from wangge_engine.warn.discovery import stand
from wangge_engine.warn.ears import ears
from wangge_engine.warn.farrington import Rule, bounds
from wangge_engine.warn.layout import EPOCH, layout, reference_offsets


def rows_of(path):
    with path.open(encoding="utf-8", newline="") as handle:
        return list(csv.DictReader(handle))


def written(path, header, rows):
    with path.open("w", encoding="utf-8", newline="") as handle:
        csv.writer(handle).writerows([header.split(","), *rows])
    return path


def warn(tmp_path, series, *more, method="ears-c1"):
    out = tmp_path / "out.csv"
    code = main(["warn", "--method", method, "--series", str(series), "--out", str(out), "--quiet", *more])
    return code, rows_of(out) if out.exists() else None


@pytest.mark.shared_data
@pytest.mark.parametrize(
    ("name", "b"), [("salmonella.agona", 4), ("shadar", 3), ("h1_nrwrp", 3), ("stsNewport", 5)]
)
def test_farrington_is_what_r_surveillance_computes(tmp_path, name, b):
    folder = shared_data_folder() / "surveillance"
    told = rows_of(folder / f"{name}__ff_noufaily_limit0.csv")
    span = ["--from", told[0]["t"], "--to", told[-1]["t"]]
    code, found = warn(
        tmp_path, folder / f"{name}.csv", "--b", str(b), "--min-cases", "0", *span, method="farrington"
    )
    assert code == 0
    assert [row["t"] for row in found] == [row["t"] for row in told]
    for ours, theirs in zip(found, told, strict=True):
        for column, other in (("upper", "upper"), ("expected", "expected"), ("p_value", "pvalue")):
            assert float(ours[column]) == pytest.approx(float(theirs[other]), rel=1e-9)
        assert ours["alarm"] == theirs["alarm"]


@pytest.mark.shared_data
@pytest.mark.parametrize("method", ["ears-c1", "ears-c2", "ears-c3"])
def test_ears_is_the_published_formula(tmp_path, method):
    folder = shared_data_folder() / "surveillance"
    told = rows_of(folder / f"abattoir__ears_{method[-2:].upper()}_minSigma0.5.csv")
    tail = "_formula" if method == "ears-c3" else ""
    _, found = warn(tmp_path, folder / "abattoir.csv", method=method)
    assert [row["t"] for row in found] == [row["t"] for row in told]
    for ours, theirs in zip(found, told, strict=True):
        assert float(ours["upper"]) == pytest.approx(float(theirs[f"upper{tail}"]), rel=1e-9)
        assert ours["alarm"] == theirs[f"alarm{tail}"]


seeds = st.integers(0, 2**32 - 1)


@settings(max_examples=15, deadline=None)
@given(seeds, st.sampled_from([0.05, 0.5, 4.0, 60.0]), st.sampled_from([2, 3, 4]), st.sampled_from([1, 4, 10]),
       st.sampled_from([None, date(2000, 2, 7), date(2012, 12, 28)]), st.booleans())  # fmt: skip
def test_farrington_is_what_a_fit_by_hand_gives(seed, level, b, periods, first_day, lacking):
    random = np.random.default_rng(seed)
    weeks = b * 53 + 6
    y = random.negative_binomial(2, 2 / (2 + level), weeks).astype(float)
    if lacking:
        y[random.choice(weeks - 1, 9, replace=False)] = np.nan
    day = (first_day - EPOCH).days + 7 * (weeks - 1) if first_day else weeks
    index, phase, step = (day // 7, day % 7, 7) if first_day else (weeks, 0, None)
    lay = layout(reference_offsets(index, phase, step, 52, b), 3, periods, 26)
    rule = Rule(b=b)
    found = bounds(y[None, weeks - 1 + lay.offsets], y[-1:], lay, rule, offset=None, now=None)
    try:
        expected, upper, phi, trend = by_hand.farrington(y, weeks, b=b, periods=periods, first_day=first_day)
    except by_hand.Diverged:
        assert np.isfinite(found.upper[0])
        return
    assert bool(found.trend[0]) == trend
    assert found.expected[0] == pytest.approx(expected, rel=1e-7, abs=1e-9)
    assert found.phi[0] == pytest.approx(phi, rel=1e-6)
    assert found.upper[0] == upper


def test_a_batch_gives_what_each_series_gives_alone():
    random = np.random.default_rng(3)
    lay = layout((52, 104, 156), 3, 10, 26)
    y = random.poisson(random.choice([0, 0.1, 3, 40], (120, 1)), (120, len(lay.offsets))).astype(float)
    observed = random.poisson(5, 120).astype(float)
    many = bounds(y, observed, lay, Rule(), offset=None, now=None)
    for i in range(0, 120, 17):
        one = bounds(y[i : i + 1], observed[i : i + 1], lay, Rule(), offset=None, now=None)
        assert many.upper[i] == one.upper[0]
        assert many.expected[i] == pytest.approx(one.expected[0], rel=1e-10)


def test_options_classic_bound_trend_test_and_population():
    random = np.random.default_rng(5)
    lay = layout((52, 104, 156), 3, 10, 26)
    y = random.poisson(20, (40, len(lay.offsets))).astype(float)
    observed = np.full(40, 30.0)
    classic = bounds(y, observed, lay, Rule(classic=True), offset=None, now=None)
    assert ((classic.upper < observed) == (classic.p_value < 0.005)).all()
    tested = bounds(y, observed, lay, Rule(trend_threshold=0.05), offset=None, now=None)
    assert tested.trend.mean() < 0.3, "no series has a trend: few tests may find one"
    falling = random.poisson(np.exp(3 - lay.offsets / 100), (40, len(lay.offsets))).astype(float)
    assert bounds(falling, observed, lay, Rule(trend_threshold=0.05), offset=None, now=None).trend.all()
    people = np.full_like(y, np.log(1000.0))
    same = bounds(y, observed, lay, Rule(), offset=people, now=np.full(40, np.log(1000.0)))
    plain = bounds(y, observed, lay, Rule(), offset=None, now=None)
    assert same.expected == pytest.approx(plain.expected, rel=1e-9)
    double = bounds(y, observed, lay, Rule(b=2), offset=people, now=np.full(40, np.log(2000.0)))
    single = bounds(y, observed, lay, Rule(b=2), offset=None, now=None)
    assert double.expected == pytest.approx(2 * single.expected, rel=1e-9)


@settings(max_examples=30, deadline=None)
@given(seeds, st.sampled_from(["ears-c1", "ears-c2", "ears-c3"]), st.integers(2, 9))
def test_ears_is_what_a_count_by_hand_gives(seed, method, baseline):
    y = np.random.default_rng(seed).poisson(3, 20).astype(float)
    alpha = 0.025 if method == "ears-c3" else 0.001
    found = ears(y[None], method, baseline=baseline, min_sigma=0.5, alpha=alpha)
    for t in range(baseline + 5, 21):
        expected, upper, alarm = by_hand.ears(y.tolist(), t, method, baseline=baseline, alpha=alpha)
        assert found.expected[0, t - 1] == pytest.approx(expected, rel=1e-12)
        assert found.upper[0, t - 1] == pytest.approx(upper, rel=1e-12, abs=1e-12)
        assert bool(found.alarm[0, t - 1]) == alarm
        assert alarm == (found.p_value[0, t - 1] <= alpha)


@settings(max_examples=20, deadline=None)
@given(st.lists(st.integers(0, 30), min_size=9, max_size=30))
def test_cusum_is_what_a_count_by_hand_gives(counts):
    found = cusum(np.array([counts], float), k=1.04, h=2.26, mean=None, history=7)
    for t, alarm in by_hand.cusum(counts):
        assert bool(found.alarm[0, t - 1]) == alarm
        assert alarm == (counts[t - 1] >= found.upper[0, t - 1] - 1e-9)


@settings(max_examples=50, deadline=None)
@given(st.lists(st.floats(0, 1), min_size=1, max_size=12), st.sampled_from([0.05, 0.4]))
def test_discoveries_are_benjamini_hochberg_within_each_day(p_values, q):
    day = np.array([i % 2 for i in range(len(p_values))])
    found = stand(np.array(p_values), day, q)
    for one in set(day.tolist()):
        place = np.flatnonzero(day == one)
        assert {int(i) for i in np.flatnonzero(found[place])} == by_hand.discoveries(
            [p_values[i] for i in place], q
        )


@settings(max_examples=40, deadline=None)
@given(st.floats(0.001, 400), st.floats(1, 30), st.sampled_from([0.9, 0.995]))
def test_quantile_is_the_smallest_count_that_holds_the_level(mu, phi, level):
    m, p = np.array([mu]), np.array([phi])
    count = quantile(level, m, p)
    assert count[0] == by_hand.quantile(level, mu, phi)
    assert cumulated(count, m, p)[0] + exceeded(count + 1, m, p)[0] == pytest.approx(1, abs=1e-9)


HEADER = "series,t,date,observed,area,hospital,age_band"


def weekly(name, counts, area="万新街道", start=date(2026, 1, 5)):
    return [
        [name, i + 1, start + timedelta(days=7 * i), c, area, "一院;二院", "0-14"]
        for i, c in enumerate(counts)
    ]


def test_an_alarm_carries_who_should_look_and_the_report_counts(tmp_path, capsys):
    calm = [5, 6, 5, 4, 6, 5, 5, 6, 5, 5]
    path = written(tmp_path / "s.csv", HEADER, [*weekly("甲", [*calm[:9], 40]), *weekly("乙", calm)])
    code, found = warn(tmp_path, path, "--json", "--plot", str(tmp_path / "p.png"), "--plot-series", "甲")
    assert code == 0
    assert list(found[0])[:9] == [
        "series",
        "t",
        "observed",
        "expected",
        "upper",
        "alarm",
        "p_value",
        "alarm_fdr",
        "reason",
    ]
    (alarm,) = [row for row in found if row["alarm"] == "1"]
    assert (alarm["series"], alarm["t"], alarm["observed"], alarm["alarm_fdr"]) == ("甲", "10", "40", "1")
    assert (alarm["area"], alarm["hospital"], alarm["age_band"]) == ("万新街道", "一院;二院", "0-14")
    report = json.loads(capsys.readouterr().out)
    assert (report["alarms"], report["evaluated"], report["series"]) == (1, 6, 2)
    assert (tmp_path / "p.png").read_bytes()[:4] == b"\x89PNG"


def test_bad_rows_are_named_and_become_unknown_weeks(tmp_path, capsys):
    rows = [["s", t, "", 3, "", "", ""] for t in range(1, 13)]
    rows[1][3], rows[3][3], rows[5][1], rows[6][3] = -1, "2.5", "x", ""
    rows.append(["s", 12, "", 9, "", "", ""])
    path = written(tmp_path / "s.csv", HEADER, rows)
    code, found = warn(tmp_path, path, "--json")
    assert code == 0
    told = {"negative_count": 1, "bad_count": 1, "bad_t": 1, "repeated": 1}
    report = json.loads(capsys.readouterr().out)
    assert report["rejects"] == dict(sorted(told.items()))
    assert report["unknown_times"] == 4
    places = [(r["row"], r["column"], r["reason_code"]) for r in rows_of(tmp_path / "out.rejects.csv")]
    assert ("2", "observed", "negative_count") in places
    assert [row["observed"] for row in found] == ["3"] * 5
    assert warn(tmp_path, path, "--strict", "--rejects", str(tmp_path / "r.csv"))[0] == 2
    assert not (tmp_path / "r.csv").exists()


def test_an_unknown_count_has_a_bound_and_no_verdict(tmp_path):
    rows = [["s", t, "", 3 if t != 9 else "", "", "", ""] for t in range(1, 11)]
    _, found = warn(tmp_path, written(tmp_path / "s.csv", HEADER, rows))
    (row,) = [row for row in found if row["t"] == "9"]
    assert (row["observed"], row["alarm"], row["p_value"], row["reason"]) == (
        "",
        "",
        "",
        "missing_observation",
    )
    assert float(row["upper"]) > 3


@pytest.mark.parametrize("method", ["farrington", "ears-c1", "ears-c2", "ears-c3", "cusum"])
def test_a_series_of_nothing_never_alarms_and_one_week_is_refused(tmp_path, capsys, method):
    zeros = [["z", t, 0] for t in range(1, 170)]
    code, found = warn(tmp_path, written(tmp_path / "z.csv", "series,t,observed", zeros), method=method)
    assert code == 0
    assert {row["alarm"] for row in found} == {"0"}
    assert all(np.isfinite(float(row["upper"])) for row in found)
    (tmp_path / "out.csv").unlink()
    code, found = warn(tmp_path, written(tmp_path / "o.csv", "series,t,observed", zeros[:1]), method=method)
    assert (code, found) == (2, None)
    assert "history_too_short" in capsys.readouterr().err


def test_weeks_before_the_first_reference_window_are_not_evaluated(tmp_path):
    rows = [["s", t, 4] for t in range(1, 163)]
    _, found = warn(tmp_path, written(tmp_path / "s.csv", "series,t,observed", rows), method="farrington")
    assert [row["t"] for row in found] == ["160", "161", "162"]
    assert {row["reason"] for row in found} == {""}


def test_few_cases_do_not_alarm_unless_the_guard_is_off(tmp_path):
    rows = [["s", t, 4 if t == 165 else int(t % 60 == 0)] for t in range(1, 166)]
    path = written(tmp_path / "s.csv", "series,t,observed", rows)
    guarded = warn(tmp_path, path, "--from", "165", method="farrington")[1][0]
    free = warn(tmp_path, path, "--from", "165", "--min-cases", "0", method="farrington")[1][0]
    assert (guarded["alarm"], guarded["reason"], free["alarm"], free["reason"]) == ("0", "few_cases", "1", "")
    assert guarded["upper"] == free["upper"]


def test_parquet_in_and_out_and_a_range_of_dates(tmp_path):
    days = [date(2026, 1, 5) + timedelta(days=i) for i in range(12)]
    pq.write_table(pa.table({"series": ["s"] * 12, "t": range(12), "date": days, "observed": [1.0] * 11 + [9.0]}), tmp_path / "s.parquet")  # fmt: skip
    out = tmp_path / "o.parquet"
    args = ["--series", str(tmp_path / "s.parquet"), "--out", str(out), "--from", "2026-01-15", "--quiet"]
    assert main(["warn", "--method", "ears-c1", *args]) == 0
    found = pq.read_table(out).to_pylist()
    assert [(row["t"], row["alarm"]) for row in found] == [("10", 0), ("11", 1)]


@pytest.mark.parametrize(
    ("more", "header", "code"),
    [
        (["--alpha", "2"], "series,t,observed", "bad_parameter"),
        (["--from", "soon"], "series,t,observed", "bad_range"),
        (["--plot", "x.jpg"], "series,t,observed", "unknown_format"),
        (["--population-offset"], "series,t,observed", "bad_parameter"),
        (["--plot-series", "none"], "series,t,observed", "unknown_series"),
        ([], "series,t,cases", "column_missing"),
    ],
)
def test_what_cannot_be_used_is_refused_and_leaves_nothing(tmp_path, capsys, more, header, code):
    path = written(tmp_path / "s.csv", header, [["s", t, 1] for t in range(1, 20)])
    assert warn(tmp_path, path, *more) == (2, None)
    assert code in capsys.readouterr().err
    assert [p.name for p in tmp_path.iterdir()] == ["s.csv"]


def test_dated_and_undated_series_stand_in_one_file_and_a_day_is_the_one_that_is_written(tmp_path):
    counts = [4 + t % 3 for t in range(170)]
    start = date(2020, 1, 6)
    days = [f"{start + timedelta(days=7 * t)}T00:30:00+08:00" for t in range(170)]
    dated = [["d", t + 1, day, c] for t, (day, c) in enumerate(zip(days, counts, strict=True))]
    plain = [["p", t + 1, "", c] for t, c in enumerate(counts)]
    _, both = warn(
        tmp_path, written(tmp_path / "s.csv", "series,t,date,observed", [*dated, *plain]), method="farrington"
    )
    for name, rows in (("d", dated), ("p", plain)):
        path = written(tmp_path / f"{name}.csv", "series,t,date,observed", rows)
        _, alone = warn(tmp_path, path, method="farrington")
        assert [row for row in both if row["series"] == name] == alone
    assert len([row for row in both if row["series"] == "p"]) == 11
    by_date = [row["t"] for row in both if row["series"] == "d"]
    expected = [t for t in range(1, 171) if by_hand.references(t, 3, 52, start)[3] - 3 >= 1]
    assert by_date == [str(t) for t in expected]


def test_rooms_get_verdicts_from_a_snapshot(tmp_path):
    table = pa.table({"series": ["s"] * 9, "t": list(range(1, 10)), "observed": [1, 2, 1, 2, 1, 2, 1, 2, 30]})
    publish(tmp_path / "in", {"series": table}, purpose="epidemic_response", privacy="open", made_by="test")
    made = run("warn", tmp_path / "in", {"method": "ears-c1", "min_sigma": 0.5}, out=tmp_path / "out")
    assert [row["alarm"] for row in made.read_table("verdicts").to_pylist()] == [0, 1]
    assert made.facts["alarms"] == 1


def test_population_is_used_only_when_asked(tmp_path):
    rows = [["s", t, 5, 1000 if t < 170 else 4000] for t in range(1, 171)]
    path = written(tmp_path / "s.csv", "series,t,observed,population", rows)
    plain = warn(tmp_path, path, "--from", "170", method="farrington")[1][0]
    offset = warn(tmp_path, path, "--from", "170", "--population-offset", "--b", "2", method="farrington")[1][
        0
    ]
    assert float(plain["expected"]) == pytest.approx(5, rel=1e-6)
    assert float(offset["expected"]) == pytest.approx(20, rel=1e-6)
    assert plain["population"] == "4000"
