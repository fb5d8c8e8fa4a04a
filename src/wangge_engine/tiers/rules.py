"""Rule packs: read, checked, and decided by."""

from __future__ import annotations

import operator
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from wangge_engine.frame.problems import refuse

PACKS = Path(__file__).parent / "packs"
COUNTED = ("cases", "local", "imported", "clusters", "local_share")
SIGNS: dict[str, Callable[[float, float], bool]] = {
    ">": operator.gt, ">=": operator.ge, "<": operator.lt, "<=": operator.le, "==": operator.eq, "!=": operator.ne,
}  # fmt: skip


@dataclass(frozen=True)
class Fact:
    """What is counted, and over how many days up to the date (None: all)."""

    name: str
    count: str
    days: int | None


@dataclass(frozen=True)
class Rule:
    """A colour and the conditions (fact, sign, number) that must all hold."""

    id: str
    colour: str
    when: tuple[tuple[str, str, float], ...]
    zh: str = ""
    en: str = ""

    def holds(self, facts: Mapping[str, float]) -> bool:
        return all(SIGNS[sign](facts[name], value) for name, sign, value in self.when)


@dataclass(frozen=True)
class Pack:
    """A rule pack with its validity."""

    id: str
    valid_from: date
    valid_to: date | None
    source: str
    facts: tuple[Fact, ...]
    rules: tuple[Rule, ...]

    def decide(self, facts: Mapping[str, float]) -> Rule:
        """The first rule that holds; the last one always does."""
        return next(rule for rule in self.rules if rule.holds(facts))

    @property
    def longest(self) -> int:
        """After so many days without a case no fact changes any more."""
        return max((fact.days or 0 for fact in self.facts), default=0)


def pack_names() -> list[str]:
    """The packs that are shipped."""
    return sorted(path.stem for path in PACKS.glob("*.toml"))


def read_pack(told: str) -> Pack:
    """A shipped pack by its name, or a file; refuses one that cannot be decided by, naming the place."""
    path = PACKS / f"{told}.toml" if told in pack_names() else Path(told)
    if not path.is_file():
        names = ", ".join(pack_names())
        raise refuse(
            "no_such_rules", f"没有这个规则包（有：{names}）", f"no such rule pack (shipped: {names})", told
        )
    try:
        body = tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise refuse(
            "bad_rules", "规则包不是合法的 TOML", f"the rule pack is not TOML: {error}", str(path)
        ) from error
    return _checked(body, path)


def _checked(body: dict[str, Any], path: Path) -> Pack:
    def need(sound: object, where: str) -> None:
        if not sound:
            raise refuse("bad_rules", f"规则包有误：{where}", f"the rule pack is wrong: {where}", str(path))

    need(isinstance(body.get("id"), str), "id")
    need(isinstance(body.get("source"), str), "source")
    need(type(body.get("valid_from")) is date, "valid_from")
    need(type(body.get("valid_to", date.max)) is date, "valid_to")
    need(isinstance(body.get("facts"), dict) and body["facts"], "facts")
    need(isinstance(body.get("rule"), list) and body["rule"], "rule")
    facts = []
    for name, told in body["facts"].items():
        need(isinstance(told, dict) and told.get("count") in COUNTED, f"facts.{name}.count")
        days = told.get("days")
        need(days is None or (type(days) is int and 1 <= days <= 3660), f"facts.{name}.days")
        facts.append(Fact(name, told["count"], days))
    known, rules = {fact.name for fact in facts}, []
    for number, told in enumerate(body["rule"], 1):
        where = f"rule {number}"
        need(isinstance(told.get("id"), str) and isinstance(told.get("colour"), str), f"{where}: id, colour")
        need(isinstance(told.get("when"), list), f"{where}: when")
        conditions = []
        for condition in told["when"]:
            need(isinstance(condition, list) and len(condition) == 3, f"{where}: {condition}")
            name, sign, value = condition
            need(name in known and sign in SIGNS and type(value) in (int, float), f"{where}: {condition}")
            conditions.append((name, sign, float(value)))
        words = (str(told.get("zh", "")), str(told.get("en", "")))
        rules.append(Rule(told["id"], told["colour"], tuple(conditions), *words))
    need(not rules[-1].when, "the last rule must have no condition 最后一条规则不能有条件")
    need(len({rule.id for rule in rules}) == len(rules), "two rules of one id")
    return Pack(
        body["id"], body["valid_from"], body.get("valid_to"), body["source"], tuple(facts), tuple(rules)
    )
