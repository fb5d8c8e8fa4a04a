"""Department files of an invented city of any size, as tables of canonical columns, with the truth beside them.

The people and the departments' habits are the demo's (`demo.habits` has the rates and those of the measured set that
they must reach); nothing here knows the linker. The cells are left as the departments wrote them.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from demo import truth
from demo.departments import (
    civil_affairs,
    education,
    grid_office,
    health,
    hotline,
    housing,
    human_resources,
    property,  # noqa: A004 -- the department of the property companies
    public_security,
)
from demo.habits import HABITS
from demo.reading import FIELDS, HEADERS, read_sheets
from demo.records import Drafter
from demo.register import Register
from demo.scales import AS_OF, SCALES, Scale
from demo.world import World, make_world

DEPARTMENTS = (
    public_security, civil_affairs, health, housing, human_resources, education, grid_office, property, hotline,
)  # fmt: skip
ALSO = {
    "household_ref": ("户号",),
    "former_name": ("曾用名",),
    "relation": ("与户主关系",),
}
# of the households registered elsewhere in the demo's district, the share that is registered at home here
REGISTERED_AT_HOME = 0.47
# A deed is not written without a number and a fee is not collected without a telephone; who visits homes asks for
# neither as strictly, and the register has few telephones. The shares over all records stay those of the measured set.
# Of the true pairs about .6 % share nothing even in a chain, in a city of a million; in the measured set it is about
# .4 % (71 % of what the best measured method missed), so ours is harder in this.
OTHER_HABITS: dict[str, dict[str, float]] = {
    "housing": {"id_missing": 0.05, "phone_missing": 0.12},
    "property": {"id_missing": 0.55, "phone_missing": 0.03},
    "grid_office": {"id_missing": 0.69, "birth_missing": 0.25},
    "public_security": {"phone_missing": 0.645},
    "human_resources": {"birth_missing": 0.09},
    "hotline": {"share": 0.012},
}
VILLAGE_AT_MOST, TOWN_AT_MOST = 10_000, 200_000


def scale_of(people: int) -> Scale:
    """The published scale next to this size, with its grids in proportion."""
    name = "village" if people <= VILLAGE_AT_MOST else "town" if people <= TOWN_AT_MOST else "district"
    near = SCALES[name]
    share = people / near.people
    return replace(
        near,
        people=people,
        base_grids=max(3, round(near.base_grids * share)),
        exclusive_grids=max(3, round(near.exclusive_grids * min(share, 1.5))),
    )


def make(
    folder: Path, people: int, seed: int, say: Callable[[str], None], *, harsh: bool = False
) -> dict[str, Any]:
    """Write `<source>.csv` for each department, `truth.csv` and `rates.json`; returns the rates.

    A folder that holds this very city already is left as it is.
    """
    label = {"people": people, "seed": seed, "harsh": harsh, "habits": [REGISTERED_AT_HOME, OTHER_HABITS]}
    done = folder / "city.json"
    if done.exists() and json.loads(done.read_text(encoding="utf-8"))["label"] == label:
        return dict(json.loads(done.read_text(encoding="utf-8"))["rates"])
    for name in ("departments", "truth"):
        (folder / "raw" / name).mkdir(parents=True, exist_ok=True)
    say("city")
    world = make_world(scale_of(people), seed, AS_OF, say)
    world = world if harsh else _register_at_home(world)
    register = _MeasuredRegister(world, folder / "raw", harsh)
    for department in DEPARTMENTS:
        say(department.DEPARTMENT)
        department.write(register)
    truth.write(register)
    rates = truth.rates(register)
    by_source: dict[str, list[pl.DataFrame]] = {}
    for entry in register.entries:
        if entry.kind == "person":
            by_source.setdefault(entry.department, []).extend(
                _canonical(folder / "raw" / entry.path, entry.department)
            )
    for source, frames in by_source.items():
        pl.concat(frames).write_csv(folder / f"{source}.csv")
    (folder / "raw" / "truth" / "truth.csv").replace(folder / "truth.csv")
    done.write_text(
        json.dumps({"label": label, "sources": sorted(by_source), "rates": rates}, ensure_ascii=False),
        encoding="utf-8",
    )
    return rates


class _MeasuredRegister(Register):
    """Departments with the habits of the measured set."""

    def drafter(self, department: str) -> Drafter:
        habits = replace(HABITS[department], **OTHER_HABITS.get(department, {}))
        if self.harsh:
            habits = habits.harsher()
            habits = replace(habits, phone_missing=habits.phone_missing + 0.01)
        return Drafter(self.world.population, self.world.rng("records", department), habits, self.tally)


def _register_at_home(world: World) -> World:
    """The same world with some households' registers moved to where they live.

    The demo's district has more people registered elsewhere (人户分离) than the measured set, and pairs that share
    nothing at all come of them.
    """
    persons = world.persons
    moved = world.rng("registers").random(world.population.households) < REGISTERED_AT_HOME
    household = world.population.column("household")
    home, registered = world.population.column("home"), world.population.column("registered")
    here = (household >= 0) & (home >= 0) & (registered >= 0) & moved[np.maximum(household, 0)]
    changed = persons.with_columns(registered=pl.Series(np.where(here, home, registered)))
    return replace(world, population=replace(world.population, persons=changed))


def sources(folder: Path) -> dict[str, Path]:
    """Source -> its file, of a city that was made."""
    names = json.loads((folder / "city.json").read_text(encoding="utf-8"))["sources"]
    return {name: folder / f"{name}.csv" for name in names}


def _canonical(path: Path, department: str) -> list[pl.DataFrame]:
    """One file's tables with our column names; cells as written, an address in four columns joined."""
    frames = []
    for sheet, table in read_sheets(path).items():
        headers = HEADERS.get(department) or HEADERS[f"{department}:{sheet}"]
        columns = {
            field: pl.col(headers[field]) if field in headers else pl.lit(None, dtype=pl.String)
            for field in FIELDS
        }
        if department == "housing":
            parts = [pl.col(c).fill_null("") for c in ("小区名称", "楼号", "单元", "房号")]
            columns["address"] = pl.when(pl.col("小区名称").is_not_null()).then(pl.concat_str(parts))
        for field, names in ALSO.items():
            found = next((name for name in names if name in table.columns), None)
            columns[field] = pl.col(found) if found else pl.lit(None, dtype=pl.String)
        frames.append(table.select(**columns))
    return frames
