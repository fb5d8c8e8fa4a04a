"""The people of the district: households, ages, kin, names, numbers, where they live and where they are registered.

This is the truth. Departments see it only through their own errors (`demo.records`).
"""

from dataclasses import dataclass
from datetime import date

import numpy as np
import polars as pl

from demo.chance import Bools, Ints, quota, stream
from demo.identity import identity_numbers, landline_numbers, mobile_numbers, origins
from demo.naming import former_names, name_all

# (type, share of households, members as role and age relative to the head; a tuple is a range drawn evenly)
HOUSEHOLD_TYPES: tuple[tuple[str, float, tuple[int, int], tuple[tuple[str, tuple[int, int]], ...]], ...] = (
    ("single_young", 0.195, (21, 48), ()),
    ("single_old", 0.095, (61, 94), ()),
    ("couple_old", 0.150, (60, 88), (("spouse", (-6, 4)),)),
    ("couple", 0.170, (25, 59), (("spouse", (-5, 3)),)),
    ("couple_child", 0.195, (26, 56), (("spouse", (-5, 3)), ("child", (-33, -24)))),
    (
        "couple_two_children",
        0.062,
        (29, 50),
        (("spouse", (-5, 3)), ("child", (-31, -24)), ("child2", (-37, -29))),
    ),
    (
        "three_generations",
        0.030,
        (30, 52),
        (("spouse", (-5, 3)), ("child", (-32, -24)), ("father", (23, 31)), ("mother", (22, 29))),
    ),
    ("parent_grown", 0.022, (30, 55), (("spouse", (-5, 3)), ("child", (-32, -24)), ("mother", (22, 30)))),
    ("single_parent", 0.025, (27, 50), (("child", (-32, -22)),)),
    ("lodging_grandchild", 0.010, (58, 74), (("spouse", (-5, 3)), ("grandchild", (-60, -50)))),
    ("lodging_relative", 0.006, (35, 58), (("spouse", (-5, 3)), ("relative", (-35, -22)))),
    ("shared_flat", 0.040, (20, 40), (("mate", (-5, 8)), ("mate", (-6, 8)))),
)
ROLE_FEMALE = {
    "mother": 1.0,
    "father": 0.0,
    "child": 0.48,
    "child2": 0.49,
    "grandchild": 0.48,
    "relative": 0.5,
}
RELATIONS = {
    "head": "户主", "spouse": "配偶", "child": "子女", "child2": "子女", "father": "父亲", "mother": "母亲",
    "grandchild": "孙子女", "relative": "其他亲属", "mate": "非亲属",
}  # fmt: skip
GONE_SHARE = 0.0105


@dataclass(frozen=True)
class Population:
    """`persons`: one row per person, residents first, then those only on the books; `households` by row number."""

    persons: pl.DataFrame
    households: int
    as_of: date

    def column(self, name: str) -> np.ndarray:
        """One column of the persons as a numpy array."""
        return self.persons[name].to_numpy()

    def __len__(self) -> int:
        return len(self.persons)


def household_members(seed: int, people: int) -> pl.DataFrame:
    """Households and members until exactly `people` live in the district: household, kind, role, age, female."""
    rng = stream(seed, "households")
    shares = np.array([t[1] for t in HOUSEHOLD_TYPES])
    sizes = np.array([1 + len(t[3]) for t in HOUSEHOLD_TYPES])
    kinds = rng.choice(len(shares), size=int(people / 1.9) + 20, p=shares / shares.sum())
    running = np.cumsum(sizes[kinds])
    last = int(np.searchsorted(running, people))
    kinds = kinds[: last + 1]
    head_age = np.empty(len(kinds), dtype=np.int64)
    head_female = np.empty(len(kinds), dtype=bool)
    parts = []
    for k, (kind, _, (low, high), members) in enumerate(HOUSEHOLD_TYPES):
        rows = np.flatnonzero(kinds == k)
        head_age[rows] = rng.integers(low, high + 1, len(rows))
        chance = {"single_old": 0.62, "single_young": 0.42, "single_parent": 0.75, "shared_flat": 0.4}.get(
            kind, 0.24
        )
        head_female[rows] = rng.random(len(rows)) < chance
        for position, (role, (near, far)) in enumerate(members, start=1):
            age = np.maximum(head_age[rows] + rng.integers(near, far + 1, len(rows)), 0)
            if role == "spouse":
                female = ~head_female[rows]
            elif role == "mate":
                female = np.where(rng.random(len(rows)) < 0.85, head_female[rows], ~head_female[rows])
                age = np.maximum(age, 18)
            else:
                female = rng.random(len(rows)) < ROLE_FEMALE[role]
            if role == "child2":
                age = np.minimum(age, np.maximum(head_age[rows] - 27, 0))
            parts.append((rows, np.full(len(rows), position), [role] * len(rows), age, female))
    heads = np.arange(len(kinds))
    parts.append((heads, np.zeros(len(kinds), dtype=np.int64), ["head"] * len(kinds), head_age, head_female))
    table = pl.DataFrame(
        {
            "household": np.concatenate([p[0] for p in parts]),
            "position": np.concatenate([p[1] for p in parts]),
            "role": pl.Series([role for p in parts for role in p[2]]),
            "age": np.concatenate([p[3] for p in parts]),
            "female": np.concatenate([p[4] for p in parts]),
        }
    ).sort("household", "position")
    kind_names = pl.Series([t[0] for t in HOUSEHOLD_TYPES])
    table = table.head(people)
    return table.with_columns(kind=kind_names.gather(pl.Series(kinds[table["household"].to_numpy()])))


