"""Which questions may be asked, what follows from what is held, and how an answer looks."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from typing import Any

LEAST_WORDS = 4  # characters of a purpose or a legal basis that says something
REASON_LEAST = 10
TEXT_MOST = 500
CODE = re.compile(r"[a-z][a-z0-9_]{0,39}")
_EMPTY = frozenset(
    {"无", "暂无", "不详", "待补", "待补充", "工作需要", "n/a", "none", "test", "测试", "-", "--", "/"}
)
NEVER_ASKED = frozenset({"record_id", "person_ref", "recorded_on"})

# What need not be asked because it follows: any one of the groups, all of it held. The identity number carries birth
# and sex (GB 11643); age is birth and today; the grid is where the dwelling lies.
FOLLOWS: Mapping[str, tuple[tuple[str, ...], ...]] = {
    "birth": (("id_no",),),
    "sex": (("id_no",),),
    "age": (("birth",), ("id_no",)),
    "grid_code": (("address",),),
}
AGE = frozenset({"age", "年龄", "周岁", "岁数", "实足年龄"})


def says_nothing(text: str) -> bool:
    """Whether a purpose or basis is too short, or a word that says nothing."""
    bare = "".join(text.split())
    return len(bare) < LEAST_WORDS or bare.lower() in _EMPTY


def refusal_of(
    purpose: str, basis: str, forbidden: tuple[str, str] | None, field: str = "", medium: str = ""
) -> tuple[str, str, str] | None:
    """Why a question is not asked (code, Chinese, English); None when it may be. What is forbidden comes first."""
    if forbidden is not None:
        zh, en = forbidden
        return (
            "forbidden",
            f"不得采集{zh}：任何表单都不能有此题，说明用途也不行。",
            f"Nobody may ask for {en}: no form may hold this question, whatever its purpose.",
        )
    if medium:
        return (
            "medium_refused",
            "不以表单采集照片、录音、录像、位置或轨迹。",
            "Pictures, sound, positions and tracks are not collected by a form.",
        )
    if field in NEVER_ASKED:
        return (
            "not_for_people",
            "此字段由系统填写，不向居民提问。",
            "The system fills this field in; people are not asked for it.",
        )
    if says_nothing(purpose):
        return (
            "purpose_missing",
            f"未写明用途：请说明采集后用来做什么（至少 {LEAST_WORDS} 字）。",
            f"It names no purpose: say what the answer is used for (at least {LEAST_WORDS} characters).",
        )
    if says_nothing(basis):
        return (
            "basis_missing",
            f"未写明法律依据：请写明法律法规及条款（至少 {LEAST_WORDS} 字）。",
            f"It names no legal basis: name the law and article (at least {LEAST_WORDS} characters).",
        )
    return None


def answer_fault(kind: str, choices: tuple[str, ...], value: Any) -> bool:
    """Whether an answer cannot be taken as it is. What it means is judged with the batch, like any row."""
    if kind == "yes_no":
        return value not in ("yes", "no")
    if kind == "one":
        return value not in choices
    if not isinstance(value, str) or not value.strip() or len(value) > TEXT_MOST:
        return True
    if kind == "number":
        return re.fullmatch(r"-?\d{1,12}(\.\d{1,6})?", value.strip()) is None
    if kind == "date":
        try:
            date.fromisoformat(value.strip())
        except ValueError:
            return True
    return False
