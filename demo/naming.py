"""Who bears which name: surnames in families, siblings alike, neighbours with one name, names since changed."""

import numpy as np
import polars as pl

from demo import names
from demo.chance import Bools, Ints, quota, stream


def name_all(
    seed: int, household: Ints, role: np.ndarray, female: Bools, birth: pl.Series, twin: Bools
) -> names.Names:
    """Surnames run in families, generation characters among siblings; some neighbours share a whole name."""
    rng = stream(seed, "names")
    count = len(household)
    surname = names.draw_surnames(rng, count)
    head = np.flatnonzero(role == "head")
    head_of = np.zeros(int(household.max()) + 1, dtype=np.int64)
    living = head[household[head] >= 0]
    head_of[household[living]] = living
    at = head_of[np.maximum(household, 0)]
    male_parent = np.where(female[at], at + 1, at)  # the spouse stands right after the head
    child = np.isin(role, ("child", "child2", "father"))
    has_spouse = np.zeros(count, dtype=bool)
    has_spouse[np.flatnonzero(role == "spouse") - 1] = True
    parent = np.where(has_spouse[at], male_parent, at)
    keeps = child & (rng.random(count) > 0.03)
    surname = np.where(keeps, surname[np.minimum(parent, count - 1)], surname)
    year = birth.dt.year().to_numpy().astype(np.int64)
    first, second = names.draw_given(rng, female, year)
    siblings = np.flatnonzero(role == "child2")
    share = rng.random(len(siblings)) < np.where(twin[siblings], 0.6, 0.35)
    rows = siblings[share & (second[siblings] != "") & (second[siblings - 1] != "")]
    first[rows] = first[rows - 1]
    same = rows[second[rows] == second[rows - 1]]
    second[same] = np.where(first[same] == "宁", "安", "宁")
    _namesakes(rng, household, role, female, year, surname, first, second)
    table, _ = names.surname_weights()
    surname_text = pl.Series(table).gather(pl.Series(surname))
    given_text = pl.Series(first.tolist(), dtype=pl.String) + pl.Series(second.tolist(), dtype=pl.String)
    full = surname_text + given_text
    foreign = np.flatnonzero(quota(rng, np.isin(role, ("head", "spouse", "mate")), 0.0105))
    changed = pl.Series(names.transliterated(rng, len(foreign)))
    full = full.scatter(foreign, changed)
    surname_text = surname_text.scatter(foreign, pl.Series([""] * len(foreign)))
    given_text = given_text.scatter(foreign, changed)
    return names.Names(surname_text, given_text, full)


def _namesakes(
    rng: np.random.Generator, household: Ints, role: np.ndarray, female: Bools, year: Ints, surname: Ints,
    first: np.ndarray, second: np.ndarray,
) -> None:  # fmt: skip
    """Same-name neighbours (.75 %), and now and then a son named as his father (.03 %); changes names in place."""
    count = len(household)
    free = (household >= 0) & np.isin(role, ("spouse", "mate", "head"))
    for shift in (5, 8, 11, 14):
        other = np.minimum(np.arange(count) + shift, count - 1)
        fits = (
            free & (household[other] >= 0) & (household != household[other]) & (female == female[other])
            & (np.abs(year - year[other]) <= 25)
        )  # fmt: skip
        rows = np.flatnonzero(quota(rng, fits, 0.0011))
        for part in (surname, first, second):
            part[rows] = part[other[rows]]
    sons = np.flatnonzero(quota(rng, (role == "child") & ~female, 0.0003))
    fathers = np.where(female[sons - 1], sons - 2, sons - 1)
    first[sons], second[sons] = first[fathers], second[fathers]


def former_names(seed: int, named: names.Names, age: Ints) -> pl.Series:
    """.9 % of people once bore another given name, .1 % another surname; null for the rest."""
    rng = stream(seed, "former names")
    rows = np.flatnonzero(quota(rng, (age >= 6) & (named.surname != "").to_numpy(), 0.010))
    given = named.given.gather(pl.Series(rng.integers(0, len(age), len(rows))))
    surname = named.surname.gather(pl.Series(rows))
    other = named.surname.gather(pl.Series(rng.integers(0, len(age), len(rows))))
    switch = pl.Series(rng.random(len(rows)) < 0.1)
    frame = pl.DataFrame(
        {"s": surname, "o": other, "g": given, "x": switch, "own": named.given.gather(pl.Series(rows))}
    )
    former = frame.select(
        pl.when("x").then(pl.col("o") + pl.col("own")).otherwise(pl.col("s") + pl.col("g").str.slice(0, 2))
    )[:, 0]
    return pl.Series([None] * len(age), dtype=pl.String).scatter(rows, former)
