"""What one department holds about some people: the truth bent by its habits, before its own way of writing.

`draft` returns one row per record: person, name, surname, id_no, female, birth, phone, at (dwelling the address names,
null = none), collective (a collective household's address).
"""

from dataclasses import dataclass

import numpy as np
import polars as pl

from demo import habits as rates
from demo.chance import Ints, quota, quota_by
from demo.habits import Habits, Tally
from demo.population import Population
from demo.slips import address_slip, digit_slip, mistake, other_dot, traditional

RESERVE = 1.0
FULL_WIDTH = dict(zip("0123456789X", "０１２３４５６７８９Ｘ", strict=True))


@dataclass(frozen=True)
class Drafter:
    """Draws records for one department; `tally` learns what went wrong in them."""

    population: Population
    rng: np.random.Generator
    habits: Habits
    tally: Tally

    def with_duplicates(self, persons: Ints) -> Ints:
        """The same people with some entered twice (later rows), each entry with errors of its own."""
        count = int(np.ceil(self.habits.duplicates * len(persons) * 1.02))
        self.tally.add("duplicate_within_source", count)
        return np.concatenate([persons, self.rng.choice(persons, size=count)])

    def draft(self, persons: Ints, at: Ints | None = None) -> pl.DataFrame:
        """Records of `persons` (row numbers, repeats allowed); `at` = the dwelling each record is about, if given."""
        p = self.population.persons
        rows = pl.Series(persons)
        frame = p.select(
            "surname",
            "name",
            "former_name",
            "id_no",
            "female",
            "birth",
            "own_phone",
            "old_phone",
            "home_phone",
        )
        frame = frame[persons]
        name = self._names(frame)
        id_no = self._ids(frame["id_no"], persons)
        birth = self._births(frame["birth"])
        phone = self._phones(frame)
        place, collective = self._places(persons, at)
        name, id_no, phone = self._swap(name, id_no, phone)
        self.tally.records += len(persons)
        return pl.DataFrame(
            {
                "person": rows, "name": name, "surname": frame["surname"], "id_no": id_no, "female": frame["female"],
                "birth": birth, "phone": phone, "at": place, "collective": collective,
            }
        )  # fmt: skip

    def _names(self, frame: pl.DataFrame) -> pl.Series:
        rng, count = self.rng, len(frame)
        name = frame["name"]
        former = frame["former_name"].is_not_null().to_numpy() & (rng.random(count) < 0.4)
        name = pl.select(pl.when(pl.lit(pl.Series(former))).then(frame["former_name"]).otherwise(name))[:, 0]
        dotted = name.str.contains("·", literal=True).to_numpy() & (rng.random(count) < 0.35)
        rows = np.flatnonzero(dotted)
        name = name.scatter(
            rows, [other_dot(n, k) for n, k in zip(name.gather(rows), rng.random(len(rows)), strict=True)]
        )
        wrong = np.flatnonzero(quota(rng, np.ones(count, dtype=bool), self.habits.name_wrong * 1.02))
        spoiled = [
            mistake(n, k, d)
            for n, k, d in zip(
                name.gather(wrong), rng.random(len(wrong)), rng.integers(0, 1_000, len(wrong)), strict=True
            )
        ]
        changed = sum(a != b for a, b in zip(name.gather(wrong), spoiled, strict=True))
        self.tally.add("name_homophone_or_variant", changed)
        name = name.scatter(wrong, spoiled)
        table = traditional()
        able = name.str.contains_any(list(table)).to_numpy()
        rows = np.flatnonzero(quota(rng, able, self.habits.traditional))
        self.tally.add("name_traditional", len(rows))
        return name.scatter(rows, ["".join(table.get(c, c) for c in n) for n in name.gather(rows)])

    def _ids(self, id_no: pl.Series, persons: Ints) -> pl.Series:
        rng, count = self.rng, len(id_no)
        everyone = np.ones(count, dtype=bool)
        if self.habits.id_missing is None:
            self.tally.add("id_missing", count)
            return pl.Series([None] * count, dtype=pl.String)
        # some people give their number to nobody who does not insist
        reserve = self.population.column("reserve")[persons]
        missing = quota_by(rng.random(count) + RESERVE * reserve, everyone, self.habits.id_missing)
        present = ~missing
        household = self.population.column("household")
        other = np.where(rng.random(count) < 0.5, persons - 1, persons + 1).clip(0, len(household) - 1)
        family = present & (household[other] == household[persons]) & (household[persons] >= 0)
        total = int(present.sum())
        borrowed = quota(rng, family, rates.ID_OF_FAMILY, total)
        typo = quota(rng, present & ~borrowed, rates.ID_TYPO, total)
        short = quota(rng, present & ~borrowed & ~typo, rates.ID_15, total)
        for what, mask in (
            ("id_missing", missing), ("id_of_family_member", borrowed), ("id_typo", typo), ("id_15_digits", short),
        ):  # fmt: skip
            self.tally.add(what, int(mask.sum()))
        borrowed_rows = np.flatnonzero(borrowed)
        id_no = id_no.scatter(borrowed_rows, self.population.persons["id_no"].gather(other[borrowed_rows]))
        rows = np.flatnonzero(typo)
        id_no = id_no.scatter(
            rows,
            [
                digit_slip(n, k, d)
                for n, k, d in zip(
                    id_no.gather(rows), rng.random(len(rows)), rng.integers(0, 10_000, len(rows)), strict=True
                )
            ],
        )
        rows = np.flatnonzero(short)
        id_no = id_no.scatter(rows, [n[:6] + n[8:17] for n in id_no.gather(rows)])
        return _blank(id_no, missing)

    def _births(self, birth: pl.Series) -> pl.Series:
        rng, count = self.rng, len(birth)
        if self.habits.birth_missing is None:
            self.tally.add("birth_missing", count)
            return pl.Series([None] * count, dtype=pl.Date)
        missing = quota(rng, np.ones(count, dtype=bool), self.habits.birth_missing)
        wrong = quota(rng, ~missing, rates.BIRTH_WRONG)
        how = rng.random(count)
        lunar = rng.integers(18, 52, count)
        frame = pl.DataFrame({"b": birth, "how": how, "lunar": lunar, "wrong": wrong, "missing": missing})
        b, y, m, d = pl.col("b"), pl.col("b").dt.year(), pl.col("b").dt.month(), pl.col("b").dt.day()
        slipped = (
            pl.when(pl.col("how") < 0.4).then(pl.date(y, 1, 1))  # the clerk knew the year only
            .when(pl.col("how") < 0.65).then(b - pl.duration(days="lunar"))  # the lunar date was entered
            .when((pl.col("how") < 0.85) & (d <= 12) & (d != m)).then(pl.date(y, d, m))
            .otherwise(pl.date(y + 1, m, d.clip(1, 28)))
        )  # fmt: skip
        result = frame.select(
            pl.when("missing").then(None).when("wrong").then(slipped).otherwise("b").cast(pl.Date)
        )[:, 0]
        self.tally.add("birth_missing", int(missing.sum()))
        self.tally.add("birth_wrong", int((result != birth).sum()))
        return result

    def _phones(self, frame: pl.DataFrame) -> pl.Series:
        rng, count = self.rng, len(frame)
        missing = quota(rng, np.ones(count, dtype=bool), self.habits.phone_missing)
        had = frame["old_phone"].is_not_null().to_numpy()
        old = quota(rng, ~missing & had, rates.PHONE_OLD, int((~missing).sum()))
        home = ~missing & ~old & (rng.random(count) < self.habits.home_phone)
        slip = ~missing & ~old & (rng.random(count) < 0.004)
        frame = frame.with_columns(
            missing=pl.Series(missing), old=pl.Series(old), home=pl.Series(home), slip=pl.Series(slip)
        )
        phone = frame.select(
            pl.when("missing").then(None).when("old").then("old_phone").when("home").then("home_phone")
            .otherwise(pl.coalesce("own_phone", "home_phone"))
        )[:, 0]  # fmt: skip
        own = frame["own_phone"]
        shared = phone.is_not_null() & (own.is_null() | (phone != own).fill_null(False)) & ~pl.Series(old)
        self.tally.add("phone_missing", phone.null_count())
        self.tally.add("phone_old", int(old.sum()))
        self.tally.add("phone_shared_in_household", int(shared.sum()))
        rows = np.flatnonzero(slip & phone.is_not_null().to_numpy())
        return phone.scatter(
            rows,
            [
                digit_slip(n, k, d, first=3)
                for n, k, d in zip(
                    phone.gather(rows), rng.random(len(rows)), rng.integers(0, 10_000, len(rows)), strict=True
                )
            ],
        )

    def _places(self, persons: Ints, at: Ints | None) -> tuple[pl.Series, pl.Series]:
        rng, count = self.rng, len(persons)
        home = self.population.column("home")[persons]
        registered = self.population.column("registered")[persons]
        former = self.population.column("former_home")[persons]
        missing = quota(rng, np.ones(count, dtype=bool), self.habits.address_missing)
        if at is not None:
            place = at.copy()
        else:
            by_register = (rng.random(count) < self.habits.registered_address) & (registered != -1)
            place = np.where(by_register | (home < 0), registered, home)
        old = quota(rng, ~missing & (former >= 0) & (at is None), self.habits.address_old)
        place = np.where(old, former, place)
        place = np.where(missing, -1, place)
        elsewhere = ~missing & ~old & (place != home)
        self.tally.add("address_missing", int((place == -1).sum()))
        self.tally.add("address_old", int(old.sum()))
        self.tally.add("address_elsewhere", int(elsewhere.sum()))
        series = pl.Series(place)
        known = pl.select(pl.when(pl.lit(series) >= 0).then(pl.lit(series)))[:, 0]
        return known, series == -2

    def _swap(
        self, name: pl.Series, id_no: pl.Series, phone: pl.Series
    ) -> tuple[pl.Series, pl.Series, pl.Series]:
        """Columns filled the wrong way round: name with number, or number with phone."""
        both = id_no.is_not_null().to_numpy()
        crossed = quota(self.rng, both, rates.SWAPPED, int(both.sum()))
        with_name = crossed & ((self.rng.random(len(both)) < 0.5) | phone.is_null().to_numpy())
        self.tally.add("fields_swapped", int(crossed.sum()))
        frame = pl.DataFrame({"n": name, "i": id_no, "p": phone, "a": with_name, "b": crossed & ~with_name})
        done = frame.select(
            n=pl.when("a").then("i").otherwise("n"),
            i=pl.when("a").then("n").when("b").then("p").otherwise("i"),
            p=pl.when("b").then("i").otherwise("p"),
        )
        return done["n"], done["i"], done["p"]

    def spoil(self, addresses: pl.Series, share: float = 1.0) -> pl.Series:
        """Typing errors in written addresses (nulls stay)."""
        present = addresses.is_not_null().to_numpy()
        rows = np.flatnonzero(quota(self.rng, present, rates.ADDRESS_TYPO * share, int(present.sum())))
        before = addresses.gather(rows).to_list()
        after = [
            address_slip(a, k, d)
            for a, k, d in zip(
                before, self.rng.random(len(rows)), self.rng.integers(0, 10_000, len(rows)), strict=True
            )
        ]
        self.tally.add("address_typo", sum(a != b for a, b in zip(before, after, strict=True)))
        return addresses.scatter(rows, after)


def _blank(series: pl.Series, mask: np.ndarray) -> pl.Series:
    return pl.select(pl.when(~pl.lit(pl.Series(mask))).then(pl.lit(series)))[:, 0]
