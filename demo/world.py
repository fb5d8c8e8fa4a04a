"""Everything that is true in the district, made once from scale and seed."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

import numpy as np
import polars as pl

from demo.chance import stream
from demo.organisations import organise
from demo.places import AddressBook, Places, build
from demo.population import Population, household_members, populate
from demo.scales import SCALES, Scale, communities_of
from demo.tiling import lay_out

Progress = Callable[[str], None]


@dataclass(frozen=True)
class World:
    """The truth: places, people, who owns which dwelling, who works where."""

    scale: Scale
    seed: int
    as_of: date
    places: Places
    population: Population
    organisations: pl.DataFrame
    owner: np.ndarray
    dwelling_of: np.ndarray
    book: AddressBook

    @property
    def persons(self) -> pl.DataFrame:
        """The persons table."""
        return self.population.persons

    def rng(self, *path: str) -> np.random.Generator:
        """A random stream of this world."""
        return stream(self.seed, *path)

    def facts(self, persons: pl.Series, *columns: str) -> pl.DataFrame:
        """True columns of some persons, for the parts of a file that are not under test."""
        return self.persons.select(*columns)[persons]

    def grid_code(self, dwellings: pl.Series) -> pl.Series:
        """Fifteen-digit grid code of dwellings (null where unknown)."""
        codes = pl.Series([g.code for g in self.places.tiling.grids])
        return codes.gather(self.places.dwellings["grid"].gather(dwellings))


def make_world(chosen: str | Scale, seed: int, as_of: date, progress: Progress) -> World:
    """Tile the territory, fill it with dwellings and people, give the dwellings owners and the people work."""
    scale = SCALES[chosen] if isinstance(chosen, str) else chosen
    progress("territory")
    tiling = lay_out(stream(seed, "tiling"), scale, communities_of(scale))
    progress("people")
    members = household_members(seed, scale.people)
    homes = int(members["household"].to_numpy().max()) + 1
    rng = stream(seed, "settle")
    base = np.array([g.share if g.kind == "base" else 0.0 for g in tiling.grids])
    per_grid = _settle(homes, base)
    places = build(stream(seed, "places"), tiling, per_grid)
    dwelling = _dwelling_of_households(rng, places, per_grid)
    population = populate(seed, members, dwelling, len(places.dwellings), as_of)
    organisations, employer = organise(stream(seed, "organisations"), places, population, scale.people)
    population = Population(
        population.persons.with_columns(employer=pl.Series(employer)), population.households, as_of
    )
    owner = _owners(stream(seed, "owners"), population, dwelling, len(places.dwellings))
    return World(scale, seed, as_of, places, population, organisations, owner, dwelling, AddressBook(places))


def _settle(homes: int, share: np.ndarray) -> np.ndarray:
    """How many households each grid holds: by its share, to the last household."""
    exact = homes * share / share.sum()
    whole = np.floor(exact).astype(np.int64)
    whole[np.argsort(-(exact - whole), kind="stable")[: homes - int(whole.sum())]] += 1
    settled: np.ndarray = whole
    return settled


def _dwelling_of_households(rng: np.random.Generator, places: Places, per_grid: np.ndarray) -> np.ndarray:
    """A distinct dwelling for each household, grid by grid, in dwelling order."""
    grid = places.dwellings["grid"].to_numpy()
    order = np.lexsort((rng.random(len(grid)), grid))
    start = np.searchsorted(grid[order], np.arange(len(per_grid)))
    chosen = [np.sort(order[s : s + n]) for s, n in zip(start, per_grid, strict=True) if n]
    settled: np.ndarray = np.concatenate(chosen)
    return settled


def _owners(
    rng: np.random.Generator, population: Population, dwelling: np.ndarray, dwellings: int
) -> np.ndarray:
    """Person who owns each dwelling: the head or partner at home, a landlord for tenants and for empty homes."""
    household = population.column("household")
    role = population.column("role")
    kind = population.column("resident_kind")
    grown = np.flatnonzero(
        (population.column("age") >= 28)
        & np.isin(kind, ("usual", "moved_away"))
        & np.isin(role, ("head", "spouse"))
    )
    gone = np.flatnonzero(kind == "moved_away")
    landlords = np.concatenate([grown, np.repeat(gone, 8)])
    owner = landlords[rng.integers(0, len(landlords), dwellings)]
    head = np.flatnonzero((role == "head") & (household >= 0))
    settled = head[kind[head] == "usual"]
    partner = np.minimum(settled + 1, len(role) - 1)
    other = (role[partner] == "spouse") & (rng.random(len(settled)) < 0.25)
    owner[dwelling[household[settled]]] = np.where(other, partner, settled)
    return owner
