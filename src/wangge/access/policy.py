"""Decisions by Cedar: policies are text under `policies/`, owned by whoever answers for data protection.

A diagnostics error means deny: the engine skips a `forbid` that fails to evaluate, which would ALLOW. Decisions
depend on role, act, purpose, whether an emergency is active and on the second factor, nothing else; so each is
made once by the engine and then remembered.
"""

from __future__ import annotations

import json
import logging
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any

import cedarpy

from wangge.access.states import Role
from wangge.kernel.doors import Declaration, declarations
from wangge.kernel.privacy import Privacy

log = logging.getLogger(__name__)

FOLDER = Path(__file__).parent / "policies"
ENTER = "enter"


@dataclass(frozen=True, slots=True)
class Circumstances:
    """What a decision depends on besides the door."""

    role: str
    purpose: str
    emergency: bool
    second_factor: bool


@dataclass(frozen=True, slots=True)
class Decision:
    """May pass or not, which policies said so, and the classes to mask."""

    allowed: bool
    reasons: tuple[str, ...]
    masks: frozenset[Privacy] = frozenset()
    faulty: bool = False


class PolicyBook:
    """The policies of one folder, parsed once, with their own ids."""

    def __init__(self, folder: Path = FOLDER) -> None:
        self._folder = folder

    @cached_property
    def _parsed(self) -> tuple[cedarpy.PolicySet, dict[str, frozenset[Privacy]]]:
        text = "\n".join(path.read_text("utf-8") for path in sorted(self._folder.glob("*.cedar")))
        return parse(text)

    @property
    def policies(self) -> cedarpy.PolicySet:
        return self._parsed[0]

    @property
    def masks(self) -> dict[str, frozenset[Privacy]]:
        return self._parsed[1]


def parse(text: str) -> tuple[cedarpy.PolicySet, dict[str, frozenset[Privacy]]]:
    """Parse policy text; give each policy the id in its @id, and its obligations.

    Raises ValueError for a policy without an @id, with one that is taken, with an unknown obligation, or with
    `action ==` a verb, which no door would ever meet.
    """
    book = json.loads(cedarpy.policies_to_json_str(text))
    named: dict[str, Any] = {}
    masks: dict[str, frozenset[Privacy]] = {}
    for policy in book["staticPolicies"].values():
        annotations = policy.get("annotations", {})
        name = annotations.get("id")
        if not name or name in named:
            raise ValueError(f"a policy needs an @id of its own: {name!r}")
        if policy["action"].get("op") == "==" and policy["action"]["entity"]["id"] != ENTER:
            raise ValueError(f"{name}: say `action in`, not `action ==`: a verb is a group of doors")
        named[name] = policy
        masks[name] = _masks(annotations.get("obligation", ""))
    book["staticPolicies"] = named
    return cedarpy.PolicySet.from_json_str(json.dumps(book)), masks


def _masks(obligation: str) -> frozenset[Privacy]:
    if not obligation:
        return frozenset()
    kind, _, classes = obligation.partition(":")
    if kind != "mask":
        raise ValueError(f"unknown obligation: {obligation!r}")
    return frozenset(Privacy(c.strip()) for c in classes.split(","))


def entities(known: tuple[Declaration, ...]) -> str:
    """Roles, acts and nouns as Cedar entities: a door's act is in its verb and in the wider read or write."""
    things: list[dict[str, Any]] = [
        {"uid": {"type": "Role", "id": role.value}, "attrs": {}, "parents": []} for role in Role
    ]
    verbs: dict[str, set[str]] = {ENTER: set()}
    nouns: set[str] = {"house"}
    for declaration in known:
        nouns.add(declaration.noun)
        narrow, *wide = declaration.verbs
        verbs.setdefault(narrow, set()).update(wide)
        for verb in wide:
            verbs.setdefault(verb, set())
        # each ancestor is named: without a schema Cedar does not follow action parents further up
        verbs[declaration.name] = set(declaration.verbs)
    things += [
        {
            "uid": {"type": "Action", "id": v},
            "attrs": {},
            "parents": [{"type": "Action", "id": p} for p in sorted(up)],
        }
        for v, up in sorted(verbs.items())
    ]
    things += [{"uid": {"type": "Noun", "id": n}, "attrs": {}, "parents": []} for n in sorted(nouns)]
    return json.dumps(things)


class Judge:
    """Asks Cedar, and remembers."""

    def __init__(self, book: PolicyBook | None = None) -> None:
        self._book = book or PolicyBook()
        self._known: tuple[Declaration, ...] = ()
        self._entities: cedarpy.Entities | None = None
        self.decide = lru_cache(maxsize=50_000)(self._decide)

    def _world(self) -> cedarpy.Entities:
        known = declarations()
        if self._entities is None or len(known) != len(self._known):
            self._known = known
            self._entities = cedarpy.Entities.from_json_str(entities(known))
        return self._entities

    def _decide(self, action: str, noun: str, facts: Circumstances) -> Decision:
        request = {
            "principal": f'Role::"{facts.role}"',
            "action": f'Action::"{action}"',
            "resource": f'Noun::"{noun}"',
            "context": {
                "purpose": facts.purpose,
                "emergency": facts.emergency,
                "second_factor": facts.second_factor,
            },
        }
        result = cedarpy.is_authorized(request, self._book.policies, self._world())
        if result.diagnostics.errors:
            log.error("policy error, so denied: %s %s", action, result.diagnostics.errors)
            return Decision(False, tuple(result.diagnostics.reasons), faulty=True)
        reasons = tuple(sorted(result.diagnostics.reasons))
        if not result.allowed:
            return Decision(False, reasons)
        masks = [self._book.masks[r] for r in reasons]
        return Decision(True, reasons, frozenset.intersection(*masks) if masks else frozenset())


judge = Judge()
