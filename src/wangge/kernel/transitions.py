"""State machines as data: which verb leads from which state to which, by whom.

One table serves four readers: the action that applies it, the page that asks which buttons to show, the
documentation that draws it, and the test that walks it. Nothing here knows what a state means.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Generic, TypeVar

from wangge.kernel.problems import Conflict, Refused

S = TypeVar("S", bound=StrEnum)


@dataclass(frozen=True, slots=True)
class State(Generic[S]):
    """One state. ``owner`` is the role that must act next; ``settled`` means nobody is waited for."""

    code: S
    zh: str
    en: str
    owner: str
    settled: bool = False


@dataclass(frozen=True, slots=True)
class Transition(Generic[S]):
    """One permitted step. ``reason`` says that the actor must give one in words."""

    source: S
    verb: str
    target: S
    roles: frozenset[str] = field(default_factory=frozenset)
    zh: str = ""
    en: str = ""
    reason: bool = False

    def allows(self, role: str | None) -> bool:
        """Whether ``role`` may take this step; no role asked means any, no roles listed means all."""
        return role is None or not self.roles or role in self.roles


def steps_from(
    sources: Iterable[S],
    verb: str,
    target: S,
    *,
    roles: Iterable[str] = (),
    zh: str = "",
    en: str = "",
    reason: bool = False,
) -> tuple[Transition[S], ...]:
    """The same verb from several states to one."""
    return tuple(Transition(source, verb, target, frozenset(roles), zh, en, reason) for source in sources)


class TransitionTable(Generic[S]):
    """A checked, immutable state machine.

    Building it fails (``ValueError``) when a state is unreachable, when a verb is ambiguous, when a state
    waits for somebody but has no way out, or when a state has no owner.
    """

    def __init__(
        self, name: str, *, initial: S, states: Iterable[State[S]], transitions: Iterable[Transition[S]]
    ) -> None:
        self.name = name
        self.initial = initial
        self.states: Mapping[S, State[S]] = {state.code: state for state in states}
        self.transitions: tuple[Transition[S], ...] = tuple(transitions)
        self._by_source: dict[S, dict[str, Transition[S]]] = defaultdict(dict)
        for transition in self.transitions:
            for code in (transition.source, transition.target):
                if code not in self.states:
                    raise ValueError(f"{name}: transition {transition.verb} names unknown state {code}")
            verbs = self._by_source[transition.source]
            if transition.verb in verbs:
                raise ValueError(f"{name}: {transition.verb} from {transition.source} is ambiguous")
            verbs[transition.verb] = transition
        self._check()

    def _check(self) -> None:
        for code, state in self.states.items():
            if not state.owner:
                raise ValueError(f"{self.name}: state {code} has no owner")
            if not state.settled and not self._by_source.get(code):
                raise ValueError(f"{self.name}: state {code} waits for somebody and has no way out")
        lost = set(self.states) - self.reachable()
        if lost:
            raise ValueError(f"{self.name}: unreachable states {sorted(lost)}")

    @property
    def verbs(self) -> tuple[str, ...]:
        """Every verb, in the order of the table, once."""
        return tuple(dict.fromkeys(transition.verb for transition in self.transitions))

    @property
    def settled(self) -> frozenset[S]:
        """States in which nobody is waited for."""
        return frozenset(code for code, state in self.states.items() if state.settled)

    def reachable(self) -> set[S]:
        """States that some sequence of steps reaches from the initial one."""
        seen, frontier = {self.initial}, [self.initial]
        while frontier:
            for transition in self._by_source.get(frontier.pop(), {}).values():
                if transition.target not in seen:
                    seen.add(transition.target)
                    frontier.append(transition.target)
        return seen

    def is_final(self, state: S) -> bool:
        """A settled state with no way out."""
        return not self._by_source.get(state)

    def steps(self, state: S, role: str | None = None) -> tuple[Transition[S], ...]:
        """What ``role`` may do in ``state`` (any role when none is asked)."""
        return tuple(step for step in self._by_source.get(state, {}).values() if step.allows(role))

    def may(self, state: S, verb: str, role: str | None = None) -> bool:
        """Whether ``verb`` leads anywhere from ``state`` for ``role``."""
        step = self._by_source.get(state, {}).get(verb)
        return step is not None and step.allows(role)

    def step(self, state: S, verb: str, *, role: str | None = None, reason: str | None = "") -> Transition[S]:
        """The permitted step, or a bilingual refusal.

        ``Conflict``: the verb does not exist in this state (somebody else was faster, or it is too early).
        ``Refused``: the role may not, or a required reason is missing; ``reason=None`` skips that check.
        """
        step = self._by_source.get(state, {}).get(verb)
        here = self.states[state]
        if step is None:
            offered = self.steps(state)
            word = self._word(verb)
            zh = f"可执行：{'、'.join(s.zh or s.verb for s in offered)}。" if offered else "已无后续操作。"
            en = (
                f"possible: {', '.join(s.en or s.verb for s in offered)}."
                if offered
                else "nothing can follow."
            )
            raise Conflict(
                code=f"{self.name}_not_from_here",
                zh=f"当前状态为“{here.zh}”，不能执行“{word[0]}”；{zh}",
                en=f"The state is “{here.en}”, where one cannot {word[1]}; {en}",
            )
        if not step.allows(role):
            raise Refused(
                code=f"{self.name}_wrong_role",
                zh=f"您的岗位不能执行“{step.zh or verb}”；由以下岗位执行：{'、'.join(sorted(step.roles))}。",
                en=f"Your role cannot {step.en or verb}; these can: {', '.join(sorted(step.roles))}.",
            )
        if step.reason and reason is not None and not reason.strip():
            raise Refused(
                code=f"{self.name}_reason_missing",
                zh=f"“{step.zh or verb}”必须写明原因。",
                en=f"Give a reason to {step.en or verb}.",
            )
        return step

    def apply(self, state: S, verb: str, *, role: str | None = None, reason: str | None = "") -> S:
        """The state that ``verb`` leads to; errors as in :meth:`step`."""
        return self.step(state, verb, role=role, reason=reason).target

    def _word(self, verb: str) -> tuple[str, str]:
        for transition in self.transitions:
            if transition.verb == verb:
                return transition.zh or verb, transition.en or verb
        return verb, verb

    def diagram(self) -> str:
        """The table as a Mermaid state diagram, Chinese words first."""
        lines = ["stateDiagram-v2"]
        lines += [f'  state "{state.zh} {state.en}" as {code.value}' for code, state in self.states.items()]
        lines.append(f"  [*] --> {self.initial.value}")
        lines += [
            f"  {t.source.value} --> {t.target.value}: {t.zh or t.verb} {t.en or t.verb}"
            for t in self.transitions
        ]
        lines += [f"  {code.value} --> [*]" for code in self.states if self.is_final(code)]
        return "\n".join(lines) + "\n"

    def listing(self) -> str:
        """The table as Markdown: states with their owners, then steps."""
        lines = ["| 状态 | state | 由谁办理 owner | |", "|---|---|---|---|"]
        for code, state in self.states.items():
            mark = "终止 final" if self.is_final(code) else ("已了结 settled" if state.settled else "")
            lines.append(f"| {state.zh} | `{code.value}` {state.en} | {state.owner} | {mark} |")
        lines += [
            "",
            "| 从 from | 操作 verb | 到 to | 岗位 roles | 须写原因 reason |",
            "|---|---|---|---|---|",
        ]
        for t in self.transitions:
            roles = ", ".join(sorted(t.roles)) or "any"
            lines.append(
                f"| `{t.source.value}` | {t.zh} `{t.verb}` | `{t.target.value}` | {roles} |"
                f" {'是 yes' if t.reason else ''} |"
            )
        return "\n".join(lines) + "\n"
