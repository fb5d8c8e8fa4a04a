"""Which homes in which round: an integer program over homes that are alike, solved by CP-SAT."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from ortools.sat.python import cp_model

from wangge_engine.patrol.kinds import Home, Slot, Terms, Visit
from wangge_engine.patrol.neighbourhoods import Labels

LEFT_OUT = 100_000
ENTERED = 10  # a round that goes to one neighbourhood more
FAR = 25  # and to another quarter: the walk between them is longer
SCALE = 10  # tenths of a minute: CP-SAT counts in whole numbers
QUARTER = 4  # neighbourhoods in a quarter; near numbers lie near each other


Key = tuple[int, int, int, tuple[int, int] | None]  # neighbourhood, parts, part, good hour


@dataclass(frozen=True)
class Chosen:
    """``visits`` and the start of each slot; ``left_out``: visits without a round."""

    visits: list[list[Visit]]
    starts: list[int]
    left_out: list[Visit]
    proven: bool


def parts_of(slots: int, times: int) -> list[range]:
    """The month in as many parts as visits, in numbers of slots."""
    cuts = [index * slots // times for index in range(times + 1)]
    return [range(a, b) for a, b in pairwise(cuts)]


def fits(good: tuple[int, int] | None, start: int, terms: Terms) -> int:
    """How many visits of that good hour a round that begins then can hold at the most."""
    if good is None:
        return int(terms.minutes // terms.visit)
    first, last = max(start, good[0]), min(start + terms.minutes - terms.visit, good[1] - 1)
    return int((last - first) // terms.visit) + 1 if last >= first else 0


def choose(
    homes: Sequence[Home],
    times: Sequence[int],
    slots: Sequence[Slot],
    groups: Labels,
    terms: Terms,
    *,
    seed: int,
    effort: float,
) -> Chosen:
    """Spread the visits over the rounds, within ``effort`` deterministic seconds of CP-SAT."""
    program = _Program(slots, terms, _alike(homes, times, len(slots), groups))
    program.visits_of_the_alike(_walk_within(homes, groups, terms))
    program.hours_are_shared()
    program.cost_of_places(_walk_between(homes, groups, terms))
    return program.solve(seed, effort)


class _Program:
    """The integer program: how many visits of each kind of alike homes a round holds, and when it begins."""

    def __init__(self, slots: Sequence[Slot], terms: Terms, alike: Mapping[Key, list[int]]) -> None:
        self.slots, self.terms, self.alike = slots, terms, alike
        self.model = cp_model.CpModel()
        self.begins = [{start: self.model.new_bool_var("") for start in slot.starts} for slot in slots]
        self.count: dict[tuple[int, int], cp_model.IntVar] = {}
        self.load: list[list[cp_model.LinearExprT]] = [[] for _ in slots]
        self.inside: dict[tuple[int, int], list[tuple[cp_model.IntVar, int]]] = defaultdict(list)
        self.timed: dict[tuple[tuple[int, int], int], list[cp_model.IntVar]] = defaultdict(list)
        self.cost: list[cp_model.LinearExprT] = []
        for options in self.begins:
            self.model.add_exactly_one(options.values())
            usual = sorted(options)[len(options) // 2]
            self.cost += [abs(start - usual) // 30 * on for start, on in options.items()]

    def visits_of_the_alike(self, within: Sequence[float]) -> None:
        """A variable for each kind of homes and each round of its part of the month; what is left out costs most."""
        for number, ((group, parts, part, good), members) in enumerate(self.alike.items()):
            here = []
            for slot in parts_of(len(self.slots), parts)[part]:
                holds = [fits(good, start, self.terms) for start in self.slots[slot].starts]
                most = min(len(members), max(holds, default=0))
                if most:
                    visits = self.model.new_int_var(0, most, "")
                    self.count[number, slot] = visits
                    self.load[slot].append(round(SCALE * (self.terms.visit + within[group])) * visits)
                    self.inside[group, slot].append((visits, most))
                    here.append(visits)
                    if good is not None:
                        self.timed[good, slot].append(visits)
            out = self.model.new_int_var(0, len(members), "")
            self.model.add(sum(here) + out == len(members))
            self.cost.append(LEFT_OUT * (3 if parts == 1 else 2) * out)

    def hours_are_shared(self) -> None:
        """The visits of one good hour, and of hours within one span, share the minutes a round has of it."""
        by_slot: dict[int, dict[tuple[int, int], list[cp_model.IntVar]]] = defaultdict(dict)
        for (good, slot), visits in self.timed.items():
            by_slot[slot][good] = visits
        for span in _spans(good for good, _ in self.timed):
            for slot, hours in by_slot.items():
                held = [one for good, some in hours.items() if _inside(good, span) for one in some]
                if held:
                    holds = [fits(span, start, self.terms) * on for start, on in self.begins[slot].items()]
                    self.model.add(sum(held) <= sum(holds))

    def cost_of_places(self, between: float) -> None:
        """Each neighbourhood that a round enters, and each quarter, costs; minutes of a round are limited."""
        quarters: dict[tuple[int, int], cp_model.IntVar] = {}
        for (group, slot), held in self.inside.items():
            entered = self.model.new_bool_var("")
            for visits, most in held:
                self.model.add(visits <= most * entered)
            quarter = quarters.setdefault((group // QUARTER, slot), self.model.new_bool_var(""))
            self.model.add_implication(entered, quarter)
            self.load[slot].append(round(SCALE * between) * entered)
            self.cost.append(ENTERED * entered)
        self.cost += [FAR * quarter for quarter in quarters.values()]
        for load in self.load:  # the first place costs no walk
            self.model.add(sum(load) <= round(SCALE * (self.terms.minutes + between)))

    def solve(self, seed: int, effort: float) -> Chosen:
        """Solve, and hand out the homes of each kind in their order."""
        self.model.minimize(sum(self.cost))
        solver = cp_model.CpSolver()
        solver.parameters.num_workers = 1
        solver.parameters.random_seed = seed
        solver.parameters.max_deterministic_time = effort
        status = solver.solve(self.model)
        assert status in (cp_model.OPTIMAL, cp_model.FEASIBLE), "leaving every home out is always a plan"
        starts = [next(start for start, on in one.items() if solver.value(on)) for one in self.begins]
        rounds: list[list[Visit]] = [[] for _ in self.slots]
        left: list[Visit] = []
        for number, (key, members) in enumerate(self.alike.items()):
            waiting = [Visit(home, key[2]) for home in members]
            for slot, held in enumerate(rounds):
                if (number, slot) in self.count:
                    take = solver.value(self.count[number, slot])
                    held.extend(waiting[:take])
                    del waiting[:take]
            left += waiting
        return Chosen(rounds, starts, left, status == cp_model.OPTIMAL)


def _spans(hours: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    """Every span from one hour's opening to another's close: homes within it share its minutes (Hall's condition).

    With very many different hours only the hours themselves and the whole span: the walk is checked in any case.
    """
    known = sorted(set(hours))
    pairs = {(a, b) for a, _ in known for _, b in known if a < b}
    if len(pairs) <= 60:
        return sorted(pairs)
    return sorted({*known, (known[0][0], max(b for _, b in known))})


def _inside(good: tuple[int, int], span: tuple[int, int]) -> bool:
    return span[0] <= good[0] and good[1] <= span[1]


def _alike(
    homes: Sequence[Home], times: Sequence[int], slots: int, groups: Labels
) -> Mapping[Key, list[int]]:
    """Visits that a calendar need not tell apart; homes stand in one order in every part of the month."""
    found: dict[Key, list[int]] = defaultdict(list)
    order = sorted(range(len(homes)), key=lambda i: (int(groups[i]), homes[i].x, homes[i].y, homes[i].id))
    for home in order:
        parts = min(times[home], slots)
        for part in range(parts):
            found[int(groups[home]), parts, part, homes[home].good].append(home)
    return dict(sorted(found.items(), key=lambda item: (item[0][:3], item[0][3] or (0, 0))))


def _walk_within(homes: Sequence[Home], groups: Labels, terms: Terms) -> list[float]:
    """Minutes from one home to the next in each neighbourhood: half of the span of its places a step, roughly."""
    minutes = []
    for group in range(int(groups.max(initial=-1)) + 1):
        xy = np.array([(homes[i].x, homes[i].y) for i in np.flatnonzero(groups == group).tolist()])
        places = np.unique(xy, axis=0)
        metres = 0.0
        if len(places) > 1:
            apart = np.hypot(*(np.subtract.outer(places[:, i], places[:, i]) for i in (0, 1)))
            np.fill_diagonal(apart, np.inf)
            metres = 1.3 * float(apart.min(axis=1).sum()) / len(xy)
        minutes.append(metres / terms.metres_a_minute)
    return minutes


def _walk_between(homes: Sequence[Home], groups: Labels, terms: Terms) -> float:
    """Minutes from a neighbourhood to the next one, in the middle."""
    count = int(groups.max(initial=-1)) + 1
    if count < 2:
        return 0.0
    xy = np.array([(home.x, home.y) for home in homes])
    middles = np.array([xy[groups == group].mean(axis=0) for group in range(count)])
    apart = np.hypot(*(np.subtract.outer(middles[:, i], middles[:, i]) for i in (0, 1)))
    np.fill_diagonal(apart, np.inf)
    return float(np.median(apart.min(axis=1))) / terms.metres_a_minute
