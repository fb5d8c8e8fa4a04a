"""Acceptance rules: CertLogic with description, affected fields, validity and tests of their own.

A rule sees the status, never the person: `payload` has colour, rulePack, issuer, form, notBefore and expires;
`external` has validationClock. Initials, birthday and id are not among its data.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from wangge_credential import certlogic
from wangge_credential.claims import Claims
from wangge_credential.instants import read_instant, show_instant
from wangge_credential.problems import Problem, Refused

FIELDS = ("colour", "rulePack", "issuer", "form", "notBefore", "expires")
KEYS = {"id", "version", "description", "affected", "from", "until", "engine", "logic", "tests"}


@dataclass(frozen=True, slots=True)
class Rule:
    """One acceptance rule, in force from `start` until before `end`."""

    id: str
    version: str
    zh: str
    en: str
    affected: tuple[str, ...]
    start: int
    end: int
    logic: Any

    def accepts(self, data: Mapping[str, Any]) -> bool:
        """Whether the rule is met; a rule that cannot be applied is not."""
        try:
            return certlogic.truth(certlogic.evaluate(self.logic, data))
        except certlogic.RuleError:
            return False


def data_of(claims: Claims, at: int) -> dict[str, Any]:
    """What a rule may look at."""
    payload = {
        "colour": claims.colour.value,
        "rulePack": claims.rule_pack,
        "issuer": claims.issuer,
        "form": claims.form.value,
        "notBefore": show_instant(claims.not_before),
        "expires": show_instant(claims.expires),
    }
    return {"payload": payload, "external": {"validationClock": show_instant(at)}}


def _paths(logic: Any) -> Iterable[str]:
    if isinstance(logic, Mapping):
        for key, value in logic.items():
            if key == "var" and isinstance(value, str):
                yield value
            else:
                yield from _paths(value)
    elif isinstance(logic, list):
        for value in logic:
            yield from _paths(value)


def read_rule(body: Any) -> Rule:
    """A rule from its JSON form; refuses unknown or missing parts, and fields named that its logic does not read."""
    place = str(body.get("id", "?"))[:40] if isinstance(body, Mapping) else "?"
    try:
        if set(body) != KEYS or body["engine"] != "CertLogic":
            raise Refused("rule", "规则的组成不对", "the rule has unknown or missing parts", place)
        affected = tuple(body["affected"])
        start, end = read_instant(body["from"]), read_instant(body["until"])
        rule = Rule(
            str(body["id"]),
            str(body["version"]),
            str(body["description"]["zh"]),
            str(body["description"]["en"]),
            affected,
            start,
            end,
            body["logic"],
        )
    except Problem as problem:
        raise Refused(problem.code, problem.zh, problem.en, place) from problem
    except (KeyError, TypeError, AttributeError) as error:
        raise Refused("rule", "规则的组成不对", "the rule has unknown or missing parts", place) from error
    if not rule.start < rule.end:
        raise Refused("rule_period", "规则的失效时间不晚于生效时间", "the rule ends before it begins", place)
    read = {path.removeprefix("payload.") for path in _paths(rule.logic) if path.startswith("payload.")}
    if read != set(affected) or not read <= set(FIELDS):
        raise Refused(
            "affected",
            "规则所列字段与其表达式读取的不一致",
            "the fields the rule names are not those its logic reads",
            place,
        )
    return rule


def run_tests(body: Mapping[str, Any]) -> int:
    """Run the tests a rule carries; refuses a rule without any, or without one that it accepts and one that not."""
    rule = read_rule(body)
    seen: set[bool] = set()
    for test in body["tests"]:
        place = f"{rule.id}, {str(test.get('name', '?'))[:40]}" if isinstance(test, Mapping) else rule.id
        try:
            data = {"payload": test["payload"], "external": {"validationClock": test["at"]}}
            expected = test["expected"]
        except (KeyError, TypeError) as error:
            raise Refused(
                "rule_test", "规则的测试不完整", "a test of the rule is incomplete", place
            ) from error
        if rule.accepts(data) is not expected:
            raise Refused("rule_test", "规则未通过自己的测试", "the rule fails a test of its own", place)
        seen.add(expected)
    if seen != {True, False}:
        raise Refused(
            "rule_test",
            "规则至少要有一个接受和一个拒绝的测试",
            "a rule needs a test it accepts and one it refuses",
            rule.id,
        )
    return len(body["tests"])