def populate(seed: int, members: pl.DataFrame, dwelling: Ints, dwellings: int, as_of: date) -> Population:
    """Give every member a name, a birth date, numbers and a registration.

    `dwelling`: dwelling of each household; `dwellings`: how many there are in all.
    """
    residents = len(members)
    gone = int(np.ceil(residents * GONE_SHARE))
    rng = stream(seed, "people")
    age = np.concatenate([members["age"].to_numpy(), rng.integers(19, 86, gone)])
    female = np.concatenate([members["female"].to_numpy(), rng.random(gone) < 0.5])
    count = residents + gone
    household = np.concatenate([members["household"].to_numpy(), np.full(gone, -1)])
    role = pl.concat([members["role"], pl.Series(["head"] * gone)]).rename("role")
    kind = pl.concat([members["kind"], pl.Series(["gone"] * gone)])
    households = int(members["household"].to_numpy().max()) + 1

    birth = _births(rng, age, as_of)
    birth, twin = _make_twins(rng, birth, household, role.to_numpy(), female)
    origin = _Origin(rng, household, role.to_numpy(), kind.to_numpy(), dwelling, dwellings, residents)
    named = name_all(seed, household, role.to_numpy(), female, birth, twin)
    id_no = identity_numbers(stream(seed, "id"), origin.county, birth, female)
    phones = _Phones(seed, household, role.to_numpy(), age)
    home = np.where(household >= 0, dwelling[np.maximum(household, 0)], -1)
    moved = quota(rng, home >= 0, 0.16)
    flags = _circumstances(seed, household, age, origin.floating, households)
    persons = pl.DataFrame(
        {
            "entity_id": pl.Series([f"P{n:07d}" for n in range(1, count + 1)]),
            "household": household, "role": role, "female": female, "birth": birth, "age": age,
            "surname": named.surname, "given": named.given, "name": named.full,
            "former_name": former_names(seed, named, age),
            "id_no": id_no, "own_phone": phones.own, "old_phone": phones.old, "home_phone": phones.home,
            "home": home, "registered": origin.registered, "origin": origin.text,
            "former_home": np.where(moved, rng.integers(0, dwellings, count), -1),
            "resident_kind": origin.kind, "reserve": stream(seed, "reserve").random(count), "twin": twin, **flags,
        }
    )  # fmt: skip
    return Population(persons, households, as_of)


def _births(rng: np.random.Generator, age: Ints, as_of: date) -> pl.Series:
    """Birth dates that make each person `age` years old on the as-of date."""
    year = as_of.year - age
    anchor = pl.DataFrame({"y": year}).select(pl.date("y", as_of.month, min(as_of.day, 28)))[:, 0]
    back = pl.Series(rng.integers(1, 364, len(age)))
    return (anchor.cast(pl.Int32) - back.cast(pl.Int32)).cast(pl.Date)


def _make_twins(
    rng: np.random.Generator, birth: pl.Series, household: Ints, role: np.ndarray, female: Bools
) -> tuple[pl.Series, Bools]:
    """Make some second children twins of the first, at least .5 % of all people; changes their sexes in place."""
    twins = quota(rng, role == "child2", 0.0029)
    pick = np.flatnonzero(twins)
    days = birth.cast(pl.Int32).to_numpy(writable=True)
    days[pick] = days[pick - 1]
    same = rng.random(len(pick)) < 0.7
    female[pick[same]] = female[pick[same] - 1]
    twins[pick - 1] = True
    return pl.Series(days).cast(pl.Date), twins


