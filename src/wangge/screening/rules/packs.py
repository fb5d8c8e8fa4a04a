"""Rule packs: versioned sets of rules as TOML, checked against the laws of the room when they are read.

The laws are checked here, so that no pack can break them: an exposure rule reads exposure facts only (being old,
ill or pregnant never restricts anyone); only exposure rules give red or yellow; a vulnerability rule gives no tier
at all, only a priority of care; no rule rests on identity alone; each rule says in both languages why it fired and
what would change it, using only facts that it read.
"""

from __future__ import annotations

import string
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from hashlib import sha256
from pathlib import Path
from typing import Any

from wangge.kernel.problems import BadInput
from wangge.screening.rules.catalogue import catalogue, kinds
from wangge.screening.rules.language import FactKind, Node, facts_in, parse
from wangge.screening.states import READABLE, TIERS, FactClass, PackKind, Tier

MAX_RULES = 62  # one bit each in a signed 64-bit number
MAX_DAYS = 60
FOLDER = Path(__file__).with_name("packs")


@dataclass(frozen=True, slots=True)
class Said:
    """One sentence in both languages."""

    zh: str
    en: str


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule: when it holds, what it concludes, why, what would change it, until when.

    `expires_after_days` counts from the date fact `expires_from`, or from the day of evaluation where that is empty;
    the finding ends with that day. `task` names the kind of task a finding asks for, `within_hours` its term.
    """

    code: str
    when: str
    condition: Node
    facts: tuple[str, ...]
    tier: Tier | None
    priority: int
    reason: Said
    change: Said
    expires_after_days: int
    expires_from: str
    task: str
    within_hours: int


@dataclass(frozen=True, slots=True)
class Pack:
    """A set of rules of one kind with its source and term. `text` is the TOML itself, `digest` its SHA-256."""

    code: str
    version: str
    kind: PackKind
    title: Said
    source: str
    owner: str
    valid_from: date
    valid_to: date | None
    rules: tuple[Rule, ...]
    text: str
    digest: str

    def valid_on(self, day: date) -> bool:
        """Whether the pack applies on `day`."""
        return self.valid_from <= day and (self.valid_to is None or day <= self.valid_to)

    def rule(self, code: str) -> Rule:
        """The rule called `code`. Raises KeyError."""
        return next(rule for rule in self.rules if rule.code == code)

    @property
    def facts(self) -> tuple[str, ...]:
        """Every fact that some rule of the pack reads."""
        return tuple(dict.fromkeys(name for rule in self.rules for name in rule.facts))


def _refuse(code: str, zh: str, en: str, place: str) -> BadInput:
    return BadInput(code=code, zh=zh, en=en, place=place)


def read_pack(text: str) -> Pack:
    """A pack from its TOML. Raises BadInput naming the pack, the rule and the law it breaks."""
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise _refuse(
            "pack_not_readable", f"规则包不是有效的 TOML：{error}", f"Not valid TOML: {error}", ""
        ) from error
    place = str(data.get("id", "?"))
    kind = PackKind(_field(data, "kind", str, place))
    rows = data.get("rule", [])
    if not rows or len(rows) > MAX_RULES:
        raise _refuse(
            "pack_size",
            f"规则包须有 1 至 {MAX_RULES} 条规则，现有 {len(rows)} 条。",
            f"A pack has 1 to {MAX_RULES} rules; this one has {len(rows)}.",
            place,
        )
    rules = tuple(_rule(row, kind, place) for row in rows)
    codes = [rule.code for rule in rules]
    twice = next((code for code in codes if codes.count(code) > 1), None)
    if twice:
        raise _refuse(
            "rule_twice", f"规则编号“{twice}”出现两次。", f'The rule code "{twice}" stands twice.', place
        )
    pack = Pack(
        code=place,
        version=_field(data, "version", str, place),
        kind=kind,
        title=Said(_field(data, "title_zh", str, place), _field(data, "title_en", str, place)),
        source=_field(data, "source", str, place),
        owner=_field(data, "owner", str, place),
        valid_from=_field(data, "valid_from", date, place),
        valid_to=_field(data, "valid_to", date, place) if "valid_to" in data else None,
        rules=rules,
        text=text,
        digest=sha256(text.encode()).hexdigest(),
    )
    if pack.valid_to is not None and pack.valid_to < pack.valid_from:
        raise _refuse(
            "pack_ends_before_start",
            f"规则包的失效日期 {pack.valid_to} 早于生效日期 {pack.valid_from}。",
            f"The pack ends on {pack.valid_to}, before it starts on {pack.valid_from}.",
            place,
        )
    return pack


def _field(row: Mapping[str, Any], name: str, wanted: type, place: str) -> Any:
    value = row.get(name)
    if not isinstance(value, wanted) or isinstance(value, bool) or value == "":
        raise _refuse(
            "pack_field_missing",
            f"缺少字段“{name}”，或其类型不是 {wanted.__name__}。",
            f'The field "{name}" is missing or is not a {wanted.__name__}.',
            place,
        )
    return value


def _rule(row: Mapping[str, Any], kind: PackKind, pack: str) -> Rule:
    code = _field(row, "code", str, pack)
    place = f"{pack}/{code}"
    condition = parse(_field(row, "when", str, place), kinds(), place=place)
    facts = facts_in(condition)
    tier = Tier(row["tier"]) if "tier" in row else None
    expires_from = str(row.get("expires_from", ""))
    rule = Rule(
        code=code,
        when=" ".join(row["when"].split()),
        condition=condition,
        facts=facts,
        tier=tier,
        priority=int(row.get("priority", 0)),
        reason=Said(_field(row, "reason_zh", str, place), _field(row, "reason_en", str, place)),
        change=Said(_field(row, "change_zh", str, place), _field(row, "change_en", str, place)),
        expires_after_days=_field(row, "expires_after_days", int, place),
        expires_from=expires_from,
        task=str(row.get("task", "")),
        within_hours=int(row.get("within_hours", 0)),
    )
    _check_reading(rule, kind, place)
    _check_conclusion(rule, kind, place)
    _check_sentences(rule, place)
    return rule


def _check_reading(rule: Rule, kind: PackKind, place: str) -> None:
    """Which facts the kind may read, and that identity is never the whole ground."""
    classes = {name: catalogue()[name].fact_class for name in rule.facts}
    for name, fact_class in classes.items():
        if fact_class not in READABLE[kind]:
            raise _refuse(
                "fact_not_for_this_pack",
                f"{kind} 类规则不得读取“{name}”（{fact_class}）：脆弱性只能使照护提前，不能成为限制的依据。",
                f'A rule of kind {kind} may not read "{name}" ({fact_class}): vulnerability brings care forward and '
                "never restricts.",
                place,
            )
    if kind is not PackKind.VULNERABILITY and set(classes.values()) == {FactClass.IDENTITY}:
        raise _refuse(
            "identity_alone",
            "规则不得只凭身份（例如年龄）作出结论，须另有一项事实。",
            "A rule may not conclude from identity (such as age) alone; it needs another fact.",
            place,
        )


def _check_conclusion(rule: Rule, kind: PackKind, place: str) -> None:
    """Tier, priority and term that the kind allows."""
    if kind is PackKind.VULNERABILITY:
        if rule.tier is not None or not 1 <= rule.priority <= 9:
            raise _refuse(
                "vulnerability_has_no_tier",
                "脆弱性规则不得给出等级，只能给出 1 至 9 的照护优先级。",
                "A vulnerability rule gives no tier, only a priority of care from 1 to 9.",
                place,
            )
    elif rule.tier not in TIERS[kind]:
        allowed = "、".join(sorted(TIERS[kind]))
        raise _refuse(
            "tier_not_for_this_pack",
            f"{kind} 类规则只能给出：{allowed}。",
            f"A rule of kind {kind} may give: {', '.join(sorted(TIERS[kind]))}.",
            place,
        )
    if not 1 <= rule.expires_after_days <= MAX_DAYS:
        raise _refuse(
            "term_out_of_range",
            f"结论的有效期须为 1 至 {MAX_DAYS} 天。",
            f"A conclusion stands for 1 to {MAX_DAYS} days.",
            place,
        )
    if rule.expires_from and (
        rule.expires_from not in rule.facts or kinds()[rule.expires_from] is not FactKind.DATE
    ):
        raise _refuse(
            "term_start_not_read",
            f"有效期起点“{rule.expires_from}”须是该规则读取的日期事实。",
            f'The start of the term, "{rule.expires_from}", must be a date fact that the rule reads.',
            place,
        )


def _check_sentences(rule: Rule, place: str) -> None:
    """A sentence may quote only facts that the rule read."""
    for sentence in (rule.reason.zh, rule.reason.en, rule.change.zh, rule.change.en):
        for _, name, _, _ in string.Formatter().parse(sentence):
            if name is not None and name not in rule.facts:
                raise _refuse(
                    "sentence_quotes_unread_fact",
                    f"说明文字引用了规则没有读取的事实“{name}”。",
                    f'A sentence quotes the fact "{name}", which the rule does not read.',
                    place,
                )


@lru_cache(maxsize=1)
def shipped() -> dict[str, Pack]:
    """The packs that come with the product, by code."""
    packs = [read_pack(path.read_text("utf-8")) for path in sorted(FOLDER.glob("*.toml"))]
    return {pack.code: pack for pack in packs}
