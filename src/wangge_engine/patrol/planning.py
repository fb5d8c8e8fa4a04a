"""A month of rounds: the calendar, then the walk of each round, then whatever did not fit put where it fits."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import date

from wangge_engine.patrol.calendar import Chosen, choose, fits, parts_of
from wangge_engine.patrol.kinds import Home, Plan, Round, Slot, Terms, Visit
from wangge_engine.patrol.neighbourhoods import neighbourhoods
from wangge_engine.patrol.walking import Walk, walk


def slots_of(days: Sequence[date], terms: Terms) -> list[Slot]:
    """All rounds of the month, in time."""
    return [Slot(day, number + 1, starts) for day in days for number, starts in enumerate(terms.starts)]


def times_of(homes: Sequence[Home], weeks: int, told: Mapping[float, int]) -> list[int]:
    """Visits a month of each home: 1, 2, 4 ... by rank of its priority, every week at the most."""
    ranks = {level: rank for rank, level in enumerate(sorted({home.priority for home in homes}))}
    return [told.get(home.priority, min(2 ** ranks[home.priority], max(1, weeks))) for home in homes]


def plan_rounds(
    homes: Sequence[Home],
    times: Sequence[int],
    slots: Sequence[Slot],
    terms: Terms,
    *,
    seed: int = 1,
    effort: float = 2.0,
    say: Callable[[str], None] = lambda _: None,
) -> Plan:
    """Plan; homes with a good hour that no round can keep are planned as if they had none."""
    if not slots:
        return Plan([], {i: times[i] for i in range(len(homes)) if times[i]}, proven=True)
    starts = {start for slot in slots for start in slot.starts}
    able = [
        home if any(fits(home.good, start, terms) for start in starts) else replace(home, good=None)
        for home in homes
    ]
    size = max(1, int(terms.minutes // terms.visit) - 1)
    groups = neighbourhoods(able, size)
    chosen = choose(able, times, slots, groups, terms, seed=seed, effort=effort)
    say(f"calendar 排期: {sum(map(len, chosen.visits))} visits 次, {len(chosen.left_out)} left 未排")
    walked = _Walked(able, times, slots, terms, chosen)
    walked.fill(able)
    walked.fill([replace(home, good=None) for home in able])  # at another hour is better than not at all
    left = Counter(visit.home for visit in walked.waiting)
    return Plan(walked.rounds(), dict(left), chosen.proven)


class _Walked:
    """The rounds as they are walked, and the visits that still wait for one."""

    def __init__(
        self,
        homes: Sequence[Home],
        times: Sequence[int],
        slots: Sequence[Slot],
        terms: Terms,
        chosen: Chosen,
    ) -> None:
        self.homes, self.times, self.slots, self.terms = homes, times, slots, terms
        self.starts = list(chosen.starts)
        self.waiting = list(chosen.left_out)
        self.walks: list[Walk] = []
        for start, visits in zip(chosen.starts, chosen.visits, strict=True):
            kept = list(visits)
            while (found := walk(homes, [v.home for v in kept], start, terms)) is None:
                self.waiting.append(kept.pop(self._worst(kept, start)))
            self.walks.append(found)

    def _worst(self, visits: Sequence[Visit], start: int) -> int:
        """The visit whose going leaves the shortest walk, or the last one where no single one is enough."""
        ends = []
        for place in range(len(visits)):
            rest = [v.home for i, v in enumerate(visits) if i != place]
            found = walk(self.homes, rest, start, self.terms)
            if found is not None:
                ends.append((found.end, place))
        return min(ends)[1] if ends else len(visits) - 1

    def fill(self, wish: Sequence[Home]) -> None:
        """Put waiting visits where they cost least, those of the most often visited last; ``wish``: their hours."""
        todo, self.waiting = self.waiting, []
        for visit in sorted(todo, key=lambda v: (self.times[v.home], v.part, self.homes[v.home].id)):
            if not self._insert(visit, wish[visit.home]):
                self.waiting.append(visit)

    def _insert(self, visit: Visit, wish: Home) -> bool:
        """Into the round of the visit's part of the month that it makes longest by the least."""
        best: tuple[float, int, int, Walk] | None = None
        homes = [*self.homes]
        homes[visit.home] = wish
        parts = min(self.times[visit.home], len(self.slots))
        for slot in parts_of(len(self.slots), parts)[visit.part]:
            there = self.walks[slot].order
            if visit.home in there or (len(there) + 1) * self.terms.visit > self.terms.minutes:
                continue
            before = self.walks[slot].end - self.starts[slot]
            for start in [self.starts[slot]] if there else self.slots[slot].starts:
                found = walk(homes, [*there, visit.home], start, self.terms)
                if found is not None:
                    offer = (found.end - start - before, slot, start, found)
                    best = offer if best is None or offer[:3] < best[:3] else best
        if best is None:
            return False
        _, slot, start, self.walks[slot] = best
        self.starts[slot] = start
        return True

    def rounds(self) -> list[Round]:
        """Rounds that go anywhere."""
        return [
            Round(slot, self.starts[slot], list(found.order), list(found.arrive), found.metres)
            for slot, found in enumerate(self.walks)
            if found.order
        ]
