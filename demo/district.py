"""The door of the demo: one call makes the district and everything written about it."""

import json
import shutil
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from demo import accounts, outbreak, territory_files, truth
from demo.departments import (
    civil_affairs,
    education,
    grid_office,
    health,
    hotline,
    housing,
    human_resources,
    market_supervision,
    planning,
    public_security,
)
from demo.departments import (
    property as property_companies,
)
from demo.register import Register, WrittenFile
from demo.scales import AS_OF, SCALES
from demo.world import make_world

DEPARTMENTS = (
    public_security, civil_affairs, health, housing, human_resources, education, grid_office, property_companies, hotline,
    market_supervision, planning,
)  # fmt: skip
FOLDERS = ("territory", "departments", "outbreak", "samples", "accounts", "truth")


@dataclass(frozen=True)
class Manifest:
    """What was written under `out`; also kept as manifest.json."""

    out: Path
    scale: str
    seed: int
    as_of: date
    harsh: bool
    people: int
    persons: int
    households: int
    grids: int
    person_records: int
    files: tuple[WrittenFile, ...]

    def of_kind(self, kind: str) -> tuple[WrittenFile, ...]:
        """Files of one kind, in the order a main job takes them."""
        return tuple(f for f in self.files if f.kind == kind)

    def as_dict(self) -> dict[str, object]:
        """The manifest as JSON holds it; nothing of it depends on when or where it was made."""
        facts = {k: v for k, v in self.__dict__.items() if k not in ("out", "files", "as_of")}
        files = [{k: v for k, v in f.__dict__.items() if v != ""} for f in self.files]
        return {**facts, "as_of": self.as_of.isoformat(), "files": files}


def to_stderr(line: str) -> None:
    """Show progress on standard error."""
    sys.stderr.write(f"demo: {line}\n")
    sys.stderr.flush()


def generate(
    scale: str,
    seed: int,
    out: Path,
    progress: Callable[[str], None] | None = None,
    as_of: date = AS_OF,
    *,
    harsh: bool = False,
) -> Manifest:
    """Make the district of a scale (village, town, district) under `out` and say what was written.

    Same scale, seed, as-of date and harshness: same bytes. `harsh`: records as incomplete as those of the harsh
    measured set. Folders of an earlier run under `out` are replaced.
    Raises KeyError for an unknown scale.
    """
    if scale not in SCALES:
        raise KeyError(f"unknown scale {scale!r}: one of {', '.join(SCALES)}")
    say = progress or (lambda line: None)
    started = time.monotonic()
    for folder in FOLDERS:
        shutil.rmtree(out / folder, ignore_errors=True)
        (out / folder).mkdir(parents=True)
    world = make_world(scale, seed, as_of, say)
    register = Register(world, out, harsh)
    territory_files.write(register)
    for department in DEPARTMENTS:
        say(department.DEPARTMENT)
        department.write(register)
    say("outbreak")
    outbreak.write(register)
    territory_files.write_refused_columns(register)
    accounts.write(register)
    say("truth")
    truth.write(register)
    manifest = Manifest(
        out, scale, seed, as_of, harsh, world.scale.people, len(world.population), world.population.households,
        len(world.places.tiling.grids), register.tally.records, tuple(register.entries),
    )  # fmt: skip
    text = json.dumps(manifest.as_dict(), ensure_ascii=False, indent=1)
    (out / "manifest.json").write_text(text + "\n", encoding="utf-8")
    say(
        f"{register.tally.records:,} person records of {len(world.population):,} people in {time.monotonic() - started:.1f} s"
    )
    return manifest
