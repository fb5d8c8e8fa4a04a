"""Rule packs: which meeting makes a contact, as data with version, source and dates; a city can write its own."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from wangge_engine.frame.problems import Problem, Refused, refuse

FOLDER = Path(__file__).with_name("packs")
KINDS = ("venue", "household", "train", "flight", "coach", "ship", "ward", "class")
CLASSES = ("close_contact", "general_contact")
WITHIN = ("place", "household", "carriage", "compartment", "bay", "rows", "crew")
COUNTED = ("single", "day")
CREW = ("crew", "staff", "乘务", "乘务员", "乘务人员", "机组", "空乘", "列车员", "司机", "船员", "驾乘")


@dataclass(frozen=True)
class Rule:
    """One rule. ``reach``: rows or bays to either side. ``counted``: single stays, or all of a local day together.

    ``without_compartments``: holds only where not both state a compartment. ``open_without``: where neither states a
    compartment there is none, and the rule is not for them (else it is unknown).
    """

    id: str
    kind: str
    contact_class: str
    within: str
    minutes: float
    counted: str
    reach: int
    without_compartments: bool
    open_without: bool
    zh: str
    en: str

    @property
    def unknown_suffix(self) -> str:
        return ".household_unknown" if self.within == "household" else ".seat_unknown"


@dataclass(frozen=True)
class Pack:
    """A versioned set of rules with its source."""

    id: str
    version: str
    title_zh: str
    title_en: str
    source: str
    valid_from: date
    window_hours: float
    crew: tuple[str, ...]
    rules: tuple[Rule, ...]

    def of(self, kind: str) -> tuple[Rule, ...]:
        """The rules for a kind of place, from near to wide."""
        return tuple(rule for rule in self.rules if rule.kind == kind)

    @property
    def kinds(self) -> tuple[str, ...]:
        return tuple(kind for kind in KINDS if self.of(kind))


def shipped() -> list[str]:
    """Names of the packs that come with the product."""
    return sorted(path.stem for path in FOLDER.glob("*.toml"))


def read_pack(name: str) -> Pack:
    """A shipped pack by its name, or a TOML file. Raises Refused with every fault and its place."""
    path = FOLDER / f"{name}.toml"
    if name not in shipped():
        path = Path(name)
    if not path.is_file():
        raise refuse(
            "no_such_rules",
            f"没有规则包 {name}（自带：{'、'.join(shipped())}）",
            f"no rule pack {name} (shipped: {', '.join(shipped())})",
            "--rules",
        )
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise refuse(
            "bad_toml", f"不是有效的 TOML：{error}", f"not valid TOML: {error}", path.name
        ) from error
    return _Reader(path.name).pack(data)


class _Reader:
    """Collects what is wrong, with its place, so that a whole pack can be mended at once."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.problems: list[Problem] = []

    def wrong(self, code: str, zh: str, en: str, place: str) -> None:
        self.problems.append(Problem(code, zh, en, f"{self.file}, {place}"))

    def pack(self, data: Mapping[str, Any]) -> Pack:
        top = {"id", "version", "title_zh", "title_en", "source", "valid_from", "rule"}
        self._keys(data, top, {"window_before_onset_hours", "crew", "note"}, "top")
        for name in ("id", "version", "title_zh", "title_en", "source"):
            if name in data and (not isinstance(data[name], str) or not data[name].strip()):
                self.wrong("bad_value", f"{name} 应为文字", f"{name} must be text", name)
        if not isinstance(data.get("valid_from", date.min), date):
            self.wrong("bad_value", "valid_from 应为日期", "valid_from must be a date", "valid_from")
        window = data.get("window_before_onset_hours", 48)
        if isinstance(window, bool) or not isinstance(window, int | float) or not 0 <= window <= 24 * 60:
            self.wrong(
                "bad_value",
                "window_before_onset_hours 为 0 至 1440",
                "window_before_onset_hours is 0 to 1440",
                "window_before_onset_hours",
            )
        crew = data.get("crew", list(CREW))
        if not isinstance(crew, list) or not all(isinstance(word, str) and word for word in crew):
            self.wrong("bad_value", "crew 应为文字列表", "crew must be a list of texts", "crew")
        rows = data.get("rule", [])
        if not isinstance(rows, list) or not rows or not all(isinstance(row, dict) for row in rows):
            self.wrong("no_rules", "至少需要一条 [[rule]]", "at least one [[rule]] is needed", "rule")
            rows = []
        rules = [self._rule(row, number) for number, row in enumerate(rows, 1)]
        told = [rule.id for rule in rules if rule]
        for twice in sorted({one for one in told if told.count(one) > 1}):
            self.wrong("repeated_id", f"规则 {twice} 出现多次", f"rule {twice} stands twice", f"rule {twice}")
        if self.problems:
            raise Refused(*self.problems)
        return Pack(
            id=data["id"],
            version=data["version"],
            title_zh=data["title_zh"],
            title_en=data["title_en"],
            source=data["source"],
            valid_from=data["valid_from"],
            window_hours=window,
            crew=tuple(word.upper() for word in crew),
            rules=tuple(rule for rule in rules if rule),
        )

    def _keys(self, data: Mapping[str, Any], needed: set[str], may: set[str], place: str) -> bool:
        for name in sorted(needed - set(data)):
            self.wrong("missing_key", f"缺少 {name}", f"{name} is missing", place)
        for name in sorted(set(data) - needed - may):
            self.wrong("unknown_key", f"没有 {name} 这一项", f"there is no {name}", place)
        return needed <= set(data)

    def _rule(self, row: Mapping[str, Any], number: int) -> Rule | None:
        place = f"rule {number}" + (f" ({row['id']})" if isinstance(row.get("id"), str) else "")
        needed = {"id", "kind", "class", "within", "zh", "en"}
        may = {
            "minutes",
            "counted",
            "rows",
            "bays",
            "without_compartments",
            "no_compartment_means_open",
            "note",
        }
        before = len(self.problems)
        if not self._keys(row, needed, may, place):
            return None
        for name, allowed in (("kind", KINDS), ("class", CLASSES), ("within", WITHIN), ("counted", COUNTED)):
            if row.get(name, "single") not in allowed:
                self.wrong(
                    "bad_value",
                    f"{name} 只能是 {'、'.join(allowed)}",
                    f"{name} is one of {', '.join(allowed)}",
                    place,
                )
        for name in ("id", "zh", "en"):
            if not isinstance(row[name], str) or not row[name].strip():
                self.wrong("bad_value", f"{name} 应为文字", f"{name} must be text", place)
        minutes = row.get("minutes", 0)
        if isinstance(minutes, bool) or not isinstance(minutes, int | float) or not 0 <= minutes <= 100_000:
            self.wrong("bad_value", "minutes 为 0 至 100000", "minutes is 0 to 100000", place)
        reach = self._reach(row, place)
        for name in ("without_compartments", "no_compartment_means_open"):
            if not isinstance(row.get(name, False), bool):
                self.wrong("bad_value", f"{name} 为 true 或 false", f"{name} is true or false", place)
        if len(self.problems) > before:
            return None
        return Rule(
            id=row["id"],
            kind=row["kind"],
            contact_class=row["class"],
            within=row["within"],
            minutes=float(minutes),
            counted=row.get("counted", "single"),
            reach=reach,
            without_compartments=row.get("without_compartments", False),
            open_without=row.get("no_compartment_means_open", False),
            zh=row["zh"],
            en=row["en"],
        )

    def _reach(self, row: Mapping[str, Any], place: str) -> int:
        """Rows or bays to either side."""
        reach: Any = 0
        for name, owner, most in (("rows", "rows", 50), ("bays", "bay", 20)):
            if row["within"] == owner:
                reach = row.get(name, 1 if name == "bays" else None)
                if isinstance(reach, bool) or not isinstance(reach, int) or not 0 <= reach <= most:
                    self.wrong("bad_value", f"{name} 为 0 至 {most}", f"{name} is 0 to {most}", place)
                    reach = 0
            elif name in row:
                self.wrong(
                    "unknown_key", f"只有 {owner} 才有 {name}", f"{name} belongs to {owner} only", place
                )
        return int(reach)