class _Origin:
    """Where each person is registered: here, elsewhere in the district, a collective household, or far away."""

    def __init__(
        self, rng: np.random.Generator, household: Ints, role: np.ndarray, kind: np.ndarray, dwelling: Ints,
        dwellings: int, residents: int,
    ) -> None:  # fmt: skip
        count = len(household)
        homes = len(dwelling)
        floating_share = {"single_young": 0.48, "shared_flat": 0.85, "single_old": 0.03, "couple_old": 0.04}
        kind_of = np.empty(homes, dtype=object)
        kind_of[household[:residents]] = kind[:residents]
        chance = np.array([floating_share.get(k, 0.14) for k in kind_of])
        away = rng.random(homes) < chance
        elsewhere = ~away & (rng.random(homes) < 0.235)
        other_home = rng.integers(0, dwellings, homes)
        at = np.maximum(household, 0)
        live = household >= 0
        self.floating = live & away[at]
        # in a mixed household the partner or the grown child may still be registered at another place
        drift = live & ~self.floating & (rng.random(count) < 0.035)
        mates = live & (role == "mate")
        self.floating |= mates & (rng.random(count) < 0.3)
        registered = np.where(live, np.where(elsewhere[at], other_home[at], dwelling[at]), -1)
        loose = drift | (live & np.isin(role, ("grandchild", "relative"))) | ~live
        registered = np.where(loose, rng.integers(0, dwellings, count), registered)
        collective = (
            live & ~self.floating & quota(rng, live & (role == "head") & (kind == "single_young"), 0.012)
        )
        registered = np.where(collective, -2, registered)
        registered = np.where(self.floating, -1, registered)
        self.registered = registered
        self.kind = np.where(
            ~live,
            "moved_away",
            np.where(
                self.floating,
                "floating",
                np.where(np.isin(role, ("grandchild", "relative")), "boarding", "usual"),
            ),
        )
        codes, places, share = origins()
        family = rng.choice(len(codes), size=homes, p=share)
        own = rng.choice(len(codes), size=count, p=share)
        far = np.where((rng.random(count) < 0.8) & live, family[at], own)
        code = np.array([int(c) for c in codes])
        near = np.array(
            [120110, 120110, 120110, 120110, 120110, 120102, 120105, 120104, 120112, 120116, 120114, 120101]
        )
        local = near[rng.integers(0, len(near), count)]
        born_away = rng.random(count) < 0.18
        self.county = np.where(self.floating | born_away, code[far], local)
        self.text = pl.select(
            pl.when(pl.lit(pl.Series(self.floating))).then(pl.lit(pl.Series(places).gather(pl.Series(far))))
        )[:, 0]


class _Phones:
    """Own phones of grown people, an old number of some, and the number a household is reached at."""

    def __init__(self, seed: int, household: Ints, role: np.ndarray, age: Ints) -> None:
        rng = stream(seed, "phones")
        count = len(age)
        mobile, old = mobile_numbers(rng, count), mobile_numbers(rng, count)
        owns = (age >= 13) & (rng.random(count) < np.where(age < 16, 0.4, np.where(age < 76, 0.985, 0.72)))
        had = owns & (rng.random(count) < 0.42)
        head = np.flatnonzero((role == "head") & (household >= 0))
        head_of = np.zeros(int(household.max()) + 1, dtype=np.int64)
        head_of[household[head]] = head
        owns[head] |= rng.random(len(head)) < 0.9
        landline = landline_numbers(rng, len(head_of))
        fixed = rng.random(len(head_of)) < np.where(age[head_of] >= 60, 0.12, 0.02)
        frame = pl.DataFrame({"mobile": mobile, "old": old, "owns": owns, "had": had})
        home = pl.DataFrame(
            {"fixed": fixed, "land": landline, "head": mobile.gather(pl.Series(head_of))}
        ).select(pl.when("fixed").then("land").otherwise("head"))[:, 0]
        self.own = frame.select(pl.when("owns").then("mobile"))[:, 0]
        self.old = frame.select(pl.when("had").then("old"))[:, 0]
        self.home = pl.select(
            pl.when(pl.lit(pl.Series(household >= 0))).then(
                pl.lit(home.gather(pl.Series(np.maximum(household, 0))))
            )
        )[:, 0]


def _circumstances(
    seed: int, household: Ints, age: Ints, floating: Bools, households: int
) -> dict[str, object]:
    """Living alone, disability, need, work on the front line, school stage."""
    rng = stream(seed, "circumstances")
    count = len(age)
    size = np.bincount(household[household >= 0], minlength=households)
    alone = (household >= 0) & (size[np.maximum(household, 0)] == 1)
    disabled = quota(rng, household >= 0, 0.024)
    poor_home = rng.random(households) < 0.012
    works = (age >= 20) & (age < 61) & (rng.random(count) < np.where(floating, 0.78, 0.74))
    front = works & (rng.random(count) < 0.035)
    family = np.zeros(households, dtype=bool)
    family[household[front & (household >= 0)]] = True
    stage = np.select(
        [
            (age >= 3) & (age <= 5),
            (age >= 6) & (age <= 11),
            (age >= 12) & (age <= 14),
            (age >= 15) & (age <= 17),
        ],
        ["kindergarten", "primary", "junior", "senior"],
        "",
    )
    pupil = (stage != "") & (household >= 0) & (rng.random(count) < 0.97)
    at = np.maximum(household, 0)
    return {
        "lives_alone": alone,
        "disabled": disabled,
        "poor": (household >= 0) & poor_home[at],
        "works": works,
        "front_line": front,
        "front_line_family": (household >= 0) & family[at],
        "stage": pl.select(pl.when(pl.lit(pl.Series(pupil))).then(pl.lit(pl.Series(stage))))[:, 0],
    }
