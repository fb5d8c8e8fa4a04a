"""A plan of the whole territory: regions divided on both cores, exclusive units and stray open land added."""

from __future__ import annotations

import multiprocessing
import os
import time
from collections.abc import Callable, Iterable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass

import numpy as np

from wangge_engine.divide.prices import EstateBook, figures_of, outside_of
from wangge_engine.divide.search import Outcome, improve
from wangge_engine.divide.start import first_plan
from wangge_engine.divide.territory import (
    EXCLUSIVE,
    OPEN,
    RESIDENTIAL,
    Ints,
    Region,
    Rule,
    Territory,
    components,
    host_open_land,
    regions_of,
    sums,
)
from wangge_engine.divide.work import Work

_WORTH_A_PROCESS = 1_500  # units: below this, starting another process takes longer than the search
_PORTIONS = 12  # of the work, each reported when it is done
Say = Callable[[str], None]


@dataclass(frozen=True)
class Plan:
    """``grid`` numbers each unit's grid from 0; of every grid its kind, community and how its region was left."""

    grid: Ints
    kinds: Ints
    communities: Ints
    regions: list[Region]
    outcomes: list[Outcome]
    first_within: float
    first_seconds: float
    cut_short: bool


@dataclass(frozen=True)
class _Job:
    region: Region
    rule: Rule
    seed: int
    label: Ints | None
    seconds: float


def _begin(jobs: list[_Job]) -> list[Ints]:
    return [first_plan(job.region, job.rule, EstateBook.of(job.region, job.rule), job.seed) for job in jobs]


def _go_on(jobs: list[_Job], since: float = 0.0) -> list[Outcome]:
    """``since``: this process's processor time when the search began."""
    out = []
    for job in jobs:
        work = Work(since + job.seconds)
        assert job.label is not None, "the search starts from a first plan"
        out.append(improve(job.region, job.label, job.rule, EstateBook.of(job.region, job.rule), work))
    return out


def divide(land: Territory, rule: Rule, *, seed: int, seconds: float, processes: int, say: Say) -> Plan:
    """The best plan found within ``seconds`` of each process; the same for the same seed unless they cut it."""
    began = time.monotonic()
    host = host_open_land(land)
    regions = regions_of(land, host, rule)
    jobs = [_Job(region, rule, seed, None, 0.0) for region in regions]
    starts = _begin(jobs)
    first = _share_within(regions, starts, rule)
    first_seconds = time.monotonic() - began
    say(f"first plan 初步方案: {first:.1%} within tolerance 达标, {first_seconds:.1f} s")
    jobs = [_Job(region, rule, seed, label, seconds) for region, label in zip(regions, starts, strict=True)]
    outcomes: list[Outcome | None] = [None] * len(jobs)
    labels = list(starts)
    for numbers, found in _in_portions(jobs, len(land.ids), processes):
        for number, outcome in zip(numbers, found, strict=True):
            outcomes[number], labels[number] = outcome, outcome.label
        done = sum(outcome is not None for outcome in outcomes)
        say(
            f"{done}/{len(jobs)} regions 片区: {_share_within(regions, labels, rule):.1%} within tolerance 达标,"
            f" {time.monotonic() - began:.1f} s"
        )
    settled = [outcome for outcome in outcomes if outcome is not None]
    return assemble(land, host, regions, settled, first, first_seconds)


def _in_portions(jobs: list[_Job], units: int, processes: int) -> Iterable[tuple[list[int], list[Outcome]]]:
    """Outcomes as they come; the largest regions first, each portion a mix of large and small."""
    order = sorted(range(len(jobs)), key=lambda number: -jobs[number].region.size)
    portions = [part for part in (order[at::_PORTIONS] for at in range(_PORTIONS)) if part]
    processes = min(processes or os.cpu_count() or 1, len(portions))
    if processes < 2 or units < _WORTH_A_PROCESS:
        spent = time.process_time()
        for part in portions:
            yield part, _go_on([jobs[number] for number in part], spent)
        return
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # a process each; threads only wait for each other
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(processes, mp_context=context) as pool:
        running = [(part, pool.submit(_go_on, [jobs[number] for number in part])) for part in portions]
        for part, future in running:
            yield part, future.result()


def _share_within(regions: list[Region], labels: list[Ints], rule: Rule) -> float:
    good = total = 0
    for region, label in zip(regions, labels, strict=True):
        weight = sums(label, region.weight)
        total += len(weight)
        good += int((~outside_of(weight, rule)).sum())
    return good / total if total else 1.0


def assemble(  # noqa: PLR0917 -- one thing each, of its own type
    land: Territory,
    host: Ints,
    regions: list[Region],
    outcomes: list[Outcome],
    first: float = 1.0,
    first_seconds: float = 0.0,
) -> Plan:
    """Every unit's grid: regions' grids, then open land nobody could take, then exclusive units one by one."""
    grid = np.full(len(land.ids), -1, dtype=np.int64)
    kinds: list[int] = []
    communities: list[int] = []
    for region, outcome in zip(regions, outcomes, strict=True):
        grid[region.units] = len(kinds) + outcome.label
        count = int(outcome.label.max()) + 1
        kinds += [RESIDENTIAL] * count
        communities += [region.community] * count
    hosted = (host >= 0) & (grid < 0)
    grid[hosted] = grid[host[hosted]]
    for stray in _stray_open_land(land, grid):
        grid[stray] = len(kinds)
        kinds.append(OPEN)
        communities.append(int(land.community[stray[0]]))
    for unit in np.flatnonzero(land.kind == EXCLUSIVE).tolist():
        grid[unit] = len(kinds)
        kinds.append(EXCLUSIVE)
        communities.append(int(land.community[unit]))
    return Plan(
        grid,
        np.array(kinds, dtype=np.int64),
        np.array(communities, dtype=np.int64),
        regions,
        outcomes,
        first,
        first_seconds,
        any(outcome.work.cut_short for outcome in outcomes),
    )


def _stray_open_land(land: Territory, grid: Ints) -> list[Ints]:
    stray = (land.kind == OPEN) & (grid < 0)
    if not stray.any():
        return []
    a, b = land.pairs.T if len(land.pairs) else (np.zeros(0, int), np.zeros(0, int))
    kin = stray[a] & stray[b] & (land.community[a] == land.community[b])
    name = components(len(land.ids), land.pairs[kin])
    return [np.flatnonzero(stray & (name == one)) for one in np.unique(name[stray]).tolist()]


def price_of(region: Region, label: Ints, rule: Rule) -> float:
    """The price of a region's plan; the search never makes it larger."""
    return float(figures_of(region, label, EstateBook.of(region, rule)).prices(rule).sum())
