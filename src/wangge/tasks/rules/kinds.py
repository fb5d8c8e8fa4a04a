"""Kinds of task as data, and deadlines."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from importlib.resources import files

from wangge.kernel.problems import BadInput


@dataclass(frozen=True, slots=True)
class TaskKind:
    """What a kind of task is called, its form, and how many hours it may take."""

    code: str
    zh: str
    en: str
    form: str
    hours: int
    urgent: bool


@cache
def shipped_kinds() -> Mapping[str, TaskKind]:
    """The kinds in ``data/kinds.toml``."""
    text = files("wangge.tasks").joinpath("data/kinds.toml").read_text("utf-8")
    return {entry["code"]: TaskKind(**entry) for entry in tomllib.loads(text)["kind"]}


def kind_named(code: str) -> TaskKind:
    """A kind by code. Raises BadInput for an unknown one."""
    kinds = shipped_kinds()
    if code not in kinds:
        raise BadInput(
            code="task_kind_unknown",
            zh=f"没有任务类型“{code}”；可用：{'、'.join(kinds)}。",
            en=f'There is no kind of task "{code}"; there are {", ".join(kinds)}.',
        )
    return kinds[code]


def check_deadline(deadline_at: datetime, now: datetime, place: str = "") -> None:
    """Raise BadInput for a deadline without zone or in the past: nobody can meet it."""
    if deadline_at.tzinfo is None:
        raise BadInput(
            code="deadline_without_zone",
            zh="期限缺少时区。",
            en="The deadline has no time zone.",
            place=place,
        )
    if deadline_at <= now:
        raise BadInput(
            code="deadline_in_the_past",
            zh=f"期限 {deadline_at:%Y-%m-%d %H:%M} 已过，请设定今后的时间。",
            en=f"The deadline {deadline_at:%Y-%m-%d %H:%M} is in the past; set one that lies ahead.",
            place=place,
        )


def default_deadline(kind: TaskKind, now: datetime) -> datetime:
    """The deadline when nobody names one."""
    return now + timedelta(hours=kind.hours)
