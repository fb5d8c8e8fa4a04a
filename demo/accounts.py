"""Accounts of the demo: staff as people.toml lists them, and one grid worker for each grid."""

import tomllib
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from demo.outbreak import strangers
from demo.register import Register

PEOPLE = Path(__file__).resolve().parent / "people.toml"


@dataclass(frozen=True)
class Organisation:
    """One body of the demo; `department` is the code its files carry, empty where it sends none."""

    code: str
    zh: str
    en: str
    department: str = ""


@dataclass(frozen=True)
class Account:
    """One member of staff; `scope` is a division code, or FIRST_STREET or FIRST_COMMUNITY of the scale."""

    username: str
    role: str
    zh: str
    en: str
    organisation: str
    scope: str
    purpose: str


def staff() -> tuple[tuple[Organisation, ...], tuple[Account, ...]]:
    """Organisations and accounts of people.toml, in its order."""
    data = tomllib.loads(PEOPLE.read_text(encoding="utf-8"))
    return tuple(Organisation(**o) for o in data["organisations"]), tuple(
        Account(**a) for a in data["accounts"]
    )


def write(register: Register) -> None:
    """Write accounts/grid_workers.csv: username, name_zh, name_en, grid_code, grid_name, community, phone."""
    from pypinyin import lazy_pinyin

    world = register.world
    grids = world.places.tiling.grids
    people = strangers(world, world.rng("grid workers"), len(grids))
    names = people["name"].to_list()
    english = [
        " ".join(("".join(lazy_pinyin(n[1:])).capitalize(), lazy_pinyin(n[0])[0].capitalize())) for n in names
    ]
    table = pl.DataFrame(
        {
            "username": [f"gw{g.code}" for g in grids],
            "name_zh": names,
            "name_en": english,
            "grid_code": [g.code for g in grids],
            "grid_name": [g.name for g in grids],
            "community": [g.community.code for g in grids],
            "phone": people["phone"],
        }
    )
    path = register.out / "accounts" / "grid_workers.csv"
    table.write_csv(path)
    register.add_entry(path, "grid_office", "accounts", len(table), encoding="utf-8")
